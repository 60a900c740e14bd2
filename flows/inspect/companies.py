"""The names of companies that the lake knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from reports.factcheck.articles.companies import Companies
from warehouse.duck import connect
from warehouse.lake.lake import Lake


def companies_of_home(home: Path, session: date) -> Companies:
    """The companies by the descriptions that their symbols bear on `session`; none where the lake has no list of them."""
    lake = Lake(home)
    manifest = lake.manifest()
    if not any(file.dataset == "securities" for file in manifest.files):
        return Companies()
    with connect() as con:
        rows = con.execute(
            f"""select symbol, arg_max(name, (first_seen, source)) from ({lake.current_sql("securities", manifest)})
            where first_seen <= ? and name is not null group by symbol""",
            [session],
        ).fetchall()
    return Companies.of_descriptions(rows)
