"""How a person can type this program's name, in hints that are to be pasted."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

NAME = "breadthwise"
_typed_home: list[tuple[Path, bool]] = []


def program_name() -> str:
    """`breadthwise` where that is on the path, else the path of the script beside this Python: as seen from here for the
    person who typed a command here, in full where a scheduler runs this process in a folder of its own choice."""
    if shutil.which(NAME):
        return NAME
    script = os.path.join(os.path.dirname(sys.executable), NAME)
    if not os.path.exists(script):
        return f"{sys.executable} -m flows.cli"
    return os.path.relpath(script) if _typed_home else script


def command_on_home(home: Path) -> str:
    """The program with the option that names `home`, which is left out where the shell that the command was typed in has it."""
    if _typed_home and _typed_home[-1] == (home, False):
        return program_name()
    return f"{program_name()} --home {shlex.quote(str(home))}"


def command_from_anywhere(home: Path) -> str:
    """The same for who reads it elsewhere than in the shell of this process: in full, and with the home."""
    script = os.path.join(os.path.dirname(os.path.abspath(sys.executable)), NAME)
    program = shutil.which(NAME) or (script if os.path.exists(script) else f"{sys.executable} -m flows.cli")
    return (
        f"{os.path.abspath(program) if os.path.exists(program) else program} --home {shlex.quote(str(home.absolute()))}"
    )


def note_home(home: Path, is_option: bool) -> None:
    """Told by the command line, once: which home it works on, and whether an option named it. Elsewhere nobody typed anything."""
    _typed_home[:] = [(home, is_option)]
