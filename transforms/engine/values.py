"""What the SQL of models may name beside tables: the $parameters of a build, and the texts of reports."""

from __future__ import annotations

from typing import Any

from transforms.engine.reach import BLOCK_SESSIONS
from transforms.engine.run import TEXTS
from transforms.engine.texts import Texts
from warehouse.settings import Settings


def model_values(
    settings: Settings, texts: Texts | None = None, block_sessions: int = BLOCK_SESSIONS
) -> dict[str, Any]:
    """Parameters by name, and under TEXTS the texts by language and key."""
    return {**settings.sql_parameters(), TEXTS: texts or {}, "block_sessions": block_sessions}
