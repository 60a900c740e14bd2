"""One browser, one simulated home with its report, and pages of it that may ask nobody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.integration.conftest import LAST_SESSION, demo_home, demo_template
from tests.support.patience import HANG_SECONDS

__all__ = ["demo_home", "demo_template"]

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# a page is there at once; how long a busy machine takes is no verdict on it
PATIENCE_MS = HANG_SECONDS * 1000
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Opened:
    """A page with what it wrote to the console and what it asked for besides itself."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"there is no {CHROMIUM}: `make browser` installs it")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), timeout=PATIENCE_MS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def report_folder(demo_template: Path) -> Path:
    return demo_template / "reports" / LAST_SESSION


def open_page(browser: Browser, path: Path, width: int = 1280, scheme: str = "light") -> Opened:
    """The file `path` in a window of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    context.set_default_timeout(PATIENCE_MS)
    opened = Opened(context.new_page())
    opened.page.on("console", lambda message: opened.console.append(message.text))
    opened.page.on("pageerror", lambda error: opened.console.append(str(error)))
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.goto(path.resolve().as_uri())
    return opened
