"""The universal query over REST: the shapes of its answers, the older endpoints, and what it refuses."""

import pytest
from qdrant_client import models

import collections_rest as rest
from server import Server

NAME = "queries"
C = f"/collections/{NAME}"
ROWS = {point: [float(point), float(point % 3), 1.0] for point in range(1, 9)}
QUERY = [1.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def prepared(server: Server) -> Server:
    """Points 1 to 8; `n` counts down, `group` is the id modulo 3, `ok` holds for small ids."""
    rest.create(server, NAME, 3, "Dot")
    points = [
        {"id": point, "vector": row, "payload": {"n": 9 - point, "group": point % 3, "ok": point < 4}}
        for point, row in ROWS.items()
    ]
    server.ask("PUT", f"{C}/points?wait=true", {"points": points})
    for field, schema in (("n", "integer"), ("ok", "bool")):
        rest.create_index(server, NAME, field, schema)
    return server


def ids(hits: list[dict]) -> list:
    return [hit["id"] for hit in hits]


def ask(server: Server, **body) -> list[dict]:
    return server.ask("POST", f"{C}/points/query", body)["points"]


def test_fusion_of_two_lists(prepared: Server) -> None:
    prefetch = [{"query": QUERY, "limit": 2}, {"query": {"order_by": "n"}, "limit": 3}]
    hits = ask(prepared, query={"fusion": "rrf"}, prefetch=prefetch)
    assert ids(hits) == [8, 7, 6]
    assert hits[0]["score"] == 1.0 and hits[2]["score"] == 0.25
    weighted = {"rrf": {"k": 1, "weights": [0, 1]}}
    assert [hit["score"] for hit in ask(prepared, query=weighted, prefetch=prefetch)] == [1.0, 0.5, pytest.approx(1 / 3)]
    assert ask(prepared, query={"fusion": "dbsf"}, prefetch={"query": QUERY, "limit": 1})[0]["score"] == 0.5


def test_order_by_tells_its_value(prepared: Server) -> None:
    hits = ask(prepared, query={"order_by": {"key": "n", "start_from": 3}}, limit=1)
    assert hits == [{"id": 6, "version": 0, "score": 1.0, "order_value": 3}]


def test_formula(prepared: Server) -> None:
    boost = {"mult": [10, {"key": "ok", "match": {"value": True}}]}
    formula = {"sum": ["$score", boost, {"neg": "absent"}]}
    query = {"formula": formula, "defaults": {"absent": 0.5}}
    hits = ask(prepared, query=query, prefetch={"query": QUERY, "limit": 8}, limit=2)
    assert [(hit["id"], hit["score"]) for hit in hits] == [(3, 12.5), (2, 11.5)]
    assert ids(ask(prepared, query=query, prefetch={"query": QUERY, "limit": 8}, score_threshold=11.5)) == [3, 2]


def test_groups_with_lookup(prepared: Server) -> None:
    rest.create(prepared, "group-names", 3, "Dot")
    names = [{"id": 0, "vector": QUERY, "payload": {"name": "zero"}}]
    prepared.ask("PUT", "/collections/group-names/points?wait=true", {"points": names})
    body = {"query": QUERY, "group_by": "group", "group_size": 2, "limit": 2, "with_lookup": "group-names"}
    groups = prepared.ask("POST", f"{C}/points/query/groups", body)["groups"]
    assert [(group["id"], ids(group["hits"])) for group in groups] == [(2, [8, 5]), (1, [7, 4])]
    assert "lookup" not in groups[0]
    body = {"vector": QUERY, "group_by": "group", "group_size": 1, "limit": 3, "with_lookup": "group-names"}
    groups = prepared.ask("POST", f"{C}/points/search/groups", body)["groups"]
    assert groups[2]["lookup"] == {"id": 0, "payload": {"name": "zero"}}
    body = {"positive": [1], "group_by": "group", "group_size": 1, "limit": 1}
    assert prepared.ask("POST", f"{C}/points/recommend/groups", body)["groups"][0]["id"] == 2


def test_facet(prepared: Server) -> None:
    hits = prepared.ask("POST", f"{C}/facet", {"key": "ok"})["hits"]
    assert hits == [{"value": False, "count": 5}, {"value": True, "count": 3}]
    only = {"must": [{"key": "ok", "match": {"value": True}}]}
    hits = prepared.ask("POST", f"{C}/facet", {"key": "n", "limit": 2, "filter": only, "exact": True})["hits"]
    assert hits == [{"value": 6, "count": 1}, {"value": 7, "count": 1}]


def test_matrix(prepared: Server) -> None:
    some = {"filter": {"must": [{"has_id": [1, 2, 8]}]}, "limit": 1}
    pairs = prepared.ask("POST", f"{C}/points/search/matrix/pairs", some)["pairs"]
    assert [(pair["a"], pair["b"]) for pair in pairs] == [(1, 8), (2, 8), (8, 2)]
    assert prepared.ask("POST", f"{C}/points/search/matrix/offsets", some) == {
        "offsets_row": [0, 1, 2],
        "offsets_col": [2, 2, 1],
        "scores": [pair["score"] for pair in pairs],
        "ids": [1, 2, 8],
    }


def test_the_older_endpoints_answer_bare_lists(prepared: Server) -> None:
    recommend = {"positive": [1], "limit": 2}
    assert ids(prepared.ask("POST", f"{C}/points/recommend", recommend)) == [8, 7]
    answers = prepared.ask("POST", f"{C}/points/recommend/batch", {"searches": [recommend, recommend]})
    assert [ids(answer) for answer in answers] == [[8, 7], [8, 7]]
    discover = {"target": QUERY, "context": [{"positive": 8, "negative": 1}], "limit": 1}
    assert ids(prepared.ask("POST", f"{C}/points/discover", discover)) == [7]
    batch = {"searches": [{"context": discover["context"], "limit": 1}]}
    assert len(prepared.ask("POST", f"{C}/points/discover/batch", batch)[0]) == 1


def test_the_official_client_reads_every_answer(prepared: Server) -> None:
    client = prepared.client()
    hits = client.query_points(NAME, query=models.OrderByQuery(order_by="n"), limit=1).points
    assert hits[0].order_value == 1
    sample = client.query_points(NAME, query=models.SampleQuery(sample=models.Sample.RANDOM), limit=100).points
    assert sorted(hit.id for hit in sample) == sorted(ROWS)
    nearest = models.NearestQuery(nearest=QUERY, mmr=models.Mmr(diversity=0.5, candidates_limit=8))
    assert client.query_points(NAME, query=nearest, limit=3).points[0].id == 8
    requests = [models.QueryRequest(query=models.FusionQuery(fusion=models.Fusion.RRF), prefetch=[models.Prefetch()])]
    assert len(client.query_batch_points(NAME, requests=requests)[0].points) == 8
    client.close()


FORMAT, VALIDATION = "Format error in JSON body", "Validation error in JSON body"
PREFETCH = {"query": QUERY}


def nested(depth: int) -> dict:
    request = {"query": QUERY}
    for _ in range(depth):
        request = {"query": QUERY, "prefetch": request}
    return request


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"query": QUERY, "prefetch": {"limit": 0}}, 422, VALIDATION),
        ({"query": {"nearest": QUERY, "mmr": {"diversity": 2}}}, 422, VALIDATION),
        ({"query": {"nearest": QUERY, "mmr": {"candidates_limit": 16385}}}, 422, VALIDATION),
        ({"query": {"rrf": {"k": 0}}, "prefetch": PREFETCH}, 422, VALIDATION),
        ({"query": {"recommend": {}}}, 422, VALIDATION),
        ({"query": {"indices": [1, 1], "values": [1, 1]}}, 422, VALIDATION),
        ({"query": {"fusion": "best"}, "prefetch": PREFETCH}, 400, FORMAT),
        ({"query": {"recommend": {"positive": [1], "strategy": "best"}}}, 400, FORMAT),
        ({"query": {"discover": {"target": 1}}}, 400, FORMAT),
        ({"query": {"formula": "$scores"}, "prefetch": PREFETCH}, 400, ""),
        ({"query": {"formula": {"lin_decay": {"x": 1, "scale": 0}}}, "prefetch": PREFETCH}, 400, "scale"),
        ({"query": {"formula": "absent"}, "prefetch": PREFETCH}, 400, "absent"),
        ({"query": {"formula": 1}}, 400, "prefetch"),
        ({"query": {"fusion": "rrf"}}, 400, "prefetch"),
        ({"query": {"fusion": "rrf"}, "prefetch": PREFETCH, "using": "a"}, 400, "using"),
        ({"query": {"rrf": {"weights": [1, 2]}}, "prefetch": PREFETCH}, 400, "weights"),
        ({"prefetch": PREFETCH}, 400, "query"),
        ({"query": {"order_by": "n"}, "score_threshold": 1}, 400, "score_threshold"),
        ({"query": {"order_by": "group"}}, 400, "index"),
        ({"query": {"recommend": {"negative": [1]}}}, 400, "positive"),
        ({"query": [[1, 2, 3]]}, 400, ""),
        ({"query": {"indices": [1], "values": [1]}}, 400, ""),
        ({"query": QUERY, "prefetch": {"query": [1.0]}}, 400, "expected dim: 3, got 1"),
        (nested(65), 400, "deeper than 64"),
        ({"query": {"recommend": {"positive": [404]}}}, 404, "No point with id 404 found"),
        ({"query": 1, "lookup_from": {"collection": "absent"}}, 404, "doesn't exist!"),
    ],
)  # fmt: skip
def test_refused(prepared: Server, body: dict, status: int, message: str) -> None:
    response = prepared.call("POST", f"{C}/points/query", body)
    assert response.status_code == status, response.text
    assert message in response.json()["status"]["error"]


def test_prefetches_may_be_64_deep(prepared: Server) -> None:
    assert len(ask(prepared, **nested(64))) == 8


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("points/query/groups", {"query": QUERY}, 400),
        ("points/query/groups", {"query": QUERY, "group_by": "group", "group_size": 0}, 422),
        ("points/query/groups", {"query": QUERY, "group_by": "group", "with_lookup": "absent"}, 404),
        ("facet", {"key": "group"}, 400),
        ("facet", {"key": "ok", "limit": 0}, 422),
        ("points/search/matrix/pairs", {"sample": 1}, 422),
        ("points/search/matrix/offsets", {"using": "absent"}, 400),
        ("points/recommend", {"positive": [1]}, 400),
        ("points/recommend", {"negative": [1], "limit": 1}, 400),
        ("points/discover", {"limit": 1}, 400),
    ],
)
def test_refused_elsewhere(prepared: Server, path: str, body: dict, status: int) -> None:
    response = prepared.call("POST", f"{C}/{path}", body)
    assert response.status_code == status, response.text
