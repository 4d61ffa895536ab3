"""`?explain=true`: a query says what it did in each stage, shard and segment, and nothing unless it is asked."""

from collections.abc import Callable

import httpx
import numpy as np
import orjson
import pytest

import collections_rest as rest
from datasets import Dataset
from server import Server

NAME = "explained"
COUNTERS = ("rows_scored", "rows_rescored", "hops", "graph_searches", "probes", "scans")
RUN_TIMES = ("lookup_time", "fetch_time")


@pytest.fixture(scope="module")
def filled(server: Server, sample: Dataset) -> Server:
    """The sample in two shards, each with one segment that has a graph."""
    optimizers = {"indexing_threshold": 100, "default_segment_number": 1}
    rest.create(server, NAME, sample.dim, optimizers_config=optimizers, shard_number=2)
    rest.upsert(server, NAME, list(range(len(sample.vectors))), sample.vectors, sample.payloads)
    for field, schema in {"hash_u": "float", "section": "keyword"}.items():
        rest.create_index(server, NAME, field, schema)
    assert rest.wait_until_optimized(server, NAME)["indexed_vectors_count"] == len(sample.vectors)
    return server


def explained(server: Server, body: dict, path: str = "query") -> dict:
    """The whole answer; its `explain` must add up to the counters of the header."""
    path = f"/collections/{NAME}/points/{path}?explain=true"
    response = server.call("POST", path, body, headers={rest.STATS: "1"})
    assert response.status_code == 200, response.text
    answer = response.json()
    counters = {name: 0 for name in COUNTERS}
    runs = answer["explain"] if isinstance(answer["explain"], list) else [answer["explain"]]
    for run in runs:
        assert all(run[time] >= 0 for time in RUN_TIMES), run
        for segment in segments_of(run["stage"]):
            for name in COUNTERS:
                counters[name] += segment[name]
    assert counters == orjson.loads(response.headers[rest.STATS])
    return answer


def segments_of(stage: dict) -> list[dict]:
    own = [segment for shard in stage.get("shards", []) for segment in shard["segments"]]
    return own + [segment for below in stage.get("prefetch", []) for segment in segments_of(below)]


def below(share: float) -> dict:
    return {"must": [{"key": "hash_u", "range": {"lt": share}}]}


def test_only_who_asks_is_told(filled: Server, sample: Dataset) -> None:
    body = {"query": sample.queries[0].tolist(), "limit": 3}
    plain = filled.call("POST", f"/collections/{NAME}/points/query", body).json()
    assert set(plain) == {"result", "status", "time"}
    answer = explained(filled, body)
    assert answer["result"] == plain["result"]
    assert set(answer) == {"result", "explain", "status", "time"}
    refused = filled.call("POST", f"/collections/{NAME}/points/query?explain=maybe", body)
    assert refused.status_code == 400 and "explain" in refused.text


def test_the_official_client_lets_the_member_pass(filled: Server, sample: Dataset) -> None:
    """It has no way to ask; here its requests are changed on their way."""
    explanations = []

    def ask_for_explanation(request: httpx.Request, send: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        request.url = request.url.copy_merge_params({"explain": "true"})
        response = send(request)
        explanations.append(response.json()["explain"])
        return response

    client = filled.client()
    plain = client.query_points(NAME, sample.queries[0].tolist(), limit=3)
    client.http.client.add_middleware(ask_for_explanation)
    assert client.query_points(NAME, sample.queries[0].tolist(), limit=3) == plain
    assert [explanation["stage"]["hits"] for explanation in explanations] == [3]


def test_plans_follow_selectivity(filled: Server, sample: Dataset) -> None:
    def ask(params: dict, share: float | None) -> list[dict]:
        body = {"query": sample.queries[1].tolist(), "limit": 10, "params": params}
        stage = explained(filled, body if share is None else {**body, "filter": below(share)})["explain"]["stage"]
        assert stage["query"] == "nearest" and stage["limit"] == stage["hits"] == 10
        for shard in stage["shards"]:
            assert 0 <= shard["filter_time"] <= shard["time"] <= stage["time"]
            expected = "all_points" if share is None else "filter"
            assert shard["matches_from"] == expected
            assert (shard["matches"] == shard["points"]) == (share is None)
        assert sum(shard["points"] for shard in stage["shards"]) == len(sample.vectors)
        if share is not None:
            count = filled.ask("POST", f"/collections/{NAME}/points/count", {"filter": below(share), "exact": True})
            assert sum(shard["matches"] for shard in stage["shards"]) == count["count"]
        segments = segments_of(stage)
        assert sum(segment["rows"] for segment in segments) == len(sample.vectors)
        assert all(segment["rescoring_time"] <= segment["time"] for segment in segments)
        return segments

    walked = ask({"hnsw_ef": 16}, None)
    assert [segment["plan"] for segment in walked] == ["graph", "graph"]
    assert all(segment["ef"] == 16 and segment["hops"] > 0 and segment["rescoring_time"] > 0 for segment in walked)
    assert all(segment["rows_scored"] < segment["rows"] / 2 and "sampled_pass_rate" not in segment for segment in walked)

    filtered = ask({"hnsw_ef": 10}, 0.9)
    assert {segment["plan"] for segment in filtered} == {"filtered_graph"}
    assert all(0.8 < segment["sampled_pass_rate"] < 1 for segment in filtered)
    assert all(segment["expected_matches"] == pytest.approx(0.9 * segment["rows"], rel=0.1) for segment in filtered)

    few = ask({"hnsw_ef": 16}, 0.01)
    assert {segment["plan"] for segment in few} == {"exact"}
    assert all(segment["hops"] == 0 and "ef" not in segment for segment in few)

    assert {segment["plan"] for segment in ask({"hnsw_ef": 400}, 0.5)} == {"scan"}
    scanned = ask({"hnsw_ef": 1000}, 0.95)
    assert {segment["plan"] for segment in scanned} <= {"scan", "exact"}
    assert {segment["plan"] for segment in ask({"exact": True}, None)} == {"exact"}


def test_the_effort_of_a_recall_target_is_told(filled: Server, sample: Dataset) -> None:
    def efforts(target: float) -> list[int]:
        body = {"query": sample.queries[2].tolist(), "limit": 10, "params": {"recall_target": target}}
        return [segment["ef"] for segment in segments_of(explained(filled, body)["explain"]["stage"])]

    assert all(low < high for low, high in zip(efforts(0.8), efforts(0.99), strict=True))


def test_stages_are_a_tree(filled: Server, sample: Dataset) -> None:
    first, second, third = (query.tolist() for query in sample.queries[:3])
    body = {
        "prefetch": [
            {"query": first, "limit": 20, "filter": below(0.5)},
            {"prefetch": [{"query": second, "limit": 30}], "query": third, "limit": 15},
        ],
        "query": {"fusion": "rrf"},
        "limit": 5,
        "offset": 2,
        "with_payload": True,
    }
    stage = explained(filled, body)["explain"]["stage"]
    assert (stage["query"], stage["limit"], "shards" in stage) == ("rrf", 7, False)
    leaf, rescored = stage["prefetch"]
    assert (leaf["query"], leaf["hits"], len(leaf["shards"])) == ("nearest", 20, 2)
    assert {shard["matches_from"] for shard in leaf["shards"]} == {"filter"}
    assert [below["hits"] for below in rescored["prefetch"]] == [30]
    assert {shard["matches_from"] for shard in rescored["shards"]} == {"prefetches"}
    assert sum(shard["matches"] for shard in rescored["shards"]) == 30
    assert leaf["time"] + rescored["time"] <= stage["time"]


def test_other_queries_and_batches(filled: Server, sample: Dataset) -> None:
    query = sample.queries[0].tolist()
    by_examples = {"query": {"recommend": {"positive": [1, query], "strategy": "best_score"}}, "limit": 2}
    stage = explained(filled, by_examples)["explain"]["stage"]
    assert stage["query"] == "recommend" and {segment["plan"] for segment in segments_of(stage)} == {"exact"}
    assert sum(segment["rows_scored"] for segment in segments_of(stage)) == len(sample.vectors)
    assert explained(filled, {"vector": query, "limit": 2}, "search")["explain"]["stage"]["query"] == "nearest"
    assert explained(filled, {"limit": 2})["explain"]["stage"] | {"time": 0} == {
        "query": "scroll", "limit": 2, "hits": 2, "time": 0,
    }  # fmt: skip
    batch = explained(filled, {"searches": [{"query": query}, by_examples]}, "query/batch")["explain"]
    assert [run["stage"]["query"] for run in batch] == ["nearest", "recommend"]


def test_growing_and_skipped_parts_are_told(server: Server, sample: Dataset) -> None:
    rest.create(server, "growing", sample.dim, optimizers_config={"indexing_threshold": 1_000_000})
    rest.upsert(server, "growing", list(range(500)), sample.vectors[:500])
    path = "/collections/growing/points/query?explain=true"
    for params, plan in (({}, "growing"), ({"indexed_only": True}, "skipped")):
        server.ask("PATCH", "/collections/growing", {"hnsw_config": {"full_scan_threshold": 10}})
        answer = server.call("POST", path, {"query": sample.queries[0].tolist(), "params": params}).json()
        (segment,) = segments_of(answer["explain"]["stage"])
        assert (segment["plan"], segment["rows"]) == (plan, 500)
        assert (segment["rows_scored"] > 0) == (plan == "growing")


def test_scores_and_rows_of_sparse_vectors(server: Server) -> None:
    server.ask("PUT", "/collections/words", {"vectors": {}, "sparse_vectors": {"text": {}},
                                             "optimizers_config": {"indexing_threshold": 1}})  # fmt: skip
    rng = np.random.default_rng(1)
    points = [
        {"id": i, "vector": {"text": {"indices": [int(rng.integers(20)), 20 + i % 7], "values": [1.0, 2.0]}}}
        for i in range(2000)
    ]
    server.ask("PUT", "/collections/words/points?wait=true", {"points": points})
    rest.wait_until_optimized(server, "words")
    body = {"query": {"indices": [3, 21], "values": [1.0, 1.0]}, "using": "text", "limit": 3}
    answer = server.call("POST", "/collections/words/points/query?explain=true", body).json()
    assert {segment["plan"] for segment in segments_of(answer["explain"]["stage"])} <= {"index", "exact", "growing"}
