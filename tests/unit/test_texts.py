"""The catalogues of texts: the same keys and places in every language, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from reports.texts import LANGUAGES, catalogue_in_language, text_for_key, texts_for_sql
from reports.texts.catalogue import read_catalogues
from transforms.engine.databases import create_functions
from transforms.engine.load import load_models
from transforms.engine.texts import fill_in_texts
from warehouse.errors import ModelError, TextError


def folder(root: Path, **languages: str) -> Path:
    for language, content in languages.items():
        (root / language).mkdir()
        (root / language / "flags.po").write_text(content, encoding="utf-8")
    return root


def test_a_text_is_filled_in_the_language() -> None:
    assert text_for_key("en", "names.universe.of_sector", sector="Energy") == "Energy (S&P 500 and Russell 2000)"
    assert text_for_key("zh", "names.universe.of_sector", sector="能源") == "能源（标普500与罗素2000成分股）"


def test_sql_has_the_texts_of_the_catalogues() -> None:
    assert {language: dict(texts) for language, texts in texts_for_sql().items()} == {
        language: dict(catalogue_in_language(language)) for language in LANGUAGES
    }


@pytest.mark.parametrize(
    ("en", "zh", "message"),
    [
        ('msgid "a"\nmsgstr "A"\n', 'msgid "b"\nmsgstr "B"\n', "text 'flags.a' is missing in zh"),
        ('msgid "a"\nmsgstr "{n} A"\n', 'msgid "a"\nmsgstr "B"\n', "text 'flags.a': {n} stands in one language"),
        ('msgid "a"\nmsgstr ""\n', 'msgid "a"\nmsgstr "B"\n', "en/flags.po: 'a' has no text"),
        (
            'msgid "a"\nmsgstr "A"\n\nmsgid "a"\nmsgstr "B"\n',
            'msgid "a"\nmsgstr "B"\n',
            "en/flags.po: 'a' is there twice",
        ),
        ('msgid "a\n', 'msgid "a"\nmsgstr "B"\n', "en/flags.po is no .po file"),
    ],
)
def test_catalogues_that_differ_are_refused(tmp_path: Path, en: str, zh: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        read_catalogues(folder(tmp_path, en=en, zh=zh))
    assert message in str(caught.value)


def test_unknown_keys_languages_and_missing_values_are_named() -> None:
    with pytest.raises(TextError, match="there is no text 'names.nothing'; add it to reports/texts/\\*/names.po"):
        text_for_key("en", "names.nothing")
    with pytest.raises(TextError, match="there are no texts in 'de'; choose from en, zh"):
        catalogue_in_language("de")
    with pytest.raises(TextError, match="has a place {sector}, and no value is given for it"):
        text_for_key("en", "names.universe.of_sector")


def test_a_model_has_whole_texts_as_they_stand_and_finds_others_by_key() -> None:
    model = load_models()["reports.rotation"]
    odd = replace(model, sql="select $en['a.b'] as x, text_of('zh', 'a.' || 'c') as y, text_of('zh', null) as z")
    texts = {"en": {"a.b": "it's"}, "zh": {"a.c": "甲"}}
    con = duckdb.connect()
    create_functions(con, texts)
    assert con.execute(fill_in_texts(odd, texts)).fetchall() == [("it's", "甲", None)]
    with pytest.raises(ModelError, match=r"reports.rotation: there is no text 'a.b' in 'en'"):
        fill_in_texts(odd, {"en": {}})


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("text_of('en', 'depths.' || x)", "that begins with 'depths.' in 'en'; add it to reports/texts/en/depths.po"),
        ("text_of('zh', 'a.b')", "'a.b' in 'zh'; add it to reports/texts/zh/a.po"),
        ("coalesce(text_of( 'en' , 'a.c' ), x)", "'a.c' in 'en'; add it to reports/texts/en/a.po"),
        ("$zh['a.b']", "'a.b' in 'zh'; add it to reports/texts/zh/a.po"),
    ],
)
def test_a_text_that_no_row_could_find_is_refused(sql: str, message: str) -> None:
    model = replace(load_models()["reports.rotation"], sql=f"select {sql} as x, text_of('en', 'a.' || y) as y")
    with pytest.raises(ModelError) as caught:
        fill_in_texts(model, {"en": {"a.b": "B"}, "zh": {"a.c": "C"}})
    assert f"reports.rotation: there is no text {message}" in str(caught.value)


def test_texts_are_found_row_by_row_in_several_languages_and_not_where_one_is_missing() -> None:
    con = duckdb.connect()
    create_functions(con, {"en": {"a": "A", "b": "B"}, "zh": {"a": "甲"}})
    rows = "('en', 'a'), ('zh', 'a'), ('zh', 'b'), (null, 'a'), ('en', null), ('en', 'b'), ('fr', 'a')"
    found = con.execute(f"select text_of(language, key) from (values {rows}) as t (language, key)").fetchall()
    assert [text for (text,) in found] == ["A", "甲", None, None, None, "B", None]


def test_a_reason_that_counts_reads_well_of_one() -> None:
    """Catalogues have no plural forms."""
    counted = re.compile(r"\{\d\} (members|sectors|stocks|companies|rows)\b")
    reasons = {key: text for key, text in catalogue_in_language("en").items() if key.startswith("reasons.")}
    assert len(reasons) > 40
    assert [key for key, text in reasons.items() if counted.search(text)] == []
    for key in ("page.state_set_aside", "fundamental_leaders.too_few"):
        text = re.sub(r"\{\w+\}", "1", catalogue_in_language("en")[key])
        assert not re.search(r"\b1 (rows|companies)\b", text)
