"""Companies by their names: those that alone bear one and are what moved; of all others nothing is guessed."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.articles.companies import Companies

KNOWN = Companies.of_descriptions(
    [
        ("AAPL", "Apple Inc. Common Stock"),
        ("APLE", "Apple Hospitality REIT Inc. Common Shares"),
        ("NVDA", "NVIDIA Corporation Common Stock"),
        ("AMZN", "Amazon.com Inc. Common Stock"),
        ("HD", "Home Depot Inc. (The) Common Stock"),
        ("MCD", "McDonald's Corporation Common Stock"),
        ("T", "AT&T Inc."),
        ("TBB", "AT&T Inc. 5.350% Global Notes due 2066"),
        ("GOOG", "Alphabet Inc. Class C Capital Stock"),
        ("GOOGL", "Alphabet Inc. Class A Common Stock"),
        ("DIS", "Walt Disney Company (The) Common Stock"),
        ("JPM", "JP Morgan Chase & Co. Common Stock"),
        ("XOM", "Exxon Mobil Corporation Common Stock"),
        ("HLT", "Hilton Worldwide Holdings Inc. Common Stock"),
        ("HGV", "Hilton Grand Vacations Inc. Common Stock"),
        ("TGT", "Target Corporation Common Stock"),
        ("GOLD", "Gold.com Inc. Common Stock"),
        ("DOW", "Dow Inc. Common Stock"),
        ("GS", "Goldman Sachs Group Inc. (The) Common Stock"),
        ("ZAAAF", "Simulated Groceries 5 Corp. Common Stock"),
    ]
)
# sentence -> entity, metric and value of each figure; () where it is unplaced
SENTENCES: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
    ("Nvidia rose 3%.", [("NVDA", "return_1d", "3")]),
    ("Shares of Apple fell 1.2%.", [("AAPL", "return_1d", "-1.2")]),
    ("Apple shares fell 1.2%.", [("AAPL", "return_1d", "-1.2")]),
    ("Apple Inc. fell 1.2%.", [("AAPL", "return_1d", "-1.2")]),
    ("Apple's stock fell 1.2%.", [("AAPL", "return_1d", "-1.2")]),
    ("Apple, which fell 1.2%, weighed on the Dow.", [("AAPL", "return_1d", "-1.2")]),
    ("Chipmaker Nvidia surged 3%.", [("NVDA", "return_1d", "3")]),
    ("Home Depot added 1.5% and Apple plunged 2.3%.", [("HD", "return_1d", "1.5"), ("AAPL", "return_1d", "-2.3")]),
    ("Amazon closed at $230.10, up 1.1%.", [("AMZN", "close", "230.10"), ("AMZN", "return_1d", "1.1")]),
    ("Nvidia rose 3% and is up 30% this year.", [("NVDA", "return_1d", "3"), ("NVDA", "return_ytd", "30")]),
    ("McDonald's fell 0.8% while AT&T lost 1.1%.", [("MCD", "return_1d", "-0.8"), ("T", "return_1d", "-1.1")]),
    ("Target shares rose 3%.", [("TGT", "return_1d", "3")]),
    ("Simulated Groceries 5 rose 3%.", [("ZAAAF", "return_1d", "3")]),
    ("The S&P 500 rose 0.5% as Apple climbed 3%.", [("SPX", "return_1d", "0.5"), ("AAPL", "return_1d", "3")]),
    # a word, a market, an index, two classes of shares, half a name, a house that rates others
    ("Target rose 3%.", [()]),
    ("Gold rose 2%.", [()]),
    ("Gold shares rose 2%.", [()]),
    ("The Dow rose 2%.", [("DJI", "return_1d", "2")]),
    ("Alphabet rose 2%.", [()]),
    # papers' short names, where no other company's name begins so; a house that rates others by its shares alone
    ("Disney rose 2%.", [("DIS", "return_1d", "2")]),
    ("Exxon fell 2% and Disney's stock rose 1%.", [("XOM", "return_1d", "-2"), ("DIS", "return_1d", "1")]),
    ("JPMorgan shares rose 2%.", [("JPM", "return_1d", "2")]),
    ("Shares of JPMorgan rose 2%.", [("JPM", "return_1d", "2")]),
    ("JPMorgan rose 2%.", [()]),
    ("Hilton rose 2%.", [()]),
    ("Hilton Worldwide rose 2%.", [("HLT", "return_1d", "2")]),
    ("Disney World attendance rose 2%.", [()]),
    ("Tokyo Disney rose 2%.", [()]),
    ("Disney is up 2% this month.", [("DIS", "return_mtd", "2")]),
    ("Disney is up 3% this quarter.", [("DIS", "return_qtd", "3")]),
    ("Big Apple rose 2%.", [()]),
    ("Apple Hospitality rose 2%.", [()]),
    ("Goldman Sachs rose 2%.", [()]),
    ("apple rose 2%.", [()]),
    # another thing of the company, another subject, another time
    ("Apple's revenue rose 3%.", [()]),
    ("Apple gained 3% market share.", [()]),
    ("Apple lost 3% of its customers.", [()]),
    ("Apple sales rose 3%.", [()]),
    ("Analysts at Apple fell 3%.", [()]),
    ("The S&P 500 rose as Apple climbed, adding 0.5%.", [()]),
    ("Apple fell 1.2% in premarket trading.", [()]),
    ("Apple could fall 3%.", [()]),
    # where a move led
    ("The S&P 500 surged to 5.1%.", [()]),
)


@pytest.mark.parametrize(("sentence", "claims"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_a_company_that_moved_is_known_by_its_name(sentence: str, claims: list[tuple[str, ...]]) -> None:
    bounds = [one.bound for one in find_claims(sentence, KNOWN)]
    assert [(b.entity, b.metric, b.value) if b else () for b in bounds] == claims


def test_the_symbol_of_a_name_is_noted() -> None:
    by_name, by_symbol = (find_claims(text, KNOWN)[0].bound for text in ("Nvidia rose 3%.", "Nvidia (NVDA) rose 3%."))
    assert [b.note for b in (by_name, by_symbol) if b] == ["Nvidia: NVDA by its name", ""]


def test_without_a_list_no_name_is_known() -> None:
    assert [one.bound for one in find_claims("Nvidia rose 3%.")] == [None]
