"""The texts that reports print, as the SQL of reports reads them: `$en['key']` and `text_of('en', key)`.

A map of all texts as a parameter would be simpler to say, but DuckDB copies such a constant with every expression that
holds it: planning one report then took five seconds, ten times as long as running it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import ARROW, SPECIAL

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


def create_text_of(con: duckdb.DuckDBPyConnection, texts: Texts) -> None:
    """The SQL function text_of(language, key): the text, for keys that are put together; NULL where there is none."""

    def text_of(languages: pa.ChunkedArray, keys: pa.ChunkedArray) -> pa.Array:
        # looked up once a key, not once a row: a report has some twenty keys in a hundred thousand rows
        distinct = keys.combine_chunks().dictionary_encode()
        names = distinct.dictionary.to_pylist()
        found = pa.nulls(len(keys), pa.string())
        for language in languages.drop_null().unique().to_pylist():
            given = texts.get(language, {})
            column = pa.array([given.get(name) for name in names], pa.string()).take(distinct.indices)
            found = pc.if_else(pc.equal(languages.combine_chunks(), pa.scalar(language, pa.string())), column, found)
        return found

    con.create_function("text_of", text_of, ["VARCHAR", "VARCHAR"], "VARCHAR", type=ARROW, null_handling=SPECIAL)
