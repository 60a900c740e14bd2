"""Preloaded by the server that forks the chaos test's workers: what takes seconds is done once, before the fork."""

import duckdb  # noqa: F401 - preloaded
import great_expectations  # noqa: F401 - preloaded
import pandas  # noqa: F401 - preloaded

import expectations.suite
import tests.support.histories  # noqa: F401 - preloaded
from sources.providers import simulated

simulated._simulate_world(simulated.DEFAULT_SEED, simulated.DEFAULT_SYMBOLS)
assert expectations.suite is not None
