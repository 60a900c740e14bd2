"""Rows of faults: which run goes on with one, and which ends it, for it did the same thing or more and was whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.alerts.messages import FaultRow, Row, given_arguments, label_of_run
from warehouse.runs.outbox import FAULT, Alert

_DAYS = " to "


@dataclass(frozen=True)
class _Extent:
    """What a run was about: its first and last day as text, and the datasets, where it names any."""

    first: str
    last: str
    datasets: frozenset[str]


def row_of_faults(run: Row, counted: Sequence[Alert], runs: Mapping[str, Row]) -> FaultRow:
    """The faults that a run goes on with or ends, from those of its kind that counted, in order. `runs` are the journal's by id.

    Evenings make one row, which a whole run of its newest session or a later one ends; backfills one for each range and
    datasets, which a whole one of all of them ends.
    """
    kind = run["kind"]
    extents = {one.alert_id: _extent(runs.get(one.alert_id), one.label) for one in counted}
    faults: list[Alert] = []
    for one in counted:
        if one.state == FAULT:
            faults.append(one)
        else:
            over = _ended(kind, extents[one.alert_id], faults, extents)
            faults = [fault for fault in faults if fault not in over]
    own = _extent(run, label_of_run(run))
    same = [one for one in faults if kind != "backfill" or _is_same(own, extents[one.alert_id])]
    ended = _ended(kind, own, faults, extents)
    return FaultRow(same[-1] if same else None, ended[-1] if ended else None)


def _ended(kind: str, whole: _Extent, faults: Sequence[Alert], extents: Mapping[str, _Extent]) -> list[Alert]:
    """The faults that are over with a whole run."""
    if kind == "backfill":
        return [one for one in faults if _covers(whole, extents[one.alert_id])]
    if kind == "daily" and any(extents[one.alert_id].last > whole.last for one in faults):
        return []
    return list(faults)


def _is_same(one: _Extent, other: _Extent) -> bool:
    return _covers(one, other) or _covers(other, one)


def _covers(one: _Extent, other: _Extent) -> bool:
    has_datasets = not one.datasets or other.datasets <= one.datasets
    return one.first <= other.first and other.last <= one.last and has_datasets


def _extent(run: Row | None, label: str) -> _Extent:
    first, _, last = label.partition(_DAYS)
    named = {} if run is None else given_arguments(run).get("datasets") or {}
    return _Extent(first, last or first, frozenset(map(str, named)) if isinstance(named, list | dict) else frozenset())
