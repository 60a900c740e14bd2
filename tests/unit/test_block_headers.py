"""What a model made in blocks may say in its header, and which tables it may read."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("line", "sql"),
    [
        ("blocks: {by: x, back: 8}", "select 1 as x from staging.equity_bars_history"),
        ("blocks: {by: x, back: 0, ahead: 1}", "select 1 as x from staging.equity_bars_history"),
        (
            "blocks: {by: x, back: 0}",
            "select 1 as x from staging.equity_bars_history inner join staging.splits using (x)",
        ),
        ("blocks: {by: x, back: 0, kept: false}", "select 1 as x from staging.equity_bars_history"),
    ],
)
def test_the_history_of_bars_is_read_alone_and_of_the_block_alone(line: str, sql: str) -> None:
    one = model("one", line, sql)
    with pytest.raises(ModelError, match="one reads staging.equity_bars_history, whose blocks are named by files"):
        check_readers({one.name: one})
    right = model("right", "blocks: {by: x, back: 0}", "select 1 as x from staging.equity_bars_history")
    check_readers({right.name: right})


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
