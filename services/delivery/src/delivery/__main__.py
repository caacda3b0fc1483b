"""`python -m delivery serve [--roles …] | migrate`."""

from newsreel_runtime.main import main

if __name__ == "__main__":
    main("delivery")
