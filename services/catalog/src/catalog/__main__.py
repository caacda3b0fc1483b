"""`python -m catalog serve [--roles …] | migrate`."""

from newsreel_runtime.service import run

if __name__ == "__main__":
    run("catalog")
