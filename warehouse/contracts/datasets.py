"""The contracts of all datasets. A column is declared here and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from warehouse.contracts.contract import (
    FIRST_DAY,
    FIRST_PERIOD,
    Column,
    Contract,
    LargeMove,
    NotBefore,
    NotInFuture,
    OnSession,
    Ordered,
    PaidAtMost,
    RatioWithin,
    period_bounds,
)
from warehouse.contracts.series_bounds import SERIES_BOUNDS
from warehouse.grades import GRADES

_PRICE = "price in the series' own currency or points"


# No price paid for a share was ever above 1e8, no target above a tenth of that; adjustment for the splits and dividends of
# decades may multiply. Prices are computed in whole millionths, so that less than one is none.
_LEAST_PRICE, _MOST_TARGET, _MOST_PAID, _MOST_ADJUSTED = 1e-6, 1e7, 1e8, 1e12


def _price_column(name: str, description: str, required: bool = False) -> Column:
    return Column(
        name, "float", description, unit=_PRICE, required=required, minimum=_LEAST_PRICE, maximum=_MOST_ADJUSTED
    )


_SYMBOL = Column("symbol", "string", "Symbol in canonical form (share class after a slash: BRK/B).", required=True)
_BASES = ("raw", "split", "total_return")

_BAR_COLUMNS = (
    _SYMBOL,
    Column("session_date", "date", "Session of the exchange calendar.", required=True),
    Column(
        "basis", "string", "How prices are adjusted: raw, split, or total_return.", required=True, vocabulary=_BASES
    ),
    _price_column("open", "First price; null where the vendor gives closes only."),
    _price_column("high", "Highest price; null where the vendor gives closes only."),
    _price_column("low", "Lowest price; null where the vendor gives closes only."),
    _price_column("close", "Last price of the session.", required=True),
    _price_column(
        "previous_close", "Close of the session before as the vendor states it, split on the day allowed for."
    ),
    Column("volume", "integer", "Shares traded.", unit="shares", minimum=0, maximum=1e11),
    Column(
        "market_cap", "float", "Market capitalisation as the vendor states it.", unit="USD", minimum=0, maximum=5e13
    ),
    Column("is_final", "boolean", "False for a bar fetched before its session had closed.", required=True),
)
_BAR_RULES = (
    Ordered("low", "open"),
    Ordered("close", "high"),
    Ordered("low", "close"),
    Ordered("open", "high"),
    OnSession("session_date"),
    NotInFuture("session_date"),
    LargeMove("close", "previous_close", 100.0),
    PaidAtMost(("open", "high", "low", "close", "previous_close"), _MOST_PAID),
)


def _bars_contract(
    name: str, what: str, columns: tuple[Column, ...] = _BAR_COLUMNS, count_change_limit: float | None = None
) -> Contract:
    return Contract(
        name=name,
        description=f"Daily bars of {what}, as the vendor gave them.",
        grain="symbol x session x source x basis",
        licence="The vendor's terms; for your own use unless they say otherwise.",
        columns=columns,
        key=("symbol", "session_date", "source", "basis"),
        year_column="session_date",
        rules=_BAR_RULES,
        fresh_within_sessions=5,
        count_change_limit=count_change_limit,
    )


# an index is never adjusted over so many splits that its level leaves what is paid
_INDEX_COLUMNS = tuple(
    replace(column, maximum=_MOST_PAID) if column.unit == _PRICE else column for column in _BAR_COLUMNS
)

INDEX_BARS = _bars_contract("index_bars", "indices", _INDEX_COLUMNS)
SECTOR_BARS = _bars_contract("sector_bars", "sector, size and style ETFs")
EQUITY_BARS = _bars_contract("equity_bars", "stocks", count_change_limit=0.2)

SPLITS = Contract(
    name="splits",
    description="Share splits as given by a source; inferred ones stand in marts.splits.",
    grain="symbol x ex-date x source",
    licence="The vendor's terms.",
    columns=(
        _SYMBOL,
        Column("ex_date", "date", "First session at the new share count.", required=True),
        Column("numerator", "integer", "New shares.", unit="shares", required=True, minimum=1, maximum=1e9),
        Column("denominator", "integer", "Old shares.", unit="shares", required=True, minimum=1, maximum=1e9),
    ),
    key=("symbol", "ex_date", "source"),
    year_column="ex_date",
    rules=(RatioWithin("numerator", "denominator", 100_000), *period_bounds("ex_date")),
)

DIVIDENDS = Contract(
    name="dividends",
    description="Cash dividends.",
    grain="symbol x ex-date x source",
    licence="The vendor's terms.",
    columns=(
        _SYMBOL,
        Column("ex_date", "date", "First session without the dividend.", required=True),
        Column("amount_usd", "float", "Dividend a share.", unit="USD", required=True, minimum=0, maximum=_MOST_PAID),
    ),
    key=("symbol", "ex_date", "source"),
    year_column="ex_date",
    rules=period_bounds("ex_date"),
)

SECURITIES = Contract(
    name="securities",
    description="What a symbol was called, where listed and how classified, for an interval of time.",
    grain="symbol x first_seen x name x industry x sector x source",
    licence="The vendor's terms.",
    columns=(
        _SYMBOL,
        Column("first_seen", "date", "First day on which the source showed this description.", required=True),
        Column("last_seen", "date", "Last day on which the source showed this description."),
        Column("name", "string", "Name of the security.", required=True),
        Column("exchange", "string", "Listing exchange."),
        Column("country", "string", "Country of the issuer."),
        Column("ipo_year", "integer", "Year of the first listing.", minimum=1700, maximum=2200),
        Column("industry", "string", "Industry in the source's taxonomy."),
        Column("sector", "string", "Sector in the source's taxonomy."),
        Column("taxonomy", "string", "Whose sectors these are.", vocabulary=("nasdaq", "gics", "yahoo")),
        Column("shares_outstanding", "float", "Shares outstanding.", unit="shares", minimum=0, maximum=1e14),
    ),
    key=("symbol", "first_seen", "source"),
    year_column="first_seen",
    rules=(NotBefore("first_seen", FIRST_PERIOD), Ordered("first_seen", "last_seen"), NotInFuture("first_seen")),
)

SYMBOL_CHANGES = Contract(
    name="symbol_changes",
    description="One company, a new symbol.",
    grain="from_symbol x change_date x source",
    licence="The vendor's terms.",
    columns=(
        Column("from_symbol", "string", "Symbol before.", required=True),
        Column("to_symbol", "string", "Symbol after.", required=True),
        Column("change_date", "date", "First session under the new symbol.", required=True),
    ),
    key=("from_symbol", "change_date", "source"),
    year_column="change_date",
    rules=period_bounds("change_date"),
)

MEMBERSHIPS = Contract(
    name="memberships",
    description="Who belongs to a universe, as told by intervals, by changes, or by the list of one day.",
    grain="universe x symbol x kind x effective_date x source",
    licence="The index owner's terms; a fund's holdings stand in for the index, which is said.",
    columns=(
        Column("universe", "string", "Universe, such as sp500 or russell2000.", required=True),
        _SYMBOL,
        Column(
            "kind", "string", "What the row says.", required=True, vocabulary=("interval", "add", "remove", "snapshot")
        ),
        Column(
            "effective_date", "date", "First day in the universe, day of the change, or day of the list.", required=True
        ),
        Column("end_date", "date", "First day outside; null while a member, and for other kinds."),
        Column("name", "string", "Name as the list gives it."),
        Column("sector", "string", "GICS sector as the list gives it."),
        Column("weight_pct", "float", "Weight in the list.", unit="percent", minimum=-1e4, maximum=1e4),
        Column("quantity", "float", "Shares held by the fund.", unit="shares", minimum=-1e14, maximum=1e14),
        _price_column("price", "Price as the list gives it."),
    ),
    key=("universe", "symbol", "kind", "effective_date", "source"),
    year_column="effective_date",
    rules=(Ordered("effective_date", "end_date"), *period_bounds("effective_date", "end_date")),
)

RATING_ACTIONS = Contract(
    name="rating_actions",
    description="Analysts' ratings.",
    grain="symbol x firm x rated_at x source",
    licence="The vendor's terms.",
    columns=(
        _SYMBOL,
        Column(
            "rated_at",
            "instant",
            "When it was published; midnight UTC of the day where only the day is known.",
            unit="UTC",
            required=True,
        ),
        Column("rating_date", "date", "Day of publication in New York.", required=True),
        Column("firm", "string", "Who rates.", required=True),
        Column(
            "to_grade",
            "string",
            "Grade in the firm's words; null where only a target was published.",
            vocabulary=tuple(sorted(GRADES)),
        ),
        Column("from_grade", "string", "Grade before, where given."),
        Column("action", "string", "As the vendor gives it.", vocabulary=("up", "down", "init", "main", "reit")),
        Column("price_target_usd", "float", "Price target.", unit="USD", minimum=0, maximum=_MOST_TARGET),
        Column("available_at", "instant", "When it became public.", unit="UTC"),
    ),
    key=("symbol", "firm", "rated_at", "source"),
    year_column="rating_date",
    rules=(NotBefore("rating_date", FIRST_DAY), NotInFuture("rating_date")),
)

FUNDAMENTALS = Contract(
    name="fundamentals",
    description="Reported figures of companies, by period and filing.",
    grain="symbol x concept x period x accession x source",
    licence="SEC filings are public; a vendor's table under its terms.",
    columns=(
        _SYMBOL,
        Column(
            "concept",
            "string",
            "What is reported.",
            required=True,
            vocabulary=("revenue", "eps_diluted", "net_income", "shares_diluted", "shares_outstanding"),
        ),
        Column("period_start", "date", "First day of the period.", required=True),
        Column("period_end", "date", "Last day of the period.", required=True),
        Column("accession", "string", "The filing; '' where the source names none.", required=True),
        Column("value", "float", "As reported.", unit="see `unit`", required=True, minimum=-1e17, maximum=1e17),
        Column("unit", "string", "USD, USD/shares or shares.", required=True),
        Column("form", "string", "Form of the filing."),
        Column("filed_date", "date", "Day of the filing."),
        Column("is_filed_assumed", "boolean", "True where available_at is the period's end + 90 days.", required=True),
        Column("available_at", "instant", "When it became public.", unit="UTC", required=True),
    ),
    key=("symbol", "concept", "period_start", "period_end", "accession", "source"),
    year_column="period_end",
    rules=(
        Ordered("period_start", "period_end"),
        NotBefore("filed_date", FIRST_DAY),
        NotInFuture("filed_date"),
        *period_bounds("period_start", "period_end"),
    ),
)

MACRO_OBSERVATIONS = Contract(
    name="macro_observations",
    description="Economic and financial time series.",
    grain="series x period x vintage x source",
    licence="As the series' owner says.",
    columns=(
        Column("series_id", "string", "Name of the series at its publisher.", required=True),
        Column("period_date", "date", "Day of the observation, or first day of its period.", required=True),
        Column("vintage", "string", "'latest', or the day (YYYY-MM-DD) whose state of knowledge it is.", required=True),
        Column(
            "value",
            "float",
            "The observation; null where the publisher says that it has none.",
            unit="the series' own",
            minimum=-1e15,
            maximum=1e15,
        ),
        Column("available_at", "instant", "When it became public, where the source says.", unit="UTC"),
    ),
    key=("series_id", "period_date", "vintage", "source"),
    # the projections of the FOMC are for years ahead
    year_column="period_date",
    rules=(*SERIES_BOUNDS, *period_bounds("period_date")),
)

EVENTS = Contract(
    name="events",
    description="Speeches and policy events.",
    grain="event x source",
    licence="Public domain for the Federal Reserve's own texts.",
    columns=(
        Column("event_id", "string", "The publisher's identifier.", required=True),
        Column("event_date", "date", "Day in New York.", required=True),
        Column("event_at", "instant", "When.", unit="UTC"),
        Column("kind", "string", "What kind of event.", required=True, vocabulary=("speech", "policy")),
        Column("title", "string", "Its title.", required=True),
        Column("speaker", "string", "Who speaks."),
        Column("url", "string", "Where it can be read."),
    ),
    key=("event_id", "source"),
    year_column="event_date",
    rules=period_bounds("event_date"),
)

CONTRACTS: dict[str, Contract] = {
    c.name: c
    for c in (
        INDEX_BARS,
        SECTOR_BARS,
        EQUITY_BARS,
        SPLITS,
        DIVIDENDS,
        SECURITIES,
        SYMBOL_CHANGES,
        MEMBERSHIPS,
        RATING_ACTIONS,
        FUNDAMENTALS,
        MACRO_OBSERVATIONS,
        EVENTS,
    )
}
