"""What a Reporter says, in the log of the Prefect run that says it: of the task where one is under way, else of the flow."""

from __future__ import annotations

import logging
from collections.abc import Callable

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger


def flow_run_log() -> Callable[[int, str], None]:
    """For `Reporter.log`; called inside a flow run, whose log takes what threads outside of any task say."""
    of_flow = get_run_logger()

    def send_line(level: int, text: str) -> None:
        logger: logging.Logger | logging.LoggerAdapter[logging.Logger]
        try:
            logger = get_run_logger()
        except MissingContextError:
            logger = of_flow
        logger.log(level, text.strip())

    return send_line
