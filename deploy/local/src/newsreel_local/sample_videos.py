"""Makes the sample videos once a checkout, and imports them once a stack."""

import asyncio
import sys

from newsreel_local import digest
from newsreel_local.environment import Layout
from newsreel_local.paths import DOWNLOADS
from newsreel_local.process import Command, inherited, run_to_end


class SampleVideos:
    """The samples of this checkout for one stack."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._version = digest.of_packages(["newsreel_local.samples"], (".py", ".json", ".toml", ".txt"))
        self._folder = DOWNLOADS / f"samples-{self._version}"
        self._stamp = layout.local.data("media") / "imported"

    @property
    def imported(self) -> bool:
        return digest.is_current(self._stamp, self._version)

    async def make(self) -> None:
        """Make what is missing, behind what the rest of the start needs. Raises `StartError`."""
        argv = ["nice", "-n", "5", sys.executable, "-m", "newsreel_local.samples", str(self._folder)]
        await run_to_end(Command(argv, log=self._layout.local.log("samples"), environment=inherited({})))

    async def bring_in(self) -> None:
        """`newsreel catalog import`, with the catalog's own environment. Raises `StartError`."""
        argv = [sys.executable, "-m", "newsreel_runtime.command", "catalog", "import", str(self._folder)]
        environment = self._layout.process("catalog")
        await run_to_end(Command(argv, log=self._layout.local.log("samples"), environment=environment))
        await asyncio.to_thread(self._remember)

    def _remember(self) -> None:
        self._stamp.parent.mkdir(parents=True, exist_ok=True)
        self._stamp.write_text(self._version)
