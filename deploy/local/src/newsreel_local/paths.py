"""Where the local stack keeps what it downloads, makes and remembers."""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]

# All of it can be fetched or made again; `make reset` keeps it, and every stack of the checkout shares it.
DOWNLOADS = CHECKOUT / ".local" / "downloads"


@dataclass(frozen=True)
class LocalDir:
    """The folder of one stack: its data, secrets and logs."""

    root: Path

    @classmethod
    def of_environment(cls) -> "LocalDir":
        """The folder that `NEWSREEL_LOCAL_DIR` names, or `.local` of the checkout."""
        named = os.environ.get("NEWSREEL_LOCAL_DIR")
        return cls(Path(named).resolve() if named else CHECKOUT / ".local")

    @classmethod
    def made(cls, folder: Path) -> "LocalDir":
        """`folder`, created when it is missing."""
        local = cls(folder.resolve())
        local.make()
        return local

    def make(self) -> None:
        """Create the folder, closed to others; as root passable: PostgreSQL refuses to run as root."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)

    @property
    def secrets(self) -> Path:
        """Passwords and keys, one JSON file, mode 0600."""
        return self.root / "secrets.json"

    @property
    def lock(self) -> Path:
        """Held while a stack runs here; says its process id and its ports."""
        return self.root / "up.lock"

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def data(self, name: str) -> Path:
        """What one part remembers; `make reset` forgets it."""
        return self.root / name
