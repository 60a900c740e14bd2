"""What a measure is: a column of a published table for each kind of entity, its unit and its names."""

from __future__ import annotations

from dataclasses import dataclass

from reports.figures.entities import Entity

# of this key there are the bands of market cap, and all of them as one
_CAP_BAND = "cap_band"


@dataclass(frozen=True)
class Place:
    """Where a measure stands for one kind of entity.

    `key` is the column that names the entity ('' where a row is a session), `coverage` two columns (of how many, out of how
    many), `more` further cells of the key such as statistic=record_close, `unit` the column's where it is not the measure's.
    Where it `is_held`, a row holds until the entity's next one.
    """

    table: str
    column: str
    key: str
    coverage: tuple[str, str] = ("", "")
    more: str = ""
    unit: str = ""
    is_held: bool = False


@dataclass(frozen=True)
class Measure:
    """`unit`: pct, pp, share (0..1), points, usd, shares, stocks, sessions, score, rank, ratio, '' (a word or a bare number).

    `digits` are the decimals that a reader is shown. `places` are by kind of entity.
    """

    id: str
    unit: str
    digits: int
    places: dict[str, Place]
    names: tuple[str, ...]

    def place_of(self, entity: Entity) -> Place | None:
        """Where the measure of `entity` stands, None where it has none."""
        place = self.places.get(entity.kind)
        if place is not None and place.key == _CAP_BAND and not (entity.id == "all" or entity.id.startswith("cap:")):
            return None
        return place
