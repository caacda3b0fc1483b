"""How long work waits for a broken dependency between two tries."""

from newsreel_runtime.consumer.patience import Patience
from newsreel_testing.consumer_harness import ServiceDatabase


class Hasty(Patience):
    """Notes its pauses instead of waiting."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # the same arguments
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_pauses_grow_and_stay_short_however_long_it_is_away(service_database: ServiceDatabase) -> None:
    patience = Hasty(await service_database("newsreel_runtime"), lambda: None)
    tries = 0

    async def away_for_long() -> str:
        nonlocal tries
        tries += 1
        if tries <= 50:
            raise ConnectionRefusedError
        return "done"

    assert await patience.until_done(away_for_long) == "done"
    assert len(patience.pauses) == 50
    assert patience.pauses == sorted(patience.pauses)
    assert (patience.pauses[0], patience.pauses[-1]) == (0.1, 5.0)
    assert patience.reason is None
