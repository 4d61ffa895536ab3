"""The data of engine.py: vectors, queries, payload fields to filter by, and exact answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import datasets
import numpy as np
from compare import joined_pairs

K = 10
SEED = 11
GROUPS = 2
GROUPED_QUERIES = 500  # make the groups, however many are asked
SELECTIVITIES = (0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001)
QUERY_BLOCK = 16


def clusters_of(rows: np.ndarray, count: int) -> np.ndarray:
    """The centres of spherical k-means."""
    centres = rows[np.random.default_rng(SEED).choice(len(rows), count, replace=False)]
    for _ in range(20):
        nearest = (rows @ centres.T).argmax(axis=1)
        sums = np.array([rows[nearest == i].sum(axis=0) if (nearest == i).any() else centres[i] for i in range(count)])
        centres = datasets.normalized(sums)
    return centres


@dataclass(frozen=True)
class Window:
    """The points whose rank in a field is in [first, end)."""

    field: str
    first: int
    end: int

    def filter(self, number: int) -> dict:
        """As the API writes it; each number gives another lower bound, which accepts the same points."""
        shift = 1 / (2 + number)
        return {"must": [{"key": self.field, "range": {"gte": self.first - shift, "lt": self.end - 0.5}}]}


@dataclass
class Data:
    """Vectors of one collection, and what its points are filtered by.

    Each field numbers the points: `hash` in random order, `far_0` ... by their similarity to a group of the queries, the
    least similar first. A window of a field is a filter; fields hold ranks, so that windows accept exactly so many.
    """

    vectors: np.ndarray  # [n, dim] f32, normalised
    queries: np.ndarray  # [q, dim] f32, normalised
    files: Path  # vectors.npy as loaded, and a file for each field
    orders: dict[str, np.ndarray] = field(default_factory=dict)  # field → ids by rank
    group_of: np.ndarray | None = None

    @classmethod
    def large(cls, count: int, queries: int, files: Path) -> "Data":
        directory = datasets.LARGE_DIRECTORY
        if not (directory / "vectors.npy").is_file():
            raise SystemExit(f"no large set at {directory} (SEXTANT_LARGE_DIR)")
        raw = np.load(directory / "vectors.npy", mmap_mode="r")[:count]
        asked = np.load(directory / "queries.npy")[:queries]
        return cls(datasets.normalized(raw), datasets.normalized(asked), files).saved(raw)

    @classmethod
    def joined(cls, count: int, queries: int, files: Path) -> "Data":
        vectors, asked = joined_pairs(datasets.LARGE_DIRECTORY, count, queries)
        return cls(datasets.normalized(vectors), datasets.normalized(asked), files).saved(vectors.astype(np.float16))

    def saved(self, raw: np.ndarray) -> "Data":
        self.files.mkdir(parents=True, exist_ok=True)
        np.save(self.files / "vectors.npy", raw)
        return self

    def add_fields(self) -> None:
        """The fields, of files that an earlier run made where there are some: stores hold their very ranks."""
        centres = clusters_of(datasets.normalized(np.load(datasets.LARGE_DIRECTORY / "queries.npy")[:GROUPED_QUERIES]), GROUPS)
        self.group_of = (self.queries @ centres.T).argmax(axis=1)
        self.add_field("hash", lambda: np.random.default_rng(SEED).permutation(len(self.vectors)))
        for group, centre in enumerate(centres):
            self.add_field(f"far_{group}", lambda centre=centre: np.argsort(self.vectors @ centre, kind="stable"))

    def add_field(self, name: str, make_order: Callable[[], np.ndarray]) -> None:
        file = self.files / f"{name}.npy"
        if not file.is_file():
            ranks = np.empty(len(self.vectors), np.float32)
            ranks[make_order()] = np.arange(len(self.vectors), dtype=np.float32)
            np.save(file, ranks)
        self.orders[name] = np.argsort(np.load(file), kind="stable")

    def load_line(self, collection: str, batch: int) -> dict:
        """The LOAD that makes the points, see request_bench.cc."""
        payload = {name: str(self.files / f"{name}.npy") for name in self.orders}
        body = {"vectors": str(self.files / "vectors.npy"), "payload": payload, "batch": batch}
        return {"method": "LOAD", "path": f"/collections/{collection}", "body": body}

    def windows(self, kind: str, selectivity: float) -> list[Window]:
        """One for each query: `random`, each somewhere else, or `against`, the points least similar to its group."""
        size = max(1, round(selectivity * len(self.vectors)))
        if kind == "against":
            return [Window(f"far_{group}", 0, size) for group in self.group_of]
        starts = np.random.default_rng(SEED).integers(0, len(self.vectors) - size + 1, len(self.queries))
        return [Window("hash", int(start), int(start) + size) for start in starts]

    def accepted(self, window: Window | None) -> np.ndarray | slice:
        return slice(None) if window is None else self.orders[window.field][window.first : window.end]

    def exact_scores(self, questions: dict[str, list[Window | None]]) -> dict[str, list[list[float]]]:
        """By question: the best K scores of each query among the points that its window accepts."""
        answers: dict[str, list] = {name: [] for name in questions}
        for first, scores in self.score_blocks():
            for name, windows in questions.items():
                for row, window in zip(scores, windows[first : first + len(scores)], strict=True):
                    among = row[self.accepted(window)]
                    best = np.partition(among, len(among) - K)[-K:] if len(among) > K else among
                    answers[name].append(np.sort(best)[::-1].tolist())
        return answers

    def score_blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """(first query, [some queries, n] similarities)"""
        for first in range(0, len(self.queries), QUERY_BLOCK):
            yield first, self.queries[first : first + QUERY_BLOCK] @ self.vectors.T

    def recall(self, found: list[list[int]], exact: list[list[float]], windows: list[Window | None]) -> float:
        """Of hits that satisfy their filter; one that does not is an error."""
        for ids, window in zip(found, windows, strict=True):
            assert window is None or np.isin(ids, self.accepted(window)).all(), "a hit does not satisfy the filter"
        return datasets.recall(self, found, exact, K)
