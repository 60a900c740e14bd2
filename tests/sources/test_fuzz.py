"""Whatever the bytes: a parser returns rows that satisfy the contract, or raises a SourceError. Nothing else, ever."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources import catalog
from sources.base import Adapter
from tests.sources.fuzzing import TOKENS, VALUES, mutate
from tests.sources.satisfying import assert_satisfying
from tests.sources.seeds import Seed, seeds
from warehouse.errors import SourceError

CASES = int(os.environ.get("FUZZ_CASES", "2000"))
# so that two workers share the work of one adapter
PARTS = 4
# the simulated market asks no host: its payloads are our own
ADAPTERS = {name: one for name, one in catalog.adapters_by_name().items() if one.HOSTS}
NAMES = sorted(ADAPTERS)


def outcome(adapter: Adapter, payload: bytes, seed: Seed) -> str:
    """`rows` or the name of the error; anything else fails here."""
    try:
        parsed = adapter.parse(payload, seed.request)
    except SourceError as error:
        message = str(error)
        assert "\n" not in message
        assert len(message) < 2000
        return type(error).__name__
    assert_satisfying(parsed, adapter.NAME, adapter.DATASETS)
    return "rows"


def test_every_adapter_has_a_seed_that_gives_rows() -> None:
    assert sorted(seeds()) == NAMES
    for name in NAMES:
        for seed in seeds()[name]:
            assert outcome(ADAPTERS[name], seed.payload, seed) == "rows", seed.name


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.timeout(0 if CASES > 2000 else 3600)
def test_damaged_answers(name: str, part: int) -> None:
    adapter, found = ADAPTERS[name], seeds()[name]
    rng = random.Random(f"{name} {part}")
    seen = set()
    for case in range(CASES // PARTS):
        seed = found[case % len(found)]
        payload = mutate(seed.payload, rng)
        try:
            seen.add(outcome(adapter, payload, seed))
        except Exception as error:
            error.add_note(f"{seed.name}, case {case} of part {part}: {payload[:3000]!r}")
            raise
    # a harness that only ever breaks the frame would test nothing
    assert {"rows", "MalformedAnswer"} <= seen


def _documents() -> st.SearchStrategy[Any]:
    plain = st.sampled_from(VALUES) | st.integers() | st.floats() | st.text(max_size=8)
    names = st.sampled_from(sorted(_names()))
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5))


def _names() -> set[str]:
    """All names that occur in the seeds' JSON, so that a made-up document gets past the first look."""
    found: set[str] = set()
    for one in (seed for many in seeds().values() for seed in many):
        try:
            open_nodes = [json.loads(one.payload)]
        except ValueError:
            continue
        while open_nodes:
            node = open_nodes.pop()
            if isinstance(node, dict):
                found |= set(node)
                open_nodes += node.values()
            elif isinstance(node, list):
                open_nodes += node
    return found


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(document=_documents())
def test_made_up_documents(name: str, document: Any) -> None:
    seed = seeds()[name][0]
    outcome(ADAPTERS[name], json.dumps(document).encode(), seed)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.binary(max_size=12) | st.sampled_from(TOKENS), max_size=8))
def test_made_up_bytes(name: str, pieces: list[bytes]) -> None:
    outcome(ADAPTERS[name], b"".join(pieces), seeds()[name][0])
