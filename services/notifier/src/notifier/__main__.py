"""`python -m notifier serve | migrate`."""

from newsreel_runtime.service import run


def main() -> None:
    """Run the notifier's command line."""
    run("notifier")


if __name__ == "__main__":
    main()
