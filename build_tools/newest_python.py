"""The fast tests on Python 3.13, in an environment of its own under build/, made from the same lock (DESIGN 3, stack).

`make test` runs it where a Python 3.13 is found, and says NOT RUN where none is; nothing is downloaded but packages.
Run alone: `python -m build_tools.newest_python`.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from build_tools.install import LOCK, ROOT, find_uv, pip_settings, run, say, uv_environment

VERSION = "3.13"
PLACE = ROOT / "build" / f"python-{VERSION}"
FAST = "not slow and not browser and not journey and not fault and not postgres"


def _works(python: str) -> bool:
    """Whether this is a Python of the version; a launcher that only points at others is none."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == VERSION


def find() -> str:
    """The path of a Python 3.13 on this machine, or ""."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [f"python{VERSION}", *(str(one) for one in sorted(root.glob(f"{VERSION}*/bin/python{VERSION}")))]
    return next((python for python in named if _works(python)), "")


def _install(python: str) -> Path:
    """Make or renew the environment when the lock has changed."""
    env = uv_environment(pip_settings(), dict(os.environ)) | {"VIRTUAL_ENV": str(PLACE)}
    uv, own, stamp = find_uv(env), PLACE / "bin" / "python", PLACE / "installed-from.sha256"
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == lock and _works(str(own)):
        return own
    run(uv, "venv", "-q", "--clear", "--python", python, PLACE, env=env)
    run(uv, "pip", "install", "-q", "--python", own, "--require-hashes", "-r", LOCK, env=env)
    stamp.write_text(lock, encoding="ascii")
    return own


def main() -> int:
    """Install and test; the exit code is that of the tests."""
    python = find()
    if not python:
        say(f"Python {VERSION} is not installed")
        return 1
    own = _install(python)
    tests = [own, "-m", "pytest", "-q", "-o", f"cache_dir={PLACE / 'cache'}"]
    done = _run(*tests, "-n", os.environ.get("WORKERS", "2"), "-m", FAST)
    if done == 1:  # as in build_tools.checks: what failed among the others is run once more alone, and that is said
        say("\n=== what failed, once more alone; if it passes now it is UNSTABLE")
        done = _run(*tests, "--last-failed", "--last-failed-no-failures=none", "-m", FAST)
    return done


def _run(*command: str | Path) -> int:
    env = {**os.environ, "OVERREAD_TEST_ONLY": "no-database", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.run([str(word) for word in command], cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
