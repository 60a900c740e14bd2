"""How far a backfill is, in words for Prefect's artifact: of which dataset how many requests, and how long the rest takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flows.backfill.plan import Chunk
from flows.backfill.runner import duration_in_words


class Progress:
    """Counts the chunks of one round as they end. Times are seconds."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._of: Counter[tuple[str, str]] = Counter()
        for chunk in chunks:
            self._of[chunk.dataset, chunk.source] += len(chunk.requests)
        self._done: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        return self._of.total()

    @property
    def percent(self) -> float:
        return 100.0 * self._done.total() / self.total if self.total else 100.0

    def add(self, chunk: Chunk) -> None:
        """`chunk` is answered and committed."""
        self._done[chunk.dataset, chunk.source] += len(chunk.requests)

    def text(self, seconds: float) -> str:
        """Markdown: a line over all after `seconds` of work, with the time for the rest at the speed so far, and a table
        with a line for each dataset and source."""
        done = self._done.total()
        # the card of the artifact shows some forty characters
        line = f"{done:,} of {self.total:,} requests"
        if 0 < done < self.total:
            line += f", about {duration_in_words(seconds / done * (self.total - done))} left"
        rows = [
            f"| {dataset} | {source} | {self._done[dataset, source]:,} | {count:,} | {count - self._done[dataset, source]:,} |"
            for (dataset, source), count in self._of.items()
        ]
        return "\n".join(
            [line, "", "| dataset | source | done | of | remaining |", "| --- | --- | ---: | ---: | ---: |", *rows]
        )
