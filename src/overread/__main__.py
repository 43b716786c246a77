"""`python -m overread COMMAND`: the same as `overread COMMAND`, for where the script is not on the path."""

import sys

from overread.site.cli import main

if __name__ == "__main__":
    sys.exit(main())
