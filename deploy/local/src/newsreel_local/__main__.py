"""See `commands`."""

import sys

from newsreel_local.commands import main

if __name__ == "__main__":
    sys.exit(main())
