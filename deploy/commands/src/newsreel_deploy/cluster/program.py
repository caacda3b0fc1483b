"""Running programs: to their end, or for as long as we live."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsreel_deploy.cluster.errors import ClusterError
from newsreel_local.process import bound_to


def run(
    argv: Sequence[str] | Sequence[str | Path],
    *,
    text: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run it with `text` as its input: what it printed. Raises `ClusterError` with the end of its errors."""
    try:
        done = subprocess.run(  # noqa: S603 (words of ours)
            [*map(str, argv)], input=text, cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise ClusterError(f"{argv[0]} cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise ClusterError(f"{' '.join(map(str, argv))[-300:]} ended with {done.returncode}: {said}")
    return done.stdout


def start(
    argv: Sequence[str] | Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    nice: bool = True,
) -> subprocess.Popen[bytes]:
    """Start it with its output in `log`; it dies with this process. Raises `ClusterError`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [*(["nice"] if nice else []), *map(str, argv)]
    with log.open("ab") as output:
        try:
            return subprocess.Popen(  # noqa: S603 (words of ours)
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                process_group=0,
                preexec_fn=bound_to(os.getpid()),  # noqa: PLW1509 (no thread of ours holds a lock)
            )
        except OSError as error:
            raise ClusterError(f"{words[0]} cannot be run: {error.strerror}") from error


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Kill them and the processes of their groups, last started first, and wait."""
    for process in reversed(processes):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    for process in processes:
        process.wait()


def last_words(log: Path, lines: int = 3) -> str:
    """The end of a log, for a message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return " | ".join(text.strip().splitlines()[-lines:])[-600:]
