"""Renew the locks in requirements/ from pyproject.toml: newest versions admitted, every file pinned by SHA-256.

Run: `make lock`. With `--keep` only what pyproject.toml newly asks for is added and the rest keeps its version.
"""

import argparse
import os
import subprocess

from build_tools.install import LOCK, ROOT, UV_LOCK, find_uv, pip_settings, uv_environment

RUNTIME = ROOT / "requirements" / "runtime.txt"
COMMON = (
    *("pip", "compile", "-q", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"),
)
EXTRAS = ("--extra", "pg", "--extra", "s3")


def main() -> None:
    """Write runtime.txt, then dev.txt that agrees with it, then uv.txt."""
    parser = argparse.ArgumentParser(description="Renew the locks in requirements/.")
    parser.add_argument("--keep", action="store_true", help="keep the versions of what is locked already")
    env = uv_environment(pip_settings(), dict(os.environ))
    uv = find_uv(env)
    renew = () if parser.parse_args().keep else ("--upgrade",)

    def compile_lock(*arguments: str, text: str | None = None) -> None:
        subprocess.run([uv, *COMMON, *renew, *arguments], cwd=ROOT, env=env, input=text, text=True, check=True)

    compile_lock(*EXTRAS, "pyproject.toml", "-o", str(RUNTIME))
    compile_lock(*EXTRAS, "--group", "dev", "-c", str(RUNTIME), "pyproject.toml", "-o", str(LOCK))
    compile_lock("-", "-o", str(UV_LOCK), text="uv\n")


if __name__ == "__main__":
    main()
