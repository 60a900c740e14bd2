"""The command line: finds the commands of `flows/commands` and runs one; an error is one line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from flows import commands
from flows.console.context import Context, Reporter, timings_table
from flows.console.hints import note_home
from flows.console.mishaps import check_home, of_other_release, to_breadthwise_error
from flows.console.stopping import exit_if_threads_wait, interrupt_on_signals
from flows.console.terminal import guard_terminal
from warehouse.controls import printable_lines
from warehouse.errors import BreadthwiseError
from warehouse.home import data_home as default_home

EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with gaps (named)."


def command_modules() -> dict[str, ModuleType]:
    """The commands by name. They import nothing heavy until they run. One that commits nothing has ONLY_READS."""
    found = {}
    for info in pkgutil.iter_modules(commands.__path__):
        if not info.name.startswith("_"):
            name = info.name.rstrip("_").replace("_", "-")
            found[name] = importlib.import_module(f"flows.commands.{info.name}")
    return found


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="breadthwise",
        description="Market rotation and breadth, in figures that can be checked.",
        epilog=f"{EXIT_CODES} The home is BREADTHWISE_HOME, else ./data.",
    )
    parser.add_argument("--home", type=Path, help="data home (default: BREADTHWISE_HOME, else ./data)")
    parser.add_argument("--debug", action="store_true", help="show the trace of an error")
    parser.add_argument("--timings", action="store_true", help="print seconds and peak memory of each step")
    parser.add_argument("--quiet", action="store_true", help="no progress; what failed and the result are still said")
    listed = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in sorted(command_modules().items()):
        own = listed.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"examples:\n{module.EXAMPLES}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        own.set_defaults(run=module.run, only_reads=getattr(module, "ONLY_READS", False))
        # also after the command, where people type them
        for option in ("--debug", "--timings", "--quiet"):
            own.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        own.add_argument("--home", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        module.add_arguments(own)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Errors of ours are one line, others too unless --debug."""
    given = make_parser().parse_args(arguments)
    home = (given.home or default_home()).expanduser().absolute()
    note_home(home, is_option=given.home is not None)
    context = Context(home, Reporter(quiet=given.quiet))
    code = _run_command(given, context)
    if given.timings:
        print(timings_table(context.reporter), file=sys.stderr)
    return code


def _run_command(given: argparse.Namespace, context: Context) -> int:
    """The exit code of one command; whatever ends it is one line, with --debug after its trace."""
    name = f"breadthwise {given.command}"
    stopped = f"{name}: stopped" + ("" if given.only_reads else "; what was committed stays, run it again to go on")
    try:
        with interrupt_on_signals(stopped), guard_terminal():
            check_home(context.home)
            _end_orphans(context.home)
            code: int = given.run(given, context)
            return code
    except KeyboardInterrupt:
        print(stopped, file=sys.stderr)
        exit_if_threads_wait()
        return 1
    except BrokenPipeError:
        # the reader of our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last wall: a user sees one line, with --debug the trace
        if given.debug:
            traceback.print_exc()
        known = error if isinstance(error, BreadthwiseError) else to_breadthwise_error(error)
        if known is None and given.only_reads:
            known = of_other_release(context.home, error)
        if known is not None:
            print(printable_lines(f"{name}: {known}"), file=sys.stderr)
            return known.exit_code
        said = f"{name}: {type(error).__name__}: {error} (internal error, please report; --debug shows where)"
        print(printable_lines(said), file=sys.stderr)
        return 1


def _end_orphans(home: Path) -> None:
    """A Prefect server whose command was killed goes with the next command on its home."""
    if (home / "prefect" / "servers").is_dir():
        from flows.orchestration.server import end_orphans

        end_orphans(home)


if __name__ == "__main__":
    sys.exit(main())
