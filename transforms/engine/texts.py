"""The texts that reports print, as the SQL of reports reads them: `$en['key']` and `text_of('en', key)`.

A map of all texts as a parameter would be simpler to say, but DuckDB copies such a constant with every expression that
holds it: planning one report then took five seconds, ten times as long as running it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from transforms.engine.model import Model
from warehouse.duck import literal
from warehouse.errors import ModelError

Texts = Mapping[str, Mapping[str, str]]
# a whole key, not the beginning of one that is put together
_WHOLE = re.compile(r"\$(en|zh)\['([^']+)'\]")


def with_texts(model: Model, texts: Texts) -> str:
    """The model's SQL with each `$en['key']` replaced by that text, quoted. Raises ModelError for a key without a text."""

    def quoted(found: re.Match[str]) -> str:
        language, key = found.groups()
        text = texts.get(language, {}).get(key)
        if text is None:
            raise ModelError(f"{model.name}: there is no text {key!r} in {language!r}")
        return literal(text)

    return _WHOLE.sub(quoted, model.sql)


def create_text_of(con: duckdb.DuckDBPyConnection, texts: Texts) -> None:
    """The SQL function text_of(language, key): the text, for keys that are put together; NULL where there is none."""

    def text_of(languages: pa.ChunkedArray, keys: pa.ChunkedArray) -> pa.Array:
        pairs = zip(languages.to_pylist(), keys.to_pylist(), strict=True)
        return pa.array([texts.get(language, {}).get(key) for language, key in pairs], pa.string())

    con.create_function("text_of", text_of, ["VARCHAR", "VARCHAR"], "VARCHAR", type=ARROW, null_handling=SPECIAL)
