"""Makes docs/report.png, the README's picture of the page: `python -m tests.browser.picture PAGE.html OUT.png`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS

_WIDTH, _HEIGHT = 1280, 900
_MOST_BYTES = 300_000


def make(page_file: Path, out: Path) -> None:
    """The top of the page as a reader meets it. Raises SystemExit where the picture is over 300 kB."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), timeout=PATIENCE_MS)
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(page_file.resolve().as_uri())
        page.screenshot(path=str(out))
        browser.close()
    if out.stat().st_size > _MOST_BYTES:
        raise SystemExit(
            f"{out} has {out.stat().st_size} bytes, at most {_MOST_BYTES} are wanted: show less of the page"
        )


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))
