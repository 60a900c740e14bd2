"""A local server that speaks the public APIs: to run the live adapters offline, and to test them against faults."""

from sources.mock_api.faults import KINDS, Faults
from sources.mock_api.server import Logged, MockApi

__all__ = ["KINDS", "Faults", "Logged", "MockApi"]
