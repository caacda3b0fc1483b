"""curl, wget and aria2, for real, with the lines that the page shows: killed, resumed, the same bytes."""

import asyncio
import hashlib
import random
import shutil
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_shell
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import httpx
import pytest

from newsreel_testing.delivery_service import Delivery
from newsreel_testing.edges import Edge
from newsreel_testing.portal import Portal
from newsreel_testing.wait_until import until
from portal.domain.downloads import File, NewTicket
from portal.domain.shell_lines import shell_lines

NAME = "Конференція №4, it's 100% + more.mp4"
SIZE = 24_000_000
CONTENT = random.Random(4).randbytes(SIZE)
# What makes each slow enough to be killed on its way, and what it is called.
SLOWLY = {
    "curl": "curl --limit-rate 8M",
    "wget": "wget --limit-rate=8m",
    "aria2": "aria2c --max-overall-download-limit=8M --file-allocation=none --min-split-size=1M",
}


@dataclass(frozen=True)
class Taking:
    """One file, at the edge, by a bearer ticket."""

    url: str
    signed_url: str
    lines: dict[str, str]
    tickets: str
    ticket_id: UUID
    owner: dict[str, str]


@pytest.fixture
async def taking(portal: Portal, delivery: Delivery, edge: Edge) -> Taking:
    video, rendition = await delivery.publish_file(CONTENT, NAME)
    await portal.sign_in()
    owner = {"Authorization": f"Bearer {await portal.access_token()}"}
    async with delivery.client() as program:
        wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
        grant = (await program.post("/v1/grants", json=wanted, headers=owner)).json()["grant_id"]
        made = (await program.post(f"/v1/grants/{grant}/tickets", headers=owner)).json()
        path = urlsplit(made["url"]).path
        told = (await program.get(path, headers={"Accept": "application/json"})).json()
    signed = urlsplit(told["url"])
    ticket = NewTicket(
        edge.origin + path,
        datetime.fromisoformat(made["expires_at"]),
        File(NAME, SIZE, made["rendition"]["sha256"]),
    )
    return Taking(
        ticket.url,
        f"{edge.origin}{signed.path}?{signed.query}",
        shell_lines(ticket),
        f"/v1/grants/{grant}/tickets",
        UUID(made["ticket_id"]),
        owner,
    )


def needs(program: str) -> None:
    command = SLOWLY.get(program, program).partition(" ")[0]
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not here (Debian: apt install curl wget aria2)")


async def run(line: str, folder: Path) -> tuple[int, str]:
    """What a shell does with the line: its exit code, and what it said."""
    process = await create_subprocess_shell(line, cwd=folder, stdout=PIPE, stderr=PIPE)
    said, told = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (said + told).decode(errors="replace")


async def killed_on_its_way(line: str, folder: Path) -> None:
    """Run until a third is on the disk, then SIGKILL."""
    process = await create_subprocess_shell(f"exec {line}", cwd=folder, stdout=DEVNULL, stderr=DEVNULL)

    async def has_a_third() -> bool:
        assert process.returncode is None, "it ended before it was killed"
        found = folder / NAME
        return found.exists() and found.stat().st_blocks * 512 > SIZE * 0.3

    await until(has_a_third, "a third of the file", pause=0.01)
    process.kill()
    await process.wait()
    assert (folder / NAME).stat().st_blocks * 512 < SIZE


@pytest.mark.parametrize("program", SLOWLY)
async def test_a_download_that_was_killed_goes_on_with_the_line_of_the_page(
    taking: Taking, tmp_path: Path, edge: Edge, program: str
) -> None:
    needs(program)
    line = taking.lines[program]
    await killed_on_its_way(line.replace(line.partition(" ")[0], SLOWLY[program], 1), tmp_path)
    code, said = await run(line, tmp_path)
    assert code == 0, said
    assert hashlib.file_digest((tmp_path / NAME).open("rb"), "sha256").digest() == sha256()
    checked, words = await run(taking.lines["check"], tmp_path)
    assert checked == 0, words
    assert [name for name, text in logs(tmp_path) if taking.url.split("/")[4] in text] == []


def logs(folder: Path) -> list[tuple[str, str]]:
    """What the edge wrote down."""
    return [(file.name, file.read_text()) for file in folder.glob("*.log")]


def sha256() -> bytes:
    return hashlib.sha256(CONTENT).digest()


async def test_a_signed_url_that_died_goes_on_at_the_ticket(
    taking: Taking, tmp_path: Path, delivery: Delivery
) -> None:
    """The same entity tag and bytes at both: curl takes what it has, and only the rest."""
    needs("curl")
    signed = taking.lines["curl"].replace(taking.url, f"'{taking.signed_url}'")
    await killed_on_its_way(signed.replace("curl", SLOWLY["curl"], 1), tmp_path)
    half = (tmp_path / NAME).stat().st_size
    at = delivery.clock.at
    delivery.clock.pass_by(3600)
    try:
        code, _ = await run(signed, tmp_path)
        assert code == 22, "the signed URL is over, and --fail keeps its problem out of the file"
        assert (tmp_path / NAME).stat().st_size == half
        taken = taking.lines["curl"] + " --write-out '%{size_download} %{http_code}' --silent"
        code, said = await run(taken, tmp_path)
    finally:
        delivery.clock.at = at
    assert (code, said) == (0, f"{SIZE - half} 206")
    assert hashlib.file_digest((tmp_path / NAME).open("rb"), "sha256").digest() == sha256()


@pytest.mark.parametrize("line", ["curl --fail --remote-name", "wget", "aria2c"])
async def test_no_program_names_a_file_after_the_bearer(taking: Taking, tmp_path: Path, line: str) -> None:
    """A bearer in the query would be in the name of wget's file. This is who pastes the bare address."""
    needs(line.partition(" ")[0])
    saved = tmp_path / "saved"
    saved.mkdir()
    code, said = await run(f"{line} {taking.url}", saved)
    assert code == 0, said
    [name] = names(saved)
    assert unquote(name) == NAME
    assert hashlib.file_digest((saved / name).open("rb"), "sha256").digest() == sha256()


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_a_link_that_is_revoked_gives_no_rest(
    taking: Taking, tmp_path: Path, delivery: Delivery
) -> None:
    needs("curl")
    line = taking.lines["curl"]
    await killed_on_its_way(line.replace("curl", SLOWLY["curl"], 1), tmp_path)
    half = (tmp_path / NAME).stat().st_size
    async with delivery.client() as program:
        await program.delete(f"{taking.tickets}/{taking.ticket_id}", headers=taking.owner)
    code, _ = await run(line, tmp_path)
    assert (code, (tmp_path / NAME).stat().st_size) == (22, half)


async def test_eight_parts_at_once_are_one_file(taking: Taking) -> None:
    """As aria2 asks, be it here or not; with If-Range, so that parts of two files are never joined."""
    step = SIZE // 8
    etag = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    async with httpx.AsyncClient() as client:
        parts = await asyncio.gather(
            *(
                client.get(taking.url, headers={"Range": f"bytes={at}-{at + step - 1}", "If-Range": etag})
                for at in range(0, SIZE, step)
            )
        )
    assert {part.status_code for part in parts} == {206}
    assert b"".join(part.content for part in parts) == CONTENT
