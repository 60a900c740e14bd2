"""An article in HTML is read as what a browser shows of it."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.articles.visible import visible_text

PAGE = """<!DOCTYPE html><html><head><title>Up 9%</title><style>p { width: 50% }</style>
<script>var s = "The S&P 500 rose 8.1%.";</script></head>
<body><h1>Markets</h1><p class="a39">The S&amp;P 500 <b>rose</b>
0.6%.</p><div hidden><div>None.</div>The Dow fell 7.7%.</div>
<h2>This week</h2><ul><li>Nasdaq +0.9%</li></ul><h2>Indices</h2>
<table><tr><th>Index</th><th>Week</th><th>YTD</th></tr>
<tr><td>Dow</td><td>-0.4%</td><td>+6.1%</td></tr></table>
<p>It&#39;s 4&nbsp;p.m.</p></body></html>"""


def test_a_page_gives_the_figures_that_a_reader_sees() -> None:
    found = [one.bound for one in find_claims(visible_text(PAGE)) if one.bound is not None]
    assert [(b.entity, b.metric, b.value) for b in found] == [
        ("SPX", "return_1d", "0.6"),
        ("COMP", "return_wtd", "0.9"),
        ("DJI", "return_wtd", "-0.4"),
        ("DJI", "return_ytd", "6.1"),
    ]


def test_nothing_hidden_is_read() -> None:
    text = visible_text(PAGE)
    assert not [word for word in ("50%", "39", "8.1", "7.7", "Up 9%", "amp", "<") if word in text]


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<html><head><title>Up 9%</title><body><p>The S&P 500 rose.", ["The S&P 500 rose."]),
        ("<head><meta charset=utf-8><title>Up 9%</title><p>The S&P 500 rose.", ["The S&P 500 rose."]),
        ("<p hidden>ad<p>The S&P 500 rose.", ["The S&P 500 rose."]),
        ("<div><p hidden>ad</div>The S&P 500 rose.", ["The S&P 500 rose."]),
        ("<ul><li hidden>ad<li>The S&P 500 rose.</ul>", ["- The S&P 500 rose."]),
        ("<ul><li hidden>ad<ul><li>ad</ul>ad</li><li>The S&P 500 rose.</ul>", ["- The S&P 500 rose."]),
        ("<div hidden><p>ad<ul><li>ad</ul></p>ad<video><source><track></video><wbr></div><p>The Dow rose.", ["The Dow rose."]),
        ("<p>The <span hidden>a<wbr>b</span>Dow rose.", ["The Dow rose."]),
    ],
)  # fmt: skip
def test_elements_that_need_no_end_tag_hide_no_more_than_themselves(page: str, lines: list[str]) -> None:
    assert [line for line in visible_text(page).split("\n") if line] == lines


def test_a_plain_text_stays_as_it_is() -> None:
    text = "The S&P 500 rose 0.6% & the VIX < 20.\n\n| a | b |"
    assert visible_text(text) == text
