"""`python -m portal serve`."""

from newsreel_runtime.service import run


def main() -> None:
    """Run the portal until it is told to stop."""
    run("portal")


if __name__ == "__main__":
    main()
