"""The alignment benchmark: official segments laid over captions with more and more errors, beside two peers.

See `benchmarks/README.md`. The last line is one JSON object.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from benchmarks.align.contestants import CONTESTANTS, Placed, by_difflib, ours
from benchmarks.align.speeches import Speech, speech
from catalog.domain.video import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr", "uk")
ERRORS = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25)
FIRST_SEED = 1000  # the figures of the confidence were made with those below
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Result:
    """One segment of one contestant: how far off (ms) its begin and its end are."""

    begin: float
    end: float
    confidence: float

    @property
    def right(self) -> bool:
        """Both to a second."""
        return self.begin <= 1000 and self.end <= 1000


def results(made: Speech, placed: Sequence[Placed]) -> list[Result]:
    return [
        Result(abs(one.start - start), abs(one.end - end), one.confidence)
        for one, (start, end) in zip(placed, made.truth, strict=True)
    ]


def median_s(of: Sequence[Result]) -> float:
    """Of all begins and ends."""
    return median([moment for result in of for moment in (result.begin, result.end)]) / 1000


def share(of: Sequence[Result]) -> float:
    return sum(result.right for result in of) / len(of)


def accuracy(seeds: range) -> dict[float, list[Result]]:
    """Prints the table; returns our results by word error."""
    kept: dict[float, list[Result]] = {}
    print("| | word error | segments | " + " | ".join(CONTESTANTS) + " |")
    print("|---" * (3 + len(CONTESTANTS)) + "|")
    for language in LANGUAGES:
        for error in ERRORS:
            found: dict[str, list[Result]] = {name: [] for name in CONTESTANTS}
            for seed in seeds:
                made = speech(language, seed, error)
                for name, contestant in CONTESTANTS.items():
                    found[name] += results(made, contestant(made))
            kept.setdefault(error, []).extend(found["ours"])
            cells = [f"{median_s(one):.2f} s, {share(one):.1%}" for one in found.values()]
            print(
                f"| {language} | {error:.0%} | {len(found['ours'])} | " + " | ".join(cells) + " |", flush=True
            )
    return kept


def calibration(of: Sequence[Result]) -> None:
    print("\n| confidence | segments | said, on average | right |\n|---|---|---|---|")
    for low, high in pairwise(BINS):
        inside = [result for result in of if low <= result.confidence < high]
        if inside:
            said = sum(result.confidence for result in inside) / len(inside)
            print(f"| {low} to {min(high, 1.0)} | {len(inside)} | {said:.2f} | {share(inside):.2f} |")


def words_per_s(made: Speech, *, difflib: bool) -> float:
    began = time.perf_counter()
    (by_difflib if difflib else ours)(made)
    return made.words / (time.perf_counter() - began)


def run(speeches: int, length: int) -> None:
    kept = accuracy(range(FIRST_SEED, FIRST_SEED + speeches))
    calibration([result for found in kept.values() for result in found])
    other = speech("en", FIRST_SEED, 0), speech("en", FIRST_SEED + 1, 0)
    wrong = ours(Speech(**{**vars(other[0]), "captions": other[1].captions}))
    print(f"\ncaptions of another speech: confidence at most {max(one.confidence for one in wrong):.2f}")
    long = speech("en", FIRST_SEED, ERRORS[-1], length)
    rounds = [words_per_s(long, difflib=False) for _ in range(3)]
    peer = words_per_s(long, difflib=True)
    print(
        f"{long.words} words, {long.duration_ms / 3_600_000:.1f} h: {long.words / median(rounds):.1f} s;",
        end="",
    )
    print(f" difflib {long.words / peer:.1f} s\n")
    worst = kept[ERRORS[-1]]
    print(
        json.dumps(
            {
                "align_within_1s_share": round(share(worst), 3),
                "median_error_s": round(median_s(worst), 3),
                "words_per_s": round(median(rounds)),
                "difflib_words_per_s": round(peer),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.align")
    parser.add_argument(
        "--quick", action="store_true", help="one speech of each kind, and a shorter long one"
    )
    run(*((1, 5_000) if parser.parse_args().quick else (6, 30_000)))
