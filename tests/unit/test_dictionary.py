"""The generated pages say what contracts and headers say, and are not stale."""

from __future__ import annotations

from pathlib import Path

from flows.inspect.pages import stale_pages, write_pages
from tests.unit.test_model import HEADER
from transforms.docs import dictionary_page, generated_pages, method_register_page
from transforms.engine.load import load_models
from transforms.engine.model import parse_model
from warehouse.contracts.datasets import CONTRACTS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_pages_are_up_to_date() -> None:
    assert stale_pages(DOCS) == [], "run `breadthwise docs` and commit what it writes"


def test_a_column_stands_with_type_unit_and_meaning() -> None:
    models = {"marts.prices": parse_model("marts", "prices", HEADER)}
    text = dictionary_page(models, CONTRACTS)
    assert "### marts.prices\n\nWhat it is, in two lines. Grain: day." in text
    assert "| `close` | DOUBLE | USD | Last price. |" in text
    assert "- No price is negative." in text
    assert "| `volume` | BIGINT | shares | Shares traded. |" in text


def test_a_method_stands_with_what_is_known_of_it() -> None:
    text = method_register_page({"marts.prices": parse_model("marts", "prices", HEADER)})
    assert text.endswith(
        "## prices, version 2\n\nIn `marts.prices`: What it is, in two lines.\n\n- formula: as given\n- oracle: none\n"
    )


def test_every_dataset_and_every_model_is_in_the_dictionary() -> None:
    text = generated_pages()["dictionary.md"]
    assert [name for name in CONTRACTS if f"\n### {name}\n" not in text] == []
    named = {name: f"### {name}\n" if model.is_published else f"| `{name}` |" for name, model in load_models().items()}
    assert [name for name, place in named.items() if f"\n{place}" not in text] == []


def test_a_stale_page_is_told_and_written_again(tmp_path: Path) -> None:
    assert [path.name for path in write_pages(tmp_path)] == ["dictionary.md", "metrics.md", "settings.md"]
    assert write_pages(tmp_path) == []
    (tmp_path / "metrics.md").write_text("old", encoding="utf-8")
    assert [path.name for path in stale_pages(tmp_path)] == ["metrics.md"]
    assert [path.name for path in write_pages(tmp_path)] == ["metrics.md"]
    assert (tmp_path / "metrics.md").read_text(encoding="utf-8") == generated_pages()["metrics.md"]
