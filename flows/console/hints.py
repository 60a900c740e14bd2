"""How a person can type this program's name, in hints that are to be pasted."""

from __future__ import annotations

import os
import shutil
import sys

NAME = "breadthwise"


def program_name() -> str:
    """`breadthwise` where that is on the path, else the path of the script beside this Python, as seen from here."""
    if shutil.which(NAME):
        return NAME
    script = os.path.join(os.path.dirname(sys.executable), NAME)
    return os.path.relpath(script) if os.path.exists(script) else f"{sys.executable} -m flows.cli"
