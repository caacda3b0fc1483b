"""`python -m identity serve | migrate`."""

from newsreel_runtime.service import run


def main() -> None:
    """Run the service's command line."""
    run("identity")


if __name__ == "__main__":
    main()
