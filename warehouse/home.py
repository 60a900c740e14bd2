"""Where the data home is. Imports nothing, so that the command line may ask before it knows what is wanted."""

from __future__ import annotations

import os
from pathlib import Path


def data_home() -> Path:
    """The data home: BREADTHWISE_HOME, else ./data."""
    return Path(os.environ.get("BREADTHWISE_HOME") or "data").absolute()
