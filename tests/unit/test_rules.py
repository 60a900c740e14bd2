"""The rules that follow from the contracts."""

from __future__ import annotations

import pytest

from expectations.rules import row_rules, rules_of_contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifier, quote_literal


def test_rules_of_the_equity_bars_in_order() -> None:
    names = [(rule.name, rule.severity) for rule in rules_of_contract(CONTRACTS["equity_bars"])]
    assert names == [
        ("symbol_required", "refuse"),
        ("session_date_required", "refuse"),
        ("basis_required", "refuse"),
        ("basis_known", "refuse"),
        ("open_finite", "refuse"),
        ("open_minimum", "refuse"),
        ("open_maximum", "refuse"),
        ("high_finite", "refuse"),
        ("high_minimum", "refuse"),
        ("high_maximum", "refuse"),
        ("low_finite", "refuse"),
        ("low_minimum", "refuse"),
        ("low_maximum", "refuse"),
        ("close_required", "refuse"),
        ("close_finite", "refuse"),
        ("close_minimum", "refuse"),
        ("close_maximum", "refuse"),
        ("previous_close_finite", "refuse"),
        ("previous_close_minimum", "refuse"),
        ("previous_close_maximum", "refuse"),
        ("volume_minimum", "refuse"),
        ("volume_maximum", "refuse"),
        ("market_cap_finite", "refuse"),
        ("market_cap_minimum", "refuse"),
        ("market_cap_maximum", "refuse"),
        ("is_final_required", "refuse"),
        ("source_required", "refuse"),
        ("payload_sha256_required", "refuse"),
        ("known_at_required", "refuse"),
        ("is_withdrawn_required", "refuse"),
        ("low_not_above_open", "refuse"),
        ("close_not_above_high", "refuse"),
        ("low_not_above_close", "refuse"),
        ("open_not_above_high", "refuse"),
        ("session_date_on_session", "refuse"),
        ("session_date_not_in_future", "refuse"),
        ("close_large_move", "warn"),
        ("raw_price_maximum", "refuse"),
        ("duplicate_key", "refuse"),
        ("row_count_changed", "warn"),
        ("not_fresh", "warn"),
    ]


def test_descriptions_are_sentences_for_people() -> None:
    described = {rule.name: rule.description for rule in rules_of_contract(CONTRACTS["equity_bars"])}
    assert described["close_minimum"] == "close is at least 1e-06."
    assert described["volume_minimum"] == "volume is at least 0."
    assert described["basis_known"] == "basis is one of: raw, split, total_return."
    assert described["close_large_move"] == "close lies within 100 % of previous_close."
    assert described["row_count_changed"] == "The number of rows of a day lies within 20% of the session before."


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_names_are_unique_and_fit_into_one_number(name: str) -> None:
    names = [rule.name for rule in rules_of_contract(CONTRACTS[name])]
    assert len(set(names)) == len(names)
    assert len(row_rules(CONTRACTS[name])) <= 62


def test_names_and_words_are_quoted() -> None:
    assert quote_identifier('a"b') == '"a""b"'
    assert quote_literal("it's") == "'it''s'"


def test_the_rules_of_a_contract_are_made_once() -> None:
    assert rules_of_contract(CONTRACTS["equity_bars"]) is rules_of_contract(CONTRACTS["equity_bars"])
