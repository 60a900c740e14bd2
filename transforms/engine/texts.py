"""The texts that reports print, filled in where the SQL of reports names one whole: `$en['key']`.

A map of all texts as a parameter would be simpler to say, but DuckDB copies such a constant with every expression that
holds it: planning one report then took five seconds, ten times as long as running it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from transforms.engine.model import Model
from warehouse.duck import quote_literal
from warehouse.errors import ModelError

Texts = Mapping[str, Mapping[str, str]]
# a whole key, not the beginning of one that is put together
_WHOLE = re.compile(r"\$(en|zh)\['([^']+)'\]")


def fill_in_texts(model: Model, texts: Texts) -> str:
    """The model's SQL with each `$en['key']` replaced by that text, quoted. Raises ModelError for a key without a text."""

    def quote_text(found: re.Match[str]) -> str:
        language, key = found.groups()
        text = texts.get(language, {}).get(key)
        if text is None:
            raise ModelError(f"{model.name}: there is no text {key!r} in {language!r}")
        return quote_literal(text)

    return _WHOLE.sub(quote_text, model.sql)
