"""The spellings of analysts' grades and the five levels that they stand for, in one table."""

from __future__ import annotations

import re

_LEVELS: dict[str, tuple[str, ...]] = {
    "strong_buy": ("Strong Buy", "Conviction Buy", "Top Pick", "Strong-Buy"),
    "buy": (
        "Buy",
        "Outperform",
        "Overweight",
        "Accumulate",
        "Add",
        "Positive",
        "Sector Outperform",
        "Market Outperform",
        "Long-term Buy",
        "Long-Term Buy",
        "Speculative Buy",
        "Above Average",
        "Moderate Buy",
        "Outperformer",
        "Gradually Accumulate",
        "Sector Overweight",
        "Peer Outperform",
        "Industry Outperform",
        "Trading Buy",
    ),
    "hold": (
        "Hold",
        "Neutral",
        "Market Perform",
        "Sector Perform",
        "Peer Perform",
        "Equal-Weight",
        "Equal-weight",
        "Equal Weight",
        "In-Line",
        "In-line",
        "In Line",
        "Perform",
        "Fair Value",
        "Sector Weight",
        "Mixed",
        "Average",
        "Market Weight",
        "Sector Performer",
        "Perform In Line",
        "Market Performer",
        "Cautious",
        "Sector Neutral",
        "Market Neutral",
        "Peer Performer",
        "Industry Perform",
        "Sector Equal Weight",
    ),
    "sell": (
        "Sell",
        "Underperform",
        "Underweight",
        "Reduce",
        "Negative",
        "Sector Underperform",
        "Market Underperform",
        "Below Average",
        "Trim",
        "Underperformer",
        "Moderate Sell",
        "Sector Underweight",
        "Peer Underperform",
        "Industry Underperform",
        "Trading Sell",
    ),
    "strong_sell": ("Strong Sell", "Strong-Sell"),
}

GRADES: dict[str, str] = {spelling: level for level, spellings in _LEVELS.items() for spelling in spellings}

# Words about the coverage of a stock, which rate nothing.
_NO_RATING = (
    "Not Rated", "Unrated", "No Rating", "NR", "Not Covered", "No Coverage", "Suspended", "Rating Suspended",
    "Coverage Suspended", "Dropped", "Coverage Dropped", "Discontinued", "Coverage Discontinued", "Terminated",
    "Coverage Terminated", "Under Review", "Restricted", "Tender", "Tender Shares",
)  # fmt: skip


def _letters_only(text: str) -> str:
    """`text` in small letters alone; Mkt is Market."""
    return re.sub(r"[^a-z]", "", re.sub(r"\bmkt\b", "market", text.lower()))


_BY_LETTERS: dict[str, str] = {}
for _spelling in GRADES:
    _BY_LETTERS.setdefault(_letters_only(_spelling), _spelling)
_NO_RATING_LETTERS = frozenset(_letters_only(_words) for _words in _NO_RATING)


def spell_grade(text: str) -> str:
    """The table's spelling of a grade that differs from it in capitals, blanks, hyphens or Mkt for Market alone;
    a text that the table does not know comes back as it is, for the contract to refuse."""
    return text if text in GRADES else _BY_LETTERS.get(_letters_only(text), text)


def is_no_rating(text: str) -> bool:
    """Whether `text` says that there is no rating: coverage suspended or dropped, not rated, tender."""
    return _letters_only(text) in _NO_RATING_LETTERS
