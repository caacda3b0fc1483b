"""How long work waits for a broken dependency between two tries."""

from newsreel_runtime.consumer.retry import Retry
from newsreel_testing.consumer_harness import ServiceDatabase


class Hasty(Retry):
    """Notes its pauses instead of waiting."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # the same arguments
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_pauses_grow_and_stay_short_however_long_it_is_away(service_database: ServiceDatabase) -> None:
    retry = Hasty(await service_database("newsreel_runtime"), lambda: None)
    tries = 0

    async def away_for_long() -> str:
        nonlocal tries
        tries += 1
        if tries <= 50:
            raise ConnectionRefusedError
        return "done"

    assert await retry.until_done(away_for_long) == "done"
    assert len(retry.pauses) == 50
    assert retry.pauses == sorted(retry.pauses)
    assert (retry.pauses[0], retry.pauses[-1]) == (0.1, 5.0)
    assert retry.reason is None
