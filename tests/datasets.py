"""The data of the tests: the committed sample, and the whole Debian set where it is present."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import zstandard

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_DIRECTORY = ROOT / "tests" / "data" / "sample"
DEBIAN_DIRECTORY = Path(os.environ.get("SEXTANT_DATA_DIR", ROOT.parent / "shared" / "data" / "debian"))
LARGE_DIRECTORY = Path(os.environ.get("SEXTANT_LARGE_DIR", ROOT.parent / "data" / "large"))
SCORE_TOLERANCE = 1e-6


def normalized(vectors: np.ndarray) -> np.ndarray:
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass(frozen=True)
class FilteredAnswers:
    """A filter (or one for each query) with the exact best ids and scores per query, and how many points pass."""

    name: str
    filters: list[dict]
    ids: list[list[int]]
    scores: list[list[float]]
    matching: list[int]


@dataclass(frozen=True)
class Dataset:
    vectors: np.ndarray  # [n, dim] f32, normalised; row = id
    queries: np.ndarray  # [q, dim] f32, normalised
    payloads: list[dict]
    exact_ids: np.ndarray  # [q, 100]
    exact_scores: np.ndarray  # [q, 100] f32
    filtered: list[FilteredAnswers]

    @property
    def dim(self) -> int:
        return self.vectors.shape[1]


def read_payloads(path: Path) -> list[dict]:
    text = zstandard.ZstdDecompressor().stream_reader(path.open("rb")).read().decode()
    return [json.loads(line) for line in text.splitlines()]


def read_filter(entry: dict) -> FilteredAnswers:
    results = entry["results"]
    return FilteredAnswers(
        name=entry["name"],
        filters=[result.get("filter") or entry["filter"] for result in results],
        ids=[result["ids"] for result in results],
        scores=[result["scores"] for result in results],
        matching=[result.get("matching", entry["matching"]) for result in results],
    )


def load(directory: Path, payloads: list[dict], filters: list[dict]) -> Dataset:
    return Dataset(
        vectors=normalized(np.load(directory / "vectors.npy")),
        queries=normalized(np.load(directory / "queries.npy")),
        payloads=payloads,
        exact_ids=np.load(directory / "ground_truth_ids.npy"),
        exact_scores=np.load(directory / "ground_truth_scores.npy"),
        filtered=[read_filter(entry) for entry in filters],
    )


@cache
def load_sample() -> Dataset:
    filters = json.loads((SAMPLE_DIRECTORY / "filters.json").read_text())
    return load(SAMPLE_DIRECTORY, read_payloads(SAMPLE_DIRECTORY / "payload.jsonl.zst"), filters)


@cache
def load_debian() -> Dataset:
    if not DEBIAN_DIRECTORY.is_dir():
        pytest.skip(f"the Debian data set is not at {DEBIAN_DIRECTORY} (SEXTANT_DATA_DIR names another place)")
    payloads = [line["payload"] for line in read_payloads(DEBIAN_DIRECTORY / "payload.jsonl.zst")]
    files = sorted((DEBIAN_DIRECTORY / "filters").glob("*.json"))
    filters = [json.loads(path.read_text()) for path in files]
    # The file of the filters that differ per query has no single count; each result has its own.
    return load(DEBIAN_DIRECTORY, payloads, filters)


def recalls(
    dataset: Dataset, returned: list[list[int]], exact_scores: list[list[float]], depth: int = 10
) -> np.ndarray:
    """The share of the exact top `depth` that was returned for each of the queries 0, 1, ... that has any.

    A returned point counts if its true score reaches the worst exact one: equal texts have equal vectors.
    """
    shares = []
    for query, (ids, scores) in enumerate(zip(returned, exact_scores, strict=True)):
        wanted = scores[:depth]
        if len(wanted) == 0:
            continue
        true_scores = dataset.vectors[ids] @ dataset.queries[query] if ids else np.empty(0)
        hits = int(np.count_nonzero(true_scores >= wanted[-1] - SCORE_TOLERANCE))
        shares.append(min(hits, len(wanted)) / len(wanted))
    return np.array(shares)


def recall(dataset: Dataset, returned: list[list[int]], exact_scores: list[list[float]], depth: int = 10) -> float:
    """The mean of `recalls`."""
    return float(np.mean(recalls(dataset, returned, exact_scores, depth)))


def exact_answers(dataset: Dataset, allowed: np.ndarray, queries: int, depth: int = 10) -> list[list[float]]:
    """The best `depth` scores of the first queries over the points in `allowed`, by brute force."""
    scores = dataset.queries[:queries] @ dataset.vectors[allowed].T
    depth = min(depth, len(allowed))
    best = -np.partition(-scores, depth - 1, axis=1)[:, :depth]
    return (-np.sort(-best, axis=1)).tolist()
