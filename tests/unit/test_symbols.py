"""Spellings of symbols: one for each share, and an exchange's suffix is no share class."""

from __future__ import annotations

import pytest

from sources.formats._names import symbol_in_name
from sources.parsing.yahoo import from_yahoo_symbol, to_yahoo_symbol
from warehouse.symbols import canonical_symbol, index_id


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("BRK.B", "BRK/B"), ("BRK-B", "BRK/B"), ("brk_b", "BRK/B"), ("MKC.V", "MKC/V"), ("CIG.C", "CIG/C"),
        ("BAC.PRL", "BAC^L"), ("AAPL.US", "AAPL"), ("ABC.WS", "ABC/WS"),
        ("OCDO.L", "OCDO.L"), ("SAP.DE", "SAP.DE"), ("SHOP.TO", "SHOP.TO"), ("7203.T", "7203.T"), ("PKO.PL", "PKO.PL"),
        ("MOL.BD", "MOL.BD"), ("SMPH.PS", "SMPH.PS"), ("FPT.VN", "FPT.VN"), ("EC.CL", "EC.CL"), ("KFH.KW", "KFH.KW"),
    ],
)  # fmt: skip
def test_a_share_class_has_one_spelling_and_another_exchange_keeps_its_dot(given: str, ours: str) -> None:
    assert canonical_symbol(given) == ours
    assert canonical_symbol(ours) == ours


@pytest.mark.parametrize(("theirs", "ours"), [("BRK-B", "BRK/B"), ("OCDO.L", "OCDO.L"), ("ABC.V", "ABC.V")])
def test_yahoo_writes_classes_with_a_hyphen_and_exchanges_after_a_dot(theirs: str, ours: str) -> None:
    assert from_yahoo_symbol(theirs, is_index=False) == ours
    assert to_yahoo_symbol(ours, "equity_bars") == theirs


@pytest.mark.parametrize("text", ["mſft", "ıbm", "Mﬁ", "ß", "ſpx", "ﬆ", "МSFT", "\u212a", "ＡＡＰＬ", "İBM"])
def test_letters_whose_capitals_are_those_of_a_symbol_are_none(text: str) -> None:
    for spell in (canonical_symbol, index_id):
        with pytest.raises(ValueError, match="is no symbol"):
            spell(text)
    assert symbol_in_name(text) == ""


def test_blanks_around_a_symbol_are_no_part_of_it() -> None:
    assert canonical_symbol("\u00a0aapl ") == "AAPL"
    assert index_id(" ^gspc\u00a0") == "SPX"
