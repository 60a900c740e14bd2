"""`breadthwise mcp`: the warehouse for assistants that speak the Model Context Protocol."""

from __future__ import annotations

import argparse
import socket

from flows.console.context import Context
from warehouse.errors import UsageError

ONLY_READS = True
HELP = "Serve the warehouse to assistants over MCP: figures with their proof, read-only queries, verdicts on claims."
EXAMPLES = """  breadthwise mcp                                 (over standard input and output; see docs/assistants.md)
  breadthwise mcp --transport http --port 8765    (streamable HTTP on the loopback, at /mcp)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--transport", choices=("stdio", "http"), default="stdio", help="how clients reach it (default stdio)"
    )
    parser.add_argument(
        "--port", type=int, default=8765, help="port on the loopback, with --transport http (default 8765)"
    )


def _check_port(host: str, port: int) -> None:
    try:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"port {port} of {host} cannot be had ({error}); choose another from 1 to 65535 with --port"
        ) from error


def run(arguments: argparse.Namespace, context: Context) -> int:
    try:
        from reports.assistants.server import HOST, serve_tools
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise UsageError("assistants need the extra: pip install 'breadthwise[assistants]'") from error
    if arguments.transport == "http":
        _check_port(HOST, arguments.port)
        context.reporter.print_line(f"serving MCP at http://{HOST}:{arguments.port}/mcp; stop with Ctrl-C")
    serve_tools(context.home, context.settings, arguments.transport, arguments.port)
    return 0
