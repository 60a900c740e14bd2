"""Prefect's settings for a home: its database under the home, nothing sent anywhere, quiet logs.

Call `use_home` before prefect is imported: prefect reads its settings once, on import.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

# The default of 20 s for an ephemeral server is too short for a cold home on a slow machine: it migrates a database.
_STARTUP_SECONDS = "600"


def use_home(home: Path, is_shown_by_us: bool = False) -> None:
    """Point prefect at `home`/prefect. What the caller's environment already says wins, but for the home.

    `is_shown_by_us`: what goes wrong in a run in this process is raised and shown once, in our words, so prefect's console
    is silent. Its log has all lines either way.
    """
    folder = home / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str(folder)
    os.environ["BREADTHWISE_HOME"] = str(home)
    for name, value in {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": _STARTUP_SECONDS,
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "INFO",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL" if is_shown_by_us else "WARNING",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL" if is_shown_by_us else "ERROR",
        "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "PREFECT_CLI_PROMPT": "false",
    }.items():
        os.environ.setdefault(name, value)
    if is_shown_by_us:
        # else a log that cannot be sent, because the server is away, is reported on the terminal line by line
        logging.raiseExceptions = False
