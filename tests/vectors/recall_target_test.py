"""`recall_target`: real queries reach the recall that they ask for, in one segment, in several and under filters."""

import numpy as np
import pytest
from qdrant_client import models

import collections_rest as rest
import datasets
from datasets import Dataset
from server import Server

TARGETS = (0.9, 0.95, 0.99)
FIELDS = {"section": "keyword", "tags": "keyword", "installed_size_kb": "integer", "hash_u": "float"}
# Filters that walks answer at least in part; the others leave so few points that all are compared.
WALKED_FILTERS = ("sel_0.5", "sel_0.1", "uncorrelated_0.5", "uncorrelated_0.1")
ONE_SEGMENT = {"indexing_threshold": 100, "default_segment_number": 1}
SEVERAL_SEGMENTS = {"indexing_threshold": 100, "max_segment_size": 24_000}


def fill(server: Server, name: str, data: Dataset, optimizers: dict) -> int:
    """The number of segments, all with a graph."""
    rest.create(server, name, data.dim, optimizers_config=optimizers)
    order = np.random.default_rng(1).permutation(len(data.vectors))
    rest.upsert(server, name, order.tolist(), data.vectors[order], [data.payloads[point] for point in order])
    for field, schema in FIELDS.items():
        rest.create_index(server, name, field, schema)
    state = rest.wait_until_optimized(server, name, timeout_s=600)
    assert state["indexed_vectors_count"] == len(data.vectors), state
    return state["segments_count"]


def ask(server: Server, name: str, searches: list[dict]) -> tuple[list[list[int]], float]:
    """The ids that each search finds, and how many rows were scored on average."""
    found, scored = [], []
    for search in searches:
        hits, stats = rest.query_with_stats(server, name, search)
        found.append([hit["id"] for hit in hits])
        scored.append(stats["rows_scored"])
    return found, float(np.mean(scored))


def check_reached(target: float, recalls: np.ndarray) -> None:
    """The mean, up to what a sample of this size may miss it by: three standard errors."""
    error = np.std(recalls) / np.sqrt(len(recalls))
    assert np.mean(recalls) >= target - 3 * error, f"{target} was asked for, {np.mean(recalls)} ± {error} reached"


def check_targets(server: Server, name: str, data: Dataset, queries: int, limit: int) -> None:
    """Each is reached, and a higher one costs more."""
    costs = []
    for target in TARGETS:
        params = {"recall_target": target}
        asked = [{"query": query.tolist(), "limit": limit, "params": params} for query in data.queries[:queries]]
        found, scored = ask(server, name, asked)
        check_reached(target, datasets.recalls(data, found, list(data.exact_scores[:queries]), limit))
        costs.append(scored)
    assert costs == sorted(costs) and costs[0] < costs[-1] < 0.1 * len(data.vectors), costs


@pytest.fixture(scope="module")
def one_segment(server: Server, debian: Dataset) -> str:
    assert fill(server, "one", debian, ONE_SEGMENT) == 1
    return "one"


@pytest.mark.parametrize("limit", [1, 10, 100])
def test_targets_are_reached_at_a_cost_that_rises(
    server: Server, debian: Dataset, one_segment: str, limit: int
) -> None:
    check_targets(server, one_segment, debian, 1000, limit)


def test_targets_are_reached_by_several_segments_together(server: Server, debian: Dataset) -> None:
    assert fill(server, "several", debian, SEVERAL_SEGMENTS) > 1
    check_targets(server, "several", debian, 500, 10)


@pytest.mark.parametrize("name", WALKED_FILTERS)
@pytest.mark.parametrize("target", TARGETS)
def test_targets_are_reached_under_filters(
    server: Server, debian: Dataset, one_segment: str, name: str, target: float
) -> None:
    answers = next(answers for answers in debian.filtered if answers.name == name)
    searches = [
        {"query": query.tolist(), "limit": 10, "filter": condition, "params": {"recall_target": target}}
        for query, condition in zip(debian.queries[:500], answers.filters, strict=True)
    ]
    found, scored = ask(server, one_segment, searches)
    check_reached(target, datasets.recalls(debian, found, answers.scores))
    assert scored <= answers.matching[0]


def test_a_target_holds_for_the_prefetch_that_has_it(server: Server, debian: Dataset, one_segment: str) -> None:
    def rows_scored(target: float) -> float:
        leaf = {"limit": 20, "params": {"recall_target": target}}
        searches = [
            {"prefetch": [{"query": query.tolist(), **leaf}], "query": {"fusion": "rrf"}, "limit": 10}
            for query in debian.queries[:50]
        ]
        return ask(server, one_segment, searches)[1]

    assert rows_scored(0.8) < rows_scored(0.99)


def test_a_recall_of_one_is_exact(server: Server, sample: Dataset) -> None:
    assert fill(server, "sample", sample, ONE_SEGMENT) == 1
    searches = [{"query": query.tolist(), "limit": 10} for query in sample.queries]
    exact, scored = ask(server, "sample", [{**search, "params": {"exact": True}} for search in searches])
    assert ask(server, "sample", [{**search, "params": {"recall_target": 1}} for search in searches]) == (exact, scored)
    assert scored == len(sample.vectors)
    wins = {"exact": True, "recall_target": 0.5}
    assert ask(server, "sample", [{**search, "params": wins} for search in searches]) == (exact, scored)


@pytest.mark.parametrize("prefer_grpc", [False, True], ids=["rest", "grpc"])
def test_clients_whose_types_lack_it_send_a_header(
    server: Server, debian: Dataset, one_segment: str, prefer_grpc: bool
) -> None:
    def ask_with(target: str | None, params: models.SearchParams | None = None) -> list[list[float]]:
        headers = {} if target is None else {"x-sextant-recall-target": target}
        client = server.client(prefer_grpc=prefer_grpc, headers=headers)
        answers = [
            client.query_points(one_segment, query.tolist(), limit=100, search_params=params)
            for query in debian.queries[:20]
        ]
        client.close()
        return [[hit.score for hit in answer.points] for answer in answers]

    exact = ask_with(None, models.SearchParams(exact=True))
    assert ask_with(None) != exact
    assert ask_with("1") == exact
    assert ask_with("1", models.SearchParams(hnsw_ef=16)) != exact, "a stage that states its effort keeps it"
    for wrong, problem in {"2": "recall_target: value 2 invalid", "high": "x-sextant-recall-target"}.items():
        with pytest.raises(Exception, match=problem):
            ask_with(wrong)
