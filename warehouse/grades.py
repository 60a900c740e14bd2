"""The spellings of analysts' grades and the five levels that they stand for, in one table."""

_LEVELS: dict[str, tuple[str, ...]] = {
    "strong_buy": ("Strong Buy", "Conviction Buy", "Top Pick", "Strong-Buy"),
    "buy": (
        "Buy", "Outperform", "Overweight", "Accumulate", "Add", "Positive", "Sector Outperform",
        "Market Outperform", "Long-term Buy", "Long-Term Buy", "Speculative Buy", "Above Average",
        "Moderate Buy", "Outperformer", "Gradually Accumulate",
    ),
    "hold": (
        "Hold", "Neutral", "Market Perform", "Sector Perform", "Peer Perform", "Equal-Weight",
        "Equal-weight", "Equal Weight", "In-Line", "In-line", "In Line", "Perform", "Fair Value", "Sector Weight",
        "Mixed", "Average", "Market Weight", "Sector Performer", "Perform In Line", "Market Performer", "Cautious",
    ),
    "sell": (
        "Sell", "Underperform", "Underweight", "Reduce", "Negative", "Sector Underperform",
        "Market Underperform", "Below Average", "Trim", "Underperformer", "Moderate Sell",
    ),
    "strong_sell": ("Strong Sell", "Strong-Sell"),
}

GRADES: dict[str, str] = {spelling: level for level, spellings in _LEVELS.items() for spelling in spellings}
