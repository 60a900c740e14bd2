"""Checks that every locked package has a wheel for each Python that is promised, so that nobody needs a compiler.

usage: python .ci/wheels.py LOCK_FILE ...      with uv beside this interpreter; asks the package registry for names only.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")


def pythons(pyproject: Path) -> list[str]:
    """The Pythons that the classifiers name, such as 3.11."""
    listed = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["classifiers"]
    return [found[1] for text in listed if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text))]


def lacking(lock: Path, python: str, platform: str) -> str:
    """Why the locked packages cannot be installed from wheels alone; '' where they can."""
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-header", "--no-annotate"),
            *("--only-binary", ":all:", "--python-version", python, "--python-platform", platform),
            *("--output-file", "-", str(lock)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else " ".join(done.stderr.split())[:1500]


def main(locks: list[str]) -> int:
    promised = pythons(ROOT / "pyproject.toml")
    failed = 0
    for lock in locks:
        for platform in PLATFORMS:
            for python in promised:
                reason = lacking(ROOT / lock, python, platform)
                failed += bool(reason)
                print(f"{lock:<24} Python {python:<5} {platform:<24} {reason or 'wheels for all'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
