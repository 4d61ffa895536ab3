"""Recall and exactness on real data: while it is loaded, after sealing, and under every filter."""

import time

import numpy as np
import pytest

import collections_rest as rest
import datasets
from datasets import Dataset
from server import Server

FIELDS = {
    "section": "keyword",
    "tags": "keyword",
    "has_homepage": "bool",
    "installed_size_kb": "integer",
    "hash_u": "float",
}
LARGE_EF = {"params": {"hnsw_ef": 256}}
LOADING_STEPS = 4
# Enough to hold recall apart from its floor, few enough to ask at every step.
QUERIES_WHILE_LOADING = 200
UNINDEXED_QUERIES = 5
# Of a section: smaller ones are scanned in any segment.
FEWEST_OF_A_TOPIC = 2000


def check_recall(server: Server, name: str, data: Dataset, allowed: np.ndarray, queries: int) -> None:
    exact = datasets.exact_answers(data, allowed, queries)
    asked = data.queries[:queries]
    assert datasets.recall(data, rest.search_all(server, name, asked), exact) >= 0.97
    assert datasets.recall(data, rest.search_all(server, name, asked, **LARGE_EF), exact) >= 0.99


def check_exact(server: Server, name: str, data: Dataset, queries: int) -> None:
    """`exact` answers are the exact ones: scores rank by rank, ids except among equal scores."""
    searches = [{"query": query.tolist(), "limit": 100, "params": {"exact": True}} for query in data.queries[:queries]]
    for query, hits in enumerate(rest.search_batch(server, name, searches)):
        ids, scores = [hit["id"] for hit in hits], np.array([hit["score"] for hit in hits])
        np.testing.assert_allclose(scores, data.exact_scores[query], rtol=0, atol=datasets.SCORE_TOLERANCE)
        last = data.exact_scores[query][-1] + datasets.SCORE_TOLERANCE
        clear = {point for point, score in zip(data.exact_ids[query], data.exact_scores[query]) if score > last}
        assert clear <= set(ids), f"query {query} misses {clear - set(ids)}"


def check_filters(server: Server, name: str, data: Dataset, queries: int, floor: float) -> None:
    for answers in data.filtered:
        asked = range(min(queries, len(answers.ids)))
        searches = [
            {"query": data.queries[query].tolist(), "limit": 10, "filter": answers.filters[query]} for query in asked
        ]
        found = [[hit["id"] for hit in hits] for hits in rest.search_batch(server, name, searches)]
        for query in asked:
            assert len(found[query]) == min(10, answers.matching[query]), f"{answers.name}, query {query}"
        reached = datasets.recall(data, found, answers.scores[: len(found)])
        assert reached >= floor, f"{answers.name}: recall {reached}"


def check_topics(server: Server, name: str, data: Dataset, queries: int) -> None:
    """The points of one section lie together, and far from most queries."""
    section = np.array([payload["section"] for payload in data.payloads])
    topics, sizes = np.unique(section, return_counts=True)
    assert np.sum(sizes >= FEWEST_OF_A_TOPIC) > 5
    for topic in topics[sizes >= FEWEST_OF_A_TOPIC]:
        exact = datasets.exact_answers(data, np.flatnonzero(section == topic), queries)
        only = {"filter": {"must": [{"key": "section", "match": {"value": str(topic)}}]}}
        reached = datasets.recall(data, rest.search_all(server, name, data.queries[:queries], **only), exact)
        assert reached >= 0.97, f"{topic}: recall {reached}"


def check_counts(server: Server, name: str, data: Dataset) -> None:
    for answers in data.filtered:
        body = {"filter": answers.filters[0], "exact": True}
        assert server.ask("POST", f"/collections/{name}/points/count", body) == {"count": answers.matching[0]}


def wait_for_seal(server: Server, name: str, indexed: int) -> dict:
    """Returns the info once more than `indexed` vectors are in segments with a graph."""
    end = time.monotonic() + 60
    while (now := rest.info(server, name))["indexed_vectors_count"] <= indexed:
        assert time.monotonic() < end, f"nothing was sealed: {now}"
        time.sleep(0.01)
    return now


@pytest.fixture(scope="module")
def sealed_sample(server: Server, sample: Dataset) -> str:
    """The sample in a collection whose thresholds make it seal several segments and merge them."""
    name = "sample"
    optimizers = {"indexing_threshold": 1000, "default_segment_number": 1}
    rest.create(server, name, sample.dim, optimizers_config=optimizers)
    ids, indexed, most_segments = list(range(len(sample.vectors))), 0, 0
    for part in np.array_split(ids, 6):
        rest.upsert(server, name, part.tolist(), sample.vectors[part], [sample.payloads[point] for point in part])
        state = wait_for_seal(server, name, indexed)
        indexed = state["indexed_vectors_count"]
        most_segments = max(most_segments, state["segments_count"])
    merged = rest.wait_until_optimized(server, name)
    # One of them may be the growing part.
    assert most_segments >= 4, f"never more than {most_segments} segments: nothing to merge"
    assert merged["segments_count"] <= 2, f"not merged: {merged}"
    assert merged["indexed_vectors_count"] == len(ids)
    return name


def test_sealed_and_merged_sample_answers_as_before(server: Server, sample: Dataset, sealed_sample: str) -> None:
    check_recall(server, sealed_sample, sample, np.arange(len(sample.vectors)), len(sample.queries))
    check_exact(server, sealed_sample, sample, len(sample.queries))


def test_filters_of_the_sample_without_and_with_indexes(server: Server, sample: Dataset, sealed_sample: str) -> None:
    check_filters(server, sealed_sample, sample, len(sample.queries), floor=0.97)
    check_counts(server, sealed_sample, sample)
    for field, schema in FIELDS.items():
        rest.create_index(server, sealed_sample, field, schema)
    check_filters(server, sealed_sample, sample, len(sample.queries), floor=0.97)
    check_counts(server, sealed_sample, sample)


def test_unfiltered_queries_of_the_sample_walk_the_graph(server: Server, sample: Dataset, sealed_sample: str) -> None:
    scored = rest.mean_rows_scored(server, sealed_sample, sample.queries, {"hnsw_ef": 16})
    assert scored < 0.10 * len(sample.vectors)


def load_in_steps(server: Server, data: Dataset, name: str) -> None:
    """Loads with the official client in a random order, and asks after each step."""
    client = server.client()
    order = np.random.default_rng(1).permutation(len(data.vectors))
    loaded = 0
    for part in np.array_split(order, LOADING_STEPS):
        client.upload_collection(
            name,
            vectors=data.vectors[part],
            payload=[data.payloads[point] for point in part],
            ids=part.tolist(),
            batch_size=256,
            wait=True,
        )
        loaded += len(part)
        check_recall(server, name, data, np.sort(order[:loaded]), QUERIES_WHILE_LOADING)
    client.close()


def test_debian_set_while_loading_and_after_sealing(server: Server, debian: Dataset) -> None:
    name = "debian"
    rest.create(server, name, debian.dim)
    load_in_steps(server, debian, name)
    everything = np.arange(len(debian.vectors))
    check_recall(server, name, debian, everything, len(debian.queries))

    state = rest.wait_until_optimized(server, name)
    assert state["points_count"] == len(debian.vectors)
    unsealed = len(debian.vectors) - state["indexed_vectors_count"]
    assert unsealed * debian.dim * 4 <= state["config"]["optimizer_config"]["indexing_threshold"] * 1024
    check_recall(server, name, debian, everything, len(debian.queries))
    check_exact(server, name, debian, 200)

    check_filters(server, name, debian, UNINDEXED_QUERIES, floor=0.97)
    for field, schema in FIELDS.items():
        rest.create_index(server, name, field, schema)
    check_filters(server, name, debian, 500, floor=0.97)
    check_topics(server, name, debian, 300)
    check_counts(server, name, debian)

    # With nothing left to scan, the counters tell how much of the graph a query meets.
    one_graph = {"optimizers_config": {"indexing_threshold": 100, "default_segment_number": 1}}
    server.ask("PATCH", f"/collections/{name}", one_graph)
    rest.wait_until_optimized(server, name)
    assert rest.mean_rows_scored(server, name, debian.queries[:100], {}) < 0.03 * len(debian.vectors)
    check_topics(server, name, debian, 300)
