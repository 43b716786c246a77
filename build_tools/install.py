"""Make the virtual environment `.venv` from the locks, then the project in it, then what the machine must offer.

Runs under any Python >= 3.11 and needs nothing installed. Every downloaded file must have a hash that is in
requirements/. Which index to ask is the machine's business: what pip is configured with is handed to uv for this run
and written nowhere.

Run: `make install`. Exit code 0 when the environment works; a missing test-only tool is not a failure.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements" / "dev.txt"
UV_LOCK = ROOT / "requirements" / "uv.txt"
STAMP = VENV / "installed-from.sha256"


def say(text: str) -> None:
    """Print one line at once, so that it stands in order with the output of child processes."""
    print(text, flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command from the project's root; its failure ends the installation with one line."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False)
    if done.returncode:
        raise SystemExit(f"install: failed ({done.returncode}): {' '.join(str(part) for part in command)}")


def pip_settings() -> dict[str, str]:
    """What pip is configured with on this machine (files and environment), by setting name without its section."""
    done = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        found[name.split(".")[-1].strip()] = value.strip().strip("'\"")
    return found


def uv_environment(settings: dict[str, str], environ: dict[str, str]) -> dict[str, str]:
    """The environment for uv: pip's index, extra indexes and certificate, unless uv has its own settings already."""
    wanted = {"UV_DEFAULT_INDEX": settings.get("index-url", ""), "SSL_CERT_FILE": settings.get("cert", "")}
    extra = [url for url in settings.get("extra-index-url", "").split() if url.startswith(("http://", "https://"))]
    wanted["UV_INDEX"] = " ".join(extra)
    if extra:  # every file is pinned by hash, so it does not matter which index offers it
        wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if "UV_INDEX_URL" in environ or "UV_INDEX" in environ:
        wanted.pop("UV_DEFAULT_INDEX")
    added = {name: value for name, value in wanted.items() if value and name not in environ}
    return {**environ, **added, "VIRTUAL_ENV": str(VENV), "UV_NO_PROGRESS": "1"}


def make_environment() -> None:
    """Create `.venv` when it is absent or its Python has gone."""
    alive = PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
    if alive and alive.returncode == 0:
        return
    say(f"install: making .venv with Python {sys.version.split()[0]}")
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit("install: this Python cannot make environments; install its venv package first") from error


def find_uv(env: dict[str, str]) -> Path:
    """uv inside `.venv`, installed there first by pip from requirements/uv.txt."""
    uv = BIN / ("uv.exe" if os.name == "nt" else "uv")
    if not uv.exists():
        run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", UV_LOCK, env=env)
    return uv


def install_packages(uv: Path, env: dict[str, str]) -> None:
    """The locked packages, then the project itself as an editable install; nothing to do when the lock is unchanged."""
    project = (ROOT / "pyproject.toml").read_bytes()
    stamp = hashlib.sha256(LOCK.read_bytes() + project).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="ascii") == stamp:
        say("install: packages are as locked")
        return
    target = ["--python", PYTHON]
    run(uv, "pip", "install", "-q", *target, "--require-hashes", "-r", LOCK, env=env)
    run(uv, "pip", "install", "-q", *target, "--no-deps", "--no-build-isolation", "--editable", ROOT, env=env)
    run(uv, "pip", "check", "-q", *target, env=env)
    STAMP.write_text(stamp, encoding="ascii")
    say(f"install: {len(list(VENV.glob('lib/python*/site-packages/*.dist-info')))} packages in .venv")


def build_viewer(env: dict[str, str]) -> None:
    """The viewer's assets, when its builder and npm are there; without npm the rest of the product still works."""
    if not (ROOT / "build_tools" / "viewer.py").exists():
        return
    if shutil.which("npm") is None:
        say("install: npm is absent, so the image viewer was NOT built; install Node.js and npm, then repeat")
        return
    run(PYTHON, "-m", "build_tools.viewer", env=env)


def main() -> None:
    """All steps in order; each is quick when there is nothing to do."""
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may be told to run this file
        raise SystemExit("install: Python 3.11 or newer is needed; name one with `make install PYTHON=python3.13`")
    make_environment()
    env = uv_environment(pip_settings(), dict(os.environ))
    install_packages(find_uv(env), env)
    run(PYTHON, "-m", "build_tools.system_packages", "runtime")
    build_viewer(env)
    say("install: done")


if __name__ == "__main__":
    main()
