"""`make demo-resume`: curl, wget and aria2 are killed at 30 % of 300 MB, and go on after their URL has died.

It has a stack of its own, whose signed URLs live for seconds: nobody watches the hour that they live.
Otherwise the 300 MB were in everybody's catalogue, and `make up` had to write them.
"""

import asyncio
import hashlib
import re
import shlex
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from newsreel_local.journey import Addresses, Journey
from newsreel_local.large_file import make_large_video
from newsreel_local.paths import LocalDir
from newsreel_local.process import Command, StartError, run_to_end
from newsreel_local.stack import RunningStack, running_stack
from newsreel_local.visitor import Page, PageError

SIZE = 300_000_000
_URL_SECONDS = 4
_KILLED_AT = 0.3
_PATIENCE = 60.0  # seconds
# Slow enough to be killed on the way, before the signed URL dies.
_SLOWLY = {
    "curl": ("--limit-rate", "60M", "--silent"),
    "wget": ("--limit-rate=60m", "--quiet"),
    "aria2c": ("--max-overall-download-limit=60M", "--file-allocation=none", "--quiet"),
}
_LINE = re.compile(r"\b((?:curl|wget|aria2c) --\S.*? https?://\S+/t/\S+)")


class ResumeError(RuntimeError):
    """A download did not come out as it should; the message says which and how."""


@dataclass(frozen=True)
class Shown:
    """What the page of a link for programs shows, and the folder to save in."""

    lines: dict[str, list[str]]
    url: str
    sha256: str
    folder: Path


async def _import(stack: RunningStack, folder: Path) -> None:
    argv = [sys.executable, "-m", "newsreel_runtime.command", "catalog", "import", str(folder)]
    await run_to_end(Command(argv, log=stack.local.log("large"), environment=stack.layout.process("catalog")))


async def _link(client: httpx.AsyncClient, addresses: Addresses, file: Path) -> Shown:
    """Register, sign in, and press the button beside the large file."""
    person = Journey(client, addresses)
    await person.registered()
    page = await person.link_for_programs(await _video_of(person, file.name))
    lines = {line.split()[0]: shlex.split(line) for line in _LINE.findall(page.text)}
    if lines.keys() != _SLOWLY.keys():
        raise ResumeError(f"the page has lines for {sorted(lines)}: {page.text[:300]}")
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    if sha256 not in page.text:
        raise ResumeError("the page does not say the file's sha256")
    return Shown(lines, lines["curl"][-1], sha256, file.parent)


async def _video_of(person: Journey, name: str) -> Page:
    """The page on which the file is offered, as soon as it is there and delivery knows it."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            for link in dict.fromkeys((await person.visitor.visit("/")).links):
                if link.startswith("/videos/") and name in (page := await person.visitor.visit(link)).text:
                    return page
            await asyncio.sleep(0.5)


async def _show(client: httpx.AsyncClient, shown: Shown, program: str) -> str:
    """Begin at a signed URL, be killed, wait until it is over, go on with the page's line. What to tell."""
    url = await _signed_url(client, shown.url)
    line = shown.lines[program]
    name = next(word for word in line if word.endswith(".mp4")).rpartition("=")[2]
    folder = shown.folder / program
    folder.mkdir()
    file = folder / name
    await _killed([program, *_SLOWLY[program], *line[1:-1], url], file)
    had = _on_disk(file)

    async def is_over() -> bool:
        return (await client.head(url)).status_code == httpx.codes.GONE

    await _until(is_over)
    began = time.perf_counter()
    ended = await create_subprocess_exec(*line, cwd=folder, stdout=DEVNULL, stderr=PIPE)
    _, said = await ended.communicate()
    if ended.returncode != 0:
        raise ResumeError(f"{program} ended with {ended.returncode}: {said.decode(errors='replace')[-300:]}")
    took = time.perf_counter() - began
    if await asyncio.to_thread(_sha256, file) != shown.sha256:
        raise ResumeError(f"{program} has another file than was published")
    return f"killed at {had / SIZE:.0%}, URL over (410), went on at the ticket in {took:.1f} s: same sha256"


async def _signed_url(client: httpx.AsyncClient, ticket: str) -> str:
    """One that works: its times are whole seconds, so one of the second of signing up counts as older."""
    found = ""

    async def works() -> bool:
        nonlocal found
        found = (await client.get(ticket, headers={"Accept": "application/json"})).json()["url"]
        return (await client.head(found)).status_code == httpx.codes.OK

    await _until(works)
    return found


async def _killed(argv: list[str], file: Path) -> None:
    """Run it until 30 % are on the disk, then SIGKILL."""
    process = await create_subprocess_exec(*argv, cwd=file.parent, stdout=DEVNULL, stderr=DEVNULL)

    async def is_on_its_way() -> bool:
        return process.returncode is not None or _on_disk(file) >= _KILLED_AT * SIZE

    await _until(is_on_its_way)
    if process.returncode is not None:
        raise ResumeError(f"{argv[0]} ended by itself, with {process.returncode}")
    process.kill()
    await process.wait()


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


def _on_disk(file: Path) -> int:
    return file.stat().st_blocks * 512 if file.exists() else 0


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


async def _every(folder: LocalDir) -> None:
    life = {"NEWSREEL_DELIVERY_URL_SECONDS": str(_URL_SECONDS)}
    print(f"a stack of its own starts, whose signed URLs live for {_URL_SECONDS} s …", flush=True)
    async with running_stack(folder.root, environment=life) as stack:
        file = await asyncio.to_thread(make_large_video, folder.root / "large", SIZE)
        await _import(stack, folder.root / "large")
        origin = stack.ports.origin
        addresses = Addresses(origin("edge"), origin("mailbox"), origin("traces"))
        async with httpx.AsyncClient(timeout=30) as client:
            shown = await _link(client, addresses, file)
            print(f"{file.name}, {SIZE} bytes, sha256 {shown.sha256}", flush=True)
            for program in _here():
                print(f"{program:<7} {await _show(client, shown, program)}", flush=True)


def _here() -> Iterator[str]:
    for program in _SLOWLY:
        if shutil.which(program):
            yield program
        else:
            print(f"{program:<7} skipped: it is not here (Debian: apt install curl wget aria2)", flush=True)


def main() -> int:
    """Exit code 0 and `demo-resume: ok`, or one line that says what went wrong."""
    folder = LocalDir.of_environment().root / "demo-resume"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        asyncio.run(_every(LocalDir.made(folder)))
    except (ResumeError, StartError, PageError, TimeoutError) as error:
        print(f"demo-resume: failed: {str(error) or 'nothing came for a minute'}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("demo-resume: ok")
    return 0
