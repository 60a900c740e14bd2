"""Answers from a folder of payload files: a tree HOST/PATH, or recordings with a `.meta.json` of URL and status."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sources.mock_api.reply import Asked, Reply
from warehouse.errors import UsageError

_TYPES = {
    ".json": "application/json; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".xml": "application/xml",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_SECRET = ("apikey", "api_key", "token", "crumb")
_MIRRORS = {
    "query1.finance.yahoo.com": "query2.finance.yahoo.com",
    "query2.finance.yahoo.com": "query1.finance.yahoo.com",
}
_STATUS = re.compile(r"[1-5]\d\d")
# another value of these is another thing, while another value of a date is the same thing at another time
_NAMING = ("id", "symbol", "series_id", "modules", "portfolioId", "vintage_date", "output_type")


@dataclass(frozen=True)
class _Recorded:
    path: Path
    status: int
    params: Mapping[str, str]


class PayloadFiles:
    """The files of a folder by host and path; read anew at each answer, so that they can be edited meanwhile."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError where there is no such folder, or nothing in it that can be an answer."""
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}; give one with payload files")
        self._found: dict[tuple[str, str], list[_Recorded]] = {}
        for meta in sorted(folder.rglob("*.meta.json")):
            self._add_recording(meta)
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and len(parts) > 1 and "." in parts[0] and not path.name.endswith(".meta.json"):
                self._add_file(parts[0], "/" + "/".join(parts[1:]), _Recorded(path, 200, {}))
        if not self._found:
            raise UsageError(f"{folder} holds neither HOST/PATH files nor recordings with .meta.json")

    def _add_recording(self, meta: Path) -> None:
        try:
            record = json.loads(meta.read_text(encoding="utf-8"))
            url = urlsplit(record["url"])
            # people write "200 (with a remark)", too
            status = int(_STATUS.findall(f"{record.get('status')} 200")[0])
            params = dict(parse_qsl(url.query)) | dict(record.get("params") or {})
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise UsageError(f"{meta} describes no recording ({error!r}); give url, status, params") from error
        stem = meta.name.removesuffix(".meta.json")
        bodies = [p for p in sorted(meta.parent.iterdir()) if p != meta and _file_stem(p) == stem]
        # a URL in words ("any path of this host") can be no address
        if url.hostname and bodies and " " not in url.path:
            told_params = {name: str(value) for name, value in params.items()}
            self._add_file(url.hostname, unquote(url.path), _Recorded(bodies[0], status, told_params))

    def _add_file(self, host: str, path: str, recorded: _Recorded) -> None:
        spellings = {path, path.removesuffix(".gz")}
        spellings |= {s.removesuffix(ending) for s in list(spellings) for ending in _TYPES}
        for spelling in spellings:
            self._found.setdefault((host, spelling), []).append(recorded)

    def answer_request(self, asked: Asked) -> Reply | None:
        """The file that fits best: no other name, and as many equal parameters as can be."""
        fitting = [(_match_score(r.params, asked.query), -n, r) for n, r in enumerate(self._files_for_request(asked))]
        fitting = [found for found in fitting if found[0] is not None]
        if not fitting:
            return None
        recorded = max(fitting, key=lambda found: (found[0] or 0, found[1]))[2]
        body = recorded.path.read_bytes()
        if recorded.path.suffix == ".gz":
            body = gzip.decompress(body)
        suffix = Path(recorded.path.name.removesuffix(".gz")).suffix
        return Reply(body, recorded.status, _TYPES.get(suffix, "application/octet-stream"))

    def _files_for_request(self, asked: Asked) -> list[_Recorded]:
        here = self._found.get((asked.host, asked.path), [])
        return here + self._found.get((_MIRRORS.get(asked.host, ""), asked.path), [])


def _file_stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.removesuffix(Path(name).suffix)


def _match_score(params: Mapping[str, str], query: Mapping[str, Any]) -> int | None:
    score = 0
    for name, value in params.items():
        if name.lower() in _SECRET or name not in query:
            continue
        if query[name] == value:
            score += 1
        elif name in _NAMING:
            return None
    return score
