"""`python -m newsreel_local.samples OUTPUT_DIR`: make the sample videos that are not there yet."""

import argparse
import sys
import time
from pathlib import Path

from newsreel_local.samples.generate import ensure_video, is_complete
from newsreel_local.samples.texts import SampleText, read_texts


def _line(text: SampleText, output: Path) -> str:
    if is_complete(text, output):
        return f"{text['reference']}  is there"
    began = time.monotonic()
    size = ensure_video(text, output)
    took = time.monotonic() - began
    return f"{text['reference']}  made in {took:.1f} s, {size / 1e6:.1f} MB  {text['titles']['en']}"


def main() -> int:
    """Make what is missing, a line per video. 1 when the folder cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m newsreel_local.samples", description=__doc__)
    parser.add_argument("output", type=Path, metavar="OUTPUT_DIR", help="made when it is missing")
    output: Path = parser.parse_args().output
    try:
        output.mkdir(parents=True, exist_ok=True)
        for text in read_texts():
            print(_line(text, output), flush=True)
    except OSError as error:
        print(f"samples: {error.strerror}: {error.filename}; free or name another folder", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
