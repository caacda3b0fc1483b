"""Make the checkout's `.venv` what `requirements.lock` says, then run a command in it.

Standard library only, and readable by older Pythons, so that they can say what is missing:
`python3 deploy/local/bootstrap.py [ARGUMENTS OF PYTHON…]`; without arguments it only prepares. A second run
costs milliseconds.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
READY = VENV / "ready"
LOCK = CHECKOUT / "requirements.lock"
LOCAL = CHECKOUT / ".local"
LOG = LOCAL / "bootstrap.log"
UV = LOCAL / "uv"
UV_VERSION = "0.13.9"
MEMBERS = (
    "shared/events",
    "shared/runtime",
    "shared/bus",
    "services/identity",
    "services/notifier",
    "services/catalog",
    "services/delivery",
    "services/portal",
    "deploy/local",
    "deploy/commands",
)
OLDEST = (3, 11)


class BootstrapError(Exception):
    """The message is one line that says what to do."""


def say(text: str) -> None:
    """A line a step, with the time since the beginning."""
    print(f"{time.time() - BEGAN:8.2f} s  python     {text}", flush=True)


def run(arguments: "list[str]", what: str) -> None:
    """Run a program with its output in the log; when it fails, say what and why in one line."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(map(str, arguments))}\n".encode())
        log.flush()
        begin = log.tell()
        done = subprocess.run(  # noqa: S603 (words of ours)
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
    if done.returncode != 0:
        with LOG.open("rb") as log:
            log.seek(begin)
            lines = [
                line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()
            ]
        raise BootstrapError(f"{what} (exit code {done.returncode}; all of it in {LOG}): {why(lines)}")


def why(lines: "list[str]") -> str:
    """The line of a failed installer's output that tells most."""
    unreachable = ("dns error", "error sending request", "connection", "timed out", "name resolution")
    for line in lines:
        if any(words in line.lower() for words in unreachable):
            return f"the first start needs the network, start again when it is there ({line[:160]})"
    return lines[-1][:200] if lines else "it said nothing"


def python_for_venv() -> str:
    """This Python when it is new enough, otherwise a newer one on the path."""
    if sys.version_info >= OLDEST:
        return str(getattr(sys, "_base_executable", sys.executable))  # not that of an active environment
    for minor in range(11, 20):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise BootstrapError(
        f"Python 3.11 or newer is needed, python3 here is {sys.version.split()[0]}: "
        "install one (Debian: apt install python3.11 python3.11-venv)"
    )


def digest() -> str:
    """Changes with the lock, a member's manifest and the place: the environment is made for one of each."""
    found = hashlib.sha256(str(CHECKOUT).encode())
    for path in [LOCK, *(CHECKOUT / member / "pyproject.toml" for member in MEMBERS)]:
        found.update(path.read_bytes())
    return found.hexdigest()


def works(program: str, *arguments: str) -> bool:
    """Whether it is there and exits 0."""
    try:
        done = subprocess.run(  # noqa: S603 (words of ours)
            [program, *arguments], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def uv(python: str) -> str:
    """A uv that works: the machine's, or one of our own in a virtual environment of its own."""
    own = UV / "bin" / "uv"
    for candidate in (str(own), shutil.which("uv")):
        if candidate and works(candidate, "--version"):
            return candidate
    if not works(python, "-c", "import venv, ensurepip"):
        raise BootstrapError(
            "Python's venv module is missing (Debian: apt install python3-venv), or install uv"
        )
    say("installing uv, which installs the rest")
    shutil.rmtree(UV, ignore_errors=True)
    run([python, "-m", "venv", str(UV)], "the virtual environment for uv cannot be made")
    pip = [str(UV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, f"uv=={UV_VERSION}"], "uv cannot be installed")
    return str(own)


def use_writable_cache() -> None:
    """uv keeps its cache below the home; where that cannot be written, below .local."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or "/nonexistent"))
    if not os.access(home, os.W_OK):
        os.environ.setdefault("UV_CACHE_DIR", str(LOCAL / "cache" / "uv"))


def prepare() -> None:
    """Bring `.venv` up to date; an interrupted earlier run is repaired, since `ready` is written last."""
    python = python_for_venv()
    if not LOCK.exists():
        raise BootstrapError("requirements.lock is missing: the checkout is not whole")
    wanted = digest()
    if is_ready(wanted):
        return
    LOCAL.mkdir(parents=True, exist_ok=True)
    LOCAL.chmod(0o711 if os.geteuid() == 0 else 0o700)
    with (LOCAL / "bootstrap.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready(wanted):  # somebody else may have done it while we waited
            install(python, wanted)


def is_ready(wanted: str) -> bool:
    """Whether `.venv` was made for exactly this."""
    try:
        return READY.read_text().strip() == wanted and PYTHON.exists()
    except OSError:
        return False


def install(python: str, wanted: str) -> None:
    """Make or mend `.venv`; `ready` is the last thing that is written."""
    os.environ.pop("VIRTUAL_ENV", None)
    os.environ["UV_NO_PROGRESS"] = "1"
    use_writable_cache()
    with contextlib.suppress(FileNotFoundError):
        READY.unlink()
    program = uv(python)
    if not works(str(PYTHON), "-c", "import sys"):
        say("making the virtual environment .venv")
        run([program, "venv", "--quiet", "--clear", "--python", python, str(VENV)], ".venv cannot be made")
    say("installing the packages of requirements.lock")
    into = ["--python", str(PYTHON)]
    run(
        [program, "pip", "sync", *into, "--require-hashes", "--compile-bytecode", str(LOCK)],
        "the packages cannot be installed",
    )
    say("installing Newsreel's own packages")
    editable = [word for member in MEMBERS for word in ("--editable", str(CHECKOUT / member))]
    locked = "\nhatchling==" in "\n" + LOCK.read_text()
    isolation = ["--no-build-isolation"] if locked else []
    run(
        [program, "pip", "install", *into, *isolation, "--no-deps", *editable],
        "Newsreel's own packages cannot be installed",
    )
    READY.write_text(wanted + "\n")
    say("ready")


def main() -> int:
    """Prepare, then become Python with our arguments. 1 when something is missing, in one line."""
    try:
        prepare()
    except BootstrapError as error:
        print(f"newsreel: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"newsreel: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    if len(sys.argv) > 1:
        os.environ["NEWSREEL_BEGAN"] = str(BEGAN)
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        os.chdir(CHECKOUT)
        os.execv(str(PYTHON), [str(PYTHON), *sys.argv[1:]])  # noqa: S606 (becomes Python itself)
    return 0


BEGAN = time.time()

if __name__ == "__main__":
    sys.exit(main())
