"""The signing benchmark: what a URL costs, beside boto3, in turns. See `benchmarks/README.md`."""

import argparse
import json
import os
import statistics
import time
from itertools import count

from benchmarks.sign.contestants import OBJECTS, Contestant, Objects, cloudfront, dl1, s3


def turn(contestant: Contestant, seconds: float, numbers: "count[int]") -> float:
    """µs of CPU per URL: what else runs on the machine does not count."""
    made, began = 0, time.thread_time()
    while (spent := time.thread_time() - began) < seconds:
        for _ in range(16):
            contestant.call(next(numbers) % OBJECTS)
        made += 16
    return spent / made * 1e6


def run(quick: bool) -> None:
    objects = Objects.made()
    contestants = [*s3(objects), *cloudfront(objects), *dl1(objects)]
    seconds, rounds = (0.02, 15) if quick else (0.05, 60)
    numbers = {contestant.name: count() for contestant in contestants}
    found: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for contestant in contestants:
        turn(contestant, seconds, numbers[contestant.name])
    for number in range(rounds):
        first = number % len(contestants)
        for contestant in contestants[first:] + contestants[:first]:
            found[contestant.name].append(turn(contestant, seconds, numbers[contestant.name]))
    report(found)


def report(found: dict[str, list[float]]) -> None:
    middle = {name: statistics.median(turns) for name, turns in found.items()}
    print(f"\nload {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print("| µs per URL | middle | best |\n|---|---|---|")
    for name, turns in found.items():
        print(f"| {name} | {middle[name]:.1f} | {min(turns):.1f} |")
    print(
        json.dumps(
            {
                "sigv4_us": round(middle["sigv4"], 2),
                "boto3_us": round(middle["boto3"], 2),
                "dl1_us": round(middle["dl1"], 2),
                "cloudfront_us": round(middle["cloudfront"], 2),
                "sigv4_best_us": round(min(found["sigv4"]), 2),
                "dl1_best_us": round(min(found["dl1"]), 2),
                "botocore_cloudfront_us": round(middle["botocore's CloudFrontSigner"], 2),
                "cloudfront_ecdsa_us": round(middle["cloudfront, ECDSA"], 2),
                "boto3_to_sigv4": round(middle["boto3"] / middle["sigv4"], 1),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few seconds instead of half a minute")
    run(parser.parse_args().quick)
