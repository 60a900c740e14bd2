"""The contracts of all datasets. A column is declared here and nowhere else."""

from __future__ import annotations

from warehouse.contracts.bars import EQUITY_BARS, INDEX_BARS, MOST_PAID, MOST_TARGET, SECTOR_BARS, SYMBOL, price_column
from warehouse.contracts.contract import (
    FIRST_DAY,
    FIRST_PERIOD,
    Column,
    Contract,
    NotBefore,
    NotInFuture,
    Ordered,
    RatioWithin,
    period_bounds,
)
from warehouse.contracts.series_bounds import SERIES_BOUNDS
from warehouse.grades import GRADES

SPLITS = Contract(
    name="splits",
    description="Share splits as given by a source; inferred ones stand in marts.splits.",
    grain="symbol x ex-date x source",
    licence="The vendor's terms.",
    columns=(
        SYMBOL,
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
        SYMBOL,
        Column("ex_date", "date", "First session without the dividend.", required=True),
        Column("amount_usd", "float", "Dividend a share.", unit="USD", required=True, minimum=0, maximum=MOST_PAID),
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
        SYMBOL,
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
        SYMBOL,
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
        price_column("price", "Price as the list gives it."),
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
        SYMBOL,
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
        Column("price_target_usd", "float", "Price target.", unit="USD", minimum=0, maximum=MOST_TARGET),
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
        SYMBOL,
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
