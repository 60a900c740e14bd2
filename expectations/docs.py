"""What the suites found, kept as small files under the home: one JSON a run, and one static page over the newest.

Great Expectations' own data docs load scripts from the web and grow by a page a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from expectations.rules import rules_of_contract
from expectations.suite import Validated
from warehouse.contracts.datasets import CONTRACTS
from warehouse.durable_io import write_whole_file

KEPT = 30


def write_validation_pages(home: Path, run_id: str, at: datetime, validated: Iterable[Validated]) -> Path | None:
    """Write `expectations/<run_id>-<of what>.json` and `expectations/index.html`; all but the newest KEPT go.

    Returns the page, or None where nothing was validated. Raises LakeError where the disk refuses.
    """
    results = _sum_by_dataset(validated)
    if not results:
        return None
    folder = home / "expectations"
    name = sha256(" ".join(results).encode()).hexdigest()[:8]
    text = json.dumps({"run_id": run_id, "at": at.isoformat(), "datasets": results}, indent=1)
    write_whole_file(folder / f"{run_id}-{name}.json", lambda path: path.write_text(text, encoding="utf-8") and None)
    files = sorted(folder.glob("*.json"), reverse=True)
    for old in files[KEPT:]:
        old.unlink(missing_ok=True)
    page = _index_page([json.loads(text) for text in map(_read_text_if_present, files[:KEPT]) if text])
    write_whole_file(folder / "index.html", lambda path: path.write_text(page, encoding="utf-8") and None)
    return folder / "index.html"


def _read_text_if_present(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""  # another run has pruned it since


def _sum_by_dataset(validated: Iterable[Validated]) -> dict[str, dict[str, Any]]:
    """By dataset the rows judged and the bad ones by rule, summed over batches."""
    results: dict[str, dict[str, Any]] = {}
    for one in validated:
        entry = results.setdefault(one.dataset, {"rows": 0, "found": dict.fromkeys(one.found, 0)})
        entry["rows"] += one.rows
        for rule, count in one.found.items():
            entry["found"][rule] += count
    return dict(sorted(results.items()))


def _index_page(runs: Iterable[Mapping[str, Any]]) -> str:
    sections = "\n".join(_run_section(run) for run in runs)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Breadthwise: expectations</title>
<style>body {{ font: 15px sans-serif; margin: 2em }} td, th {{ padding: 2px 12px 2px 0; text-align: left }}
td.count {{ text-align: right }}</style></head>
<body><h1>Expectations, newest run first</h1>
{sections}
</body></html>
"""


def _run_section(run: Mapping[str, Any]) -> str:
    lines = []
    for dataset, entry in run["datasets"].items():
        known_rules = (
            {rule.name: rule for rule in rules_of_contract(CONTRACTS[dataset])} if dataset in CONTRACTS else {}
        )
        broken = [(name, count) for name, count in entry["found"].items() if count]
        for name, count in broken or [("all rules hold", 0)]:
            rule = known_rules.get(name)
            cells = (dataset, f"{entry['rows']:,}", name, f"{count:,}", rule.severity if rule else "")
            text = "".join(f"<td{_cell_class(place)}>{escape(cell)}</td>" for place, cell in enumerate(cells))
            lines.append(f"<tr>{text}<td>{escape(rule.description if rule else '')}</td></tr>")
    head = "<tr><th>dataset</th><th>rows</th><th>rule</th><th>bad</th><th>severity</th><th>what it says</th></tr>"
    return f"<h2>{escape(run['run_id'])} ({escape(run['at'])})</h2>\n<table>{head}\n" + "\n".join(lines) + "\n</table>"


def _cell_class(place: int) -> str:
    return ' class="count"' if place in (1, 3) else ""
