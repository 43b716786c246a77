"""Django's own commands, for developers: `python -m overread.site.manage makemigrations AREA`."""

import os
import sys


def main() -> None:
    """Run the command line of Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
