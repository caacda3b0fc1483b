"""`make prove KILLS=1000 SEED=1`: exit code 1 at the first violation."""

import argparse
import asyncio
import random
import shutil
import sys

from newsreel_local.paths import LocalDir
from newsreel_proving.forked_process import stop_fork_server
from newsreel_proving.proof import Proof


def main() -> int:
    """Run, print progress, the figures, and one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="make prove")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    folder = LocalDir.of_environment().root / "prove"
    shutil.rmtree(folder, ignore_errors=True)
    proof = Proof(LocalDir.made(folder).root, arguments.seed, lambda line: print(line, flush=True))
    asyncio.run(proof.run(arguments.kills))
    stop_fork_server()
    print("\n".join(proof.report()), flush=True)
    return 1 if proof.violation else 0


if __name__ == "__main__":
    sys.exit(main())
