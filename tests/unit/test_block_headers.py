"""What a model made in blocks may say in its header, and which tables it may read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from transforms.engine.blocks import check_readers
from transforms.engine.model import Model, parse_model
from transforms.engine.reach import adjacent_runs
from warehouse.errors import ModelError


def model(name: str, line: str, sql: str) -> Model:
    column = '{name: x, type: INTEGER, unit: "", description: "A number."}'
    header = f"description: D.\ngrain: x\nmaterialized: table\npublish: false\n{line}\ncolumns:\n  - {column}"
    return parse_model("intermediate", name, f"/*\n{header}\n*/ {sql}")


def test_a_whole_table_must_not_read_the_sessions_in_reach_alone() -> None:
    part = model("part", "blocks: {by: x, kept: false}", "select 1 as x")
    kept = model("kept", "blocks: {by: x}", "select x from intermediate.part")
    whole = model("whole", "", "select x from intermediate.part")
    check_readers({one.name: one for one in (part, kept)})
    with pytest.raises(ModelError, match="whole reads intermediate.part, which holds the sessions in reach alone"):
        check_readers({one.name: one for one in (part, kept, whole)})


def test_a_whole_table_must_not_read_bars() -> None:
    bars = replace(model("bars", "", "select 1 as x"), schema="staging", stem="equity_bars")
    whole = model("whole", "", "select x from staging.equity_bars")
    with pytest.raises(ModelError, match=r"whole reads staging.equity_bars, which holds the sessions in reach alone"):
        check_readers({one.name: one for one in (bars, whole)})


@pytest.mark.parametrize("table", ["equity_bars_of_block", "equity_bars_history"])
@pytest.mark.parametrize(
    ("line", "beside"),
    [
        ("", "staging.splits"),
        ("blocks: {by: x, back: 8}", "staging.splits"),
        ("blocks: {by: x, back: 0, ahead: 1}", "staging.splits"),
        ("blocks: {by: x, back: 0, kept: false}", "staging.splits"),
        ("blocks: {by: x, back: 0}", "intermediate.part"),
    ],
)
def test_the_bars_of_a_block_are_read_of_the_block_alone(line: str, beside: str, table: str) -> None:
    part = model("part", "blocks: {by: x, kept: false}", "select 1 as x")
    splits = replace(model("splits", "", "select 1 as x"), schema="staging")
    sql = f"select 1 as x from staging.{table} inner join {beside} using (x)"
    one = model("one", line, sql)
    with pytest.raises(ModelError, match=f"one reads staging.{table}, which has the bars of the blocks"):
        check_readers({each.name: each for each in (part, splits, one)})
    right = model("right", "blocks: {by: x, back: 0}", sql.replace(beside, "staging.splits"))
    check_readers({each.name: each for each in (splits, right)})


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("blocks: {back: 3}", "blocks is {'back': 3}; write {by: column}"),
        ("blocks: {by: x, back: long}", "write {by: column}"),
        ("blocks: {by: x, until: 3}", "write {by: column}"),
        ("blocks: {by: x, back: -1}", "blocks looks back -1 and ahead 0 sessions; neither is below 0"),
        ("blocks: {by: x, ahead: -5}", "blocks looks back 256 and ahead -5 sessions; neither is below 0"),
        ("sessions: [a, b, c]", "sessions is ['a', 'b', 'c']; write a column, [first, first after]"),
    ],
)
def test_a_wrong_header_says_what_to_write(line: str, error: str) -> None:
    with pytest.raises(ModelError) as raised:
        model("m", line, "select 1 as x")
    assert error in str(raised.value)


def test_adjacent_blocks_are_made_in_one_go() -> None:
    assert adjacent_runs([3, 4, 5, 9, 11, 12]) == [(3, 5), (9, 9), (11, 12)]
    assert adjacent_runs([]) == []
