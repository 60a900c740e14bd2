"""The environment variables that Breadthwise reads, with what each is for: keys of vendors, the home."""

from __future__ import annotations

from sources import catalog

_OWN = (
    ("BREADTHWISE_HOME", "The data home, where `--home` does not name one (default `./data`)."),
    ("BREADTHWISE_MODEL_TIMINGS", "Set to anything, `--timings` lists the seconds of each SQL model too."),
    (
        "PREFECT_API_URL",
        "A Prefect server that runs already; without it `run`, `backfill` and `serve` start one of their own.",
    ),
)


def environment_variables() -> list[tuple[str, str]]:
    """(name, meaning), the project's own first, then the vendors' keys by name."""
    needed: dict[str, list[str]] = {}
    optional: dict[str, list[str]] = {}
    for name, adapter in catalog.adapters_by_name().items():
        key = adapter.NEEDS_KEY
        if key is not None:
            needed.setdefault(key, []).append(name)
        elif hasattr(adapter, "KEY"):
            optional.setdefault(adapter.KEY, []).append(name)
    keys = [(key, f"Needed by {_join_names(sources)}.") for key, sources in needed.items()]
    keys += [
        (key, f"Used by {_join_names(sources)} where it is set.")
        for key, sources in optional.items()
        if key not in needed
    ]
    return [*_OWN, *sorted(keys)]


def _join_names(sources: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in sources)
