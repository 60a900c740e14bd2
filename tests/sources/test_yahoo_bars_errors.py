"""What is wrong with an answer of Yahoo's charts is the error that it stands for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources.yahoo_charts import parsed, result, stock
from warehouse.errors import (
    AccessRefused,
    ChangedShape,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
)


def error(code: str, description: str) -> Any:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


def changed(*path: Any, value: Any = None) -> Any:
    document = stock()
    node = document
    for name in path[:-1]:
        node = node[name]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return document


FRAME = ("chart", "result", 0)
EMPTY = changed(*FRAME, "timestamp")
result(EMPTY)["indicators"] = {"quote": [{}]}
ERRORS: list[tuple[Any, type[SourceError]]] = [
    (error("Not Found", "No data found, symbol may be delisted"), NotFound),
    (error("Bad Request", "Data doesn't exist for startDate = 1, endDate = 2"), NoData),
    (error("Unauthorized", "Invalid Crumb"), AccessRefused),
    ({"finance": {"result": None, "error": {"code": "Too Many Requests", "description": "Rate limited"}}}, RateLimited),
    (error("Unprocessable Entity", "1x is not supported"), MalformedAnswer),
    ({"chart": {"result": [], "error": None}}, NoData),
    (EMPTY, NoData),
    (changed(*FRAME, "timestamp"), ChangedShape),
    (changed(*FRAME, "indicators", "quote", value=[{}]), NoData),
    (changed("chart"), ChangedShape),
    (changed(*FRAME, "meta"), ChangedShape),
    (changed(*FRAME, "meta", "symbol"), ChangedShape),
    (changed(*FRAME, "indicators"), ChangedShape),
    (changed(*FRAME, "indicators", "quote", 0, "open"), ChangedShape),
    (changed(*FRAME, "indicators", "quote", 0, "close", value={"a": 1}), ChangedShape),
    (changed(*FRAME, "meta", "dataGranularity", value="1m"), ChangedShape),
    (changed(*FRAME, "meta", "symbol", value="OTHER"), MalformedAnswer),
]


@pytest.mark.parametrize(("document", "kind"), ERRORS)
def test_error_matrix(document: Any, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(document, symbol="ABCD")
    assert type(caught.value) is kind
    assert str(caught.value).startswith("yahoo_bars ABCD: ")
