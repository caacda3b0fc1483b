"""Running as somebody else than root, for programs that refuse root (PostgreSQL)."""

import os
import pwd
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from newsreel_local.paths import CHECKOUT
from newsreel_local.process import StartError


@dataclass(frozen=True)
class Runner:
    """Who runs a program, and the words to put before its command line."""

    uid: int
    gid: int
    prefix: tuple[str, ...]

    def own(self, path: Path) -> None:
        """Hand a file or folder that we made to that user."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def _account() -> pwd.struct_passwd:
    """The owner of the checkout when that is a person, otherwise `nobody`: initdb wants a named account."""
    try:
        owner = pwd.getpwuid(CHECKOUT.stat().st_uid)
        return owner if owner.pw_uid != 0 else pwd.getpwnam("nobody")
    except KeyError:
        try:
            return pwd.getpwnam("nobody")
        except KeyError as error:
            raise StartError(
                "PostgreSQL refuses to run as root and there is no user 'nobody'; run as an ordinary user"
            ) from error


def _passable(paths: tuple[Path, ...]) -> bool:
    return all(folder.stat().st_mode & 0o001 for path in paths for folder in path.resolve().parents)


def runner_for(*paths: Path, orphan_signal: signal.Signals) -> Runner:
    """How to run a program that needs `paths` without being root.

    The parents of `paths` may be closed to others (a checkout under /root): then the program keeps the one
    capability of passing through folders, which gives it no right to change anything.
    """
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid(), ())
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartError(
            "PostgreSQL refuses to run as root and setpriv is missing: install util-linux, "
            "or run as another user"
        )
    account = _account()
    prefix = [setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if not _passable(paths):
        prefix += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return Runner(account.pw_uid, account.pw_gid, (*prefix, f"--pdeathsig={orphan_signal.name[3:]}", "--"))
