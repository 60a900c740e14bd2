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
# what a key begins with, and whether more is put behind it
_SOUGHT = re.compile(r"\btext_of\(\s*'(\w+)'\s*,\s*'([^']*)'\s*(\)|\|\|)")


def fill_in_texts(model: Model, texts: Texts) -> str:
    """The model's SQL with each `$en['key']` replaced by that text, quoted.

    Raises ModelError for a key without a text, and for a `text_of('en', 'beginning' || ...)` where no key begins like that.
    """

    def quote_text(found: re.Match[str]) -> str:
        language, key = found.groups()
        text = texts.get(language, {}).get(key)
        if text is None:
            raise _no_text(model, language, repr(key), key)
        return quote_literal(text)

    sql = _WHOLE.sub(quote_text, model.sql)
    for language, key, end in _SOUGHT.findall(model.sql):
        known = texts.get(language, {})
        if end == ")" and key not in known:
            raise _no_text(model, language, repr(key), key)
        if end != ")" and not any(one.startswith(key) for one in known):
            raise _no_text(model, language, f"that begins with {key!r}", key)
    return sql


def _no_text(model: Model, language: str, which: str, key: str) -> ModelError:
    file = f"reports/texts/{language}/{key.partition('.')[0]}.po"
    return ModelError(
        f"{model.name}: there is no text {which} in {language!r}; add it to {file}, and in the other languages"
    )
