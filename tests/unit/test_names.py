"""Names of universes and sources: one spelling each, and the build's own universes belong to the build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.house import ROOT
from warehouse.names import source_name, universe_name

ODD = (
    "",
    " ",
    "a b",
    "x\ny",
    "\x1b[31mred",
    "<script>",
    "../../x",
    "=1+1",
    "\U0001f600",
    "s" * 41,
    "ѕр500",
    "ſp500",
    "-x",
)


@pytest.mark.parametrize("text", ["sp500", "SP500", "sp500 ", "\tSp500"])
def test_a_universe_has_one_spelling(text: str) -> None:
    assert universe_name(text) == "sp500"


@pytest.mark.parametrize("text", ["my-list.2026", "theme:ai", "russell2000", "s" * 40, "all_caps", "sectors"])
def test_other_names_stay_as_they_are(text: str) -> None:
    assert universe_name(text) == text


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_name_is_refused_in_plain_signs(text: str) -> None:
    with pytest.raises(ValueError, match="is no name of a universe; expected a to z, digits") as caught:
        universe_name(text)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "instead"),
    [("all", "my_all"), ("ALL ", "my_all"), ("sp500_list", "my_sp500"), ("x_list", "my_x"), ("cap:mega", "my_cap_mega"),
     ("sector:energy", "my_sector_energy"), ("nasdaq_sector:Energy", "my_nasdaq_sector_energy"), ("cap:new", "my_cap_new")],
)  # fmt: skip
def test_names_of_the_build_are_refused_with_another(text: str, instead: str) -> None:
    with pytest.raises(ValueError, match="is a universe that the build makes itself") as caught:
        universe_name(text)
    assert str(caught.value).endswith(f"choose another name, such as {instead}")
    assert universe_name(instead) == instead


def test_every_name_that_a_model_gives_a_universe_is_refused() -> None:
    models = [path.read_text() for path in Path(ROOT, "transforms/sql/intermediate").rglob("*.sql")]
    prefixes = {name for text in models for name in re.findall(r"'([a-z_]+:)' \|\|", text)}
    endings = {name for text in models for name in re.findall(r"universe \|\| '(_[a-z]+)'", text)}
    whole = {name for text in models for name in re.findall(r"'([a-z]+)' as universe", text)}
    assert (prefixes, endings, whole) == ({"sector:", "nasdaq_sector:", "cap:"}, {"_list"}, {"all"})
    for name in (*(f"{prefix}x" for prefix in prefixes), *(f"x{ending}" for ending in endings), *whole):
        with pytest.raises(ValueError, match="the build makes itself"):
            universe_name(name)


@pytest.mark.parametrize("text", ["c1", "etfs/closes", "MyVendor", "20260123"])
def test_a_source_may_have_capitals_and_a_folder(text: str) -> None:
    assert source_name(text) == text


@pytest.mark.parametrize("text", [*(one for one in ODD if one != "s" * 41), "s" * 81])
def test_what_is_no_source_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no name of a source; expected letters a to z") as caught:
        source_name(text)
    assert str(caught.value).isascii()


def test_a_known_source_is_taken_as_it_is_and_its_like_is_refused() -> None:
    assert source_name("My closes", ["My closes"]) == "My closes"
    for text in ("my closes", "MyCloses", "My closes "):
        with pytest.raises(ValueError, match="differs from the source 'My closes' by case or blanks alone; write that"):
            source_name(text, ["My closes"])
