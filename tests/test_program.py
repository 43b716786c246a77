"""The program is started by its name or as a module."""

import subprocess
import sys


def test_the_program_runs_as_a_module() -> None:
    """`python -m overread` is the same command line as `overread`."""
    done = subprocess.run([sys.executable, "-m", "overread", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: overread ")
