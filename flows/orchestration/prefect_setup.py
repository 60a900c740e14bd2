"""Prefect's settings for a home: its database under the home, nothing sent anywhere, quiet logs.

Call `use_home` before prefect is imported: prefect reads its settings once, on import.
"""

from __future__ import annotations

import os
from pathlib import Path

# The default of 20 s for an ephemeral server is too short for a cold home on a slow machine: it migrates a database.
_STARTUP_SECONDS = "120"


def use_home(home: Path) -> None:
    """Point prefect at `home`/prefect. What the caller's environment already says wins, but for the home."""
    folder = home / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str(folder)
    os.environ["BREADTHWISE_HOME"] = str(home)
    for name, value in {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": _STARTUP_SECONDS,
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "PREFECT_CLI_PROMPT": "false",
    }.items():
        os.environ.setdefault(name, value)


def quiet_console() -> None:
    """For a run in this process: what goes wrong is raised, and shown once, in our words; prefect's own log has the trace."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
