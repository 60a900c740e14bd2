"""`breadthwise mock-api`: the public APIs on this machine, from a simulated market or payload files, with faults."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_day

ONLY_READS = True
HELP = "Serve the public APIs on this machine, from a simulated market or from payload files, with faults on demand."
EXAMPLES = """  breadthwise mock-api --port 8900 --end 2026-01-23
  breadthwise mock-api --end 2026-01-23 --fault-share 0.3 --fault-kinds too_many,html,cut
  breadthwise mock-api --payloads recordings/"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default 0: any free one)")
    parser.add_argument("--payloads", type=Path, help="folder: files HOST/PATH, or recordings with .meta.json")
    parser.add_argument("--end", type=parse_day, help="last session of the market (default: the last completed one)")
    parser.add_argument("--seed", type=int, default=7, help="seed of the simulated market (default 7)")
    parser.add_argument("--symbols", type=int, default=600, help="stocks of the simulated market (default 600)")
    parser.add_argument("--years", type=int, default=3, help="years of the simulated market (default 3)")
    parser.add_argument("--fault-share", type=float, default=0.0, help="share of the answers that are faulty (0 to 1)")
    parser.add_argument("--fault-seed", type=int, default=0, help="which ones they are (default 0)")
    parser.add_argument("--fault-kinds", default="", metavar="KIND,KIND", help="which faults (default all)")
    parser.add_argument("--seconds", type=float, help="end after so many seconds (default: until it is stopped)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Prints the base URL and serves; a client asks BASE/HOST/PATH in place of https://HOST/PATH."""
    from sources.mock_api import KINDS, Faults, MockApi
    from sources.providers.simulated import generate_market
    from warehouse.calendar import last_completed_session
    from warehouse.settings import Settings

    kinds = [kind.strip() for kind in arguments.fault_kinds.split(",") if kind.strip()] or list(KINDS)
    try:
        faults = Faults(arguments.fault_share, arguments.fault_seed, kinds)
    except ValueError as error:
        raise UsageError(str(error)) from error
    end = arguments.end or last_completed_session(datetime.now(UTC), Settings().close_margin_minutes)
    market = None
    if arguments.payloads is None:
        with context.reporter.time_step("simulate the market"):
            market = generate_market(arguments.seed, end=end, symbols=arguments.symbols, years=arguments.years)
    with MockApi(market, payloads=arguments.payloads, faults=faults, port=arguments.port) as api:
        print(api.base_url, flush=True)
        context.reporter.print_line(
            f"  answers {api.base_url}/HOST/PATH for https://HOST/PATH; log and faults: /__mock__/"
        )
        context.reporter.print_line(f'  to use it, put into breadthwise.toml: base_urls = {{ "*" = "{api.base_url}" }}')
        _wait_for_interrupt(arguments.seconds)
    return 0


def _wait_for_interrupt(seconds: float | None) -> None:
    until = None if seconds is None else time.monotonic() + seconds
    while until is None or time.monotonic() < until:
        time.sleep(0.2 if until is None else min(0.2, max(until - time.monotonic(), 0)))
