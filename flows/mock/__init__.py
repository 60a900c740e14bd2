"""A local server that speaks the public APIs: to run the live adapters offline, and to test them against faults."""

from flows.mock.faults import KINDS, Faults
from flows.mock.server import Logged, MockApi

__all__ = ["KINDS", "Faults", "Logged", "MockApi"]
