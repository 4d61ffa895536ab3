"""Writes beyond plain upserts: vectors, conditions, payloads at a key, batches, very many points at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import requests

import collections_rest as rest
from server import Server

SMALL = {"vectors": {"size": 4, "distance": "Dot"}}
ROWS = {1: [1.0, 0.0, 0.0, 0.0], 2: [0.0, 2.0, 0.0, 0.0], 3: [0.0, 0.0, 3.0, 0.0], 4: [1.0, 1.0, 1.0, 1.0]}
PAYLOADS = {1: {"color": "red", "n": 10}, 2: {"color": "green", "n": 20}, 3: {"color": ["red", "blue"]}, 4: {}}


@pytest.fixture
def points(server: Server, request: pytest.FixtureRequest) -> str:
    """A fresh collection of four points; returns its path."""
    name = request.node.name.replace("[", "-").replace("]", "")
    server.ask("PUT", f"/collections/{name}", SMALL)
    body = [{"id": point, "vector": ROWS[point], "payload": PAYLOADS[point]} for point in ROWS]
    server.ask("PUT", f"/collections/{name}/points?wait=true", {"points": body})
    return f"/collections/{name}"


def ids(hits: list[dict]) -> list:
    return [hit["id"] for hit in hits]


NESTED = {"a": {"x": 1, "y": 2}, "t": [{"k": 1}, {"k": 2}]}


@pytest.mark.parametrize(
    ("request_body", "changed"),
    [
        ({"payload": {"a": {"x": 5}}}, {"a": {"x": 5}}),
        ({"key": "a", "payload": {"x": 5}}, {"a": {"x": 5, "y": 2}}),
        ({"key": "t[0]", "payload": {"z": 9}}, {"t": [{"k": 1, "z": 9}, {"k": 2}]}),
        ({"key": "t[]", "payload": {"z": 9}}, {"t": [{"k": 1, "z": 9}, {"k": 2, "z": 9}]}),
        ({"key": "t[7]", "payload": {"z": 9}}, {}),
        ({"key": "n.m", "payload": {"q": 1}}, {"n": {"m": {"q": 1}}}),
        ({"payload": {"a": None}}, {"a": None}),
    ],
)
@pytest.mark.parametrize("selection", [{"points": [1]}, {"filter": {"must": [{"has_id": [1]}]}}])
def test_set_payload_at_a_key(server: Server, points: str, request_body: dict, changed: dict, selection: dict) -> None:
    server.ask("PUT", f"{points}/points?wait=true", {"points": [{"id": 1, "vector": ROWS[1], "payload": NESTED}]})
    server.ask("POST", f"{points}/points/payload?wait=true", {**request_body, **selection})
    expected = {key: value for key, value in {**NESTED, **changed}.items() if value is not None}
    assert server.ask("GET", f"{points}/points/1")["payload"] == expected


def test_update_and_delete_vectors(server: Server) -> None:
    config = {"a": {"size": 2, "distance": "Dot"}, "b": {"size": 1, "distance": "Euclid"}}
    server.ask("PUT", "/collections/two-vectors", {"vectors": config})
    path = "/collections/two-vectors/points"
    body = [{"id": point, "vector": {"a": [point, 0], "b": [point]}, "payload": {"n": point}} for point in (1, 2, 3)]
    server.ask("PUT", f"{path}?wait=true", {"points": body})

    update = [{"id": 1, "vector": {"a": [9, 9]}}, {"id": 1, "vector": {"b": [8]}}, {"id": 2, "vector": {"b": [7]}}]
    result = server.ask("PUT", f"{path}/vectors?wait=true", {"points": update})
    assert result["status"] == "completed"
    assert server.ask("GET", f"{path}/1") == {"id": 1, "payload": {"n": 1}, "vector": {"a": [9.0, 9.0], "b": [8.0]}}
    assert server.ask("GET", f"{path}/2")["vector"] == {"a": [2.0, 0.0], "b": [7.0]}
    hit = server.ask("POST", f"{path}/query", {"query": [1, 1], "using": "a", "limit": 1})["points"][0]
    assert (hit["id"], hit["score"], hit["version"]) == (1, 18.0, result["operation_id"])

    conditional = {"points": [{"id": 2, "vector": {"a": [5, 5]}}, {"id": 3, "vector": {"a": [5, 5]}}]}
    conditional["update_filter"] = {"must": [{"key": "n", "match": {"value": 3}}]}
    server.ask("PUT", f"{path}/vectors?wait=true", conditional)
    assert server.ask("GET", f"{path}/2")["vector"]["a"] == [2.0, 0.0]
    assert server.ask("GET", f"{path}/3")["vector"]["a"] == [5.0, 5.0]

    both = {"vector": ["b"], "points": [1], "filter": {"must": [{"key": "n", "match": {"value": 2}}]}}
    server.ask("POST", f"{path}/vectors/delete?wait=true", both)
    assert server.ask("GET", f"{path}/1")["vector"] == {"a": [9.0, 9.0]}
    assert server.ask("GET", f"{path}/2")["vector"] == {"a": [2.0, 0.0]}
    assert ids(server.ask("POST", f"{path}/query", {"query": [1], "using": "b"})["points"]) == [3]
    server.ask("POST", f"{path}/vectors/delete?wait=true", {"vector": ["a", "b"], "points": [3]})
    assert server.ask("GET", f"{path}/3") == {"id": 3, "payload": {"n": 3}, "vector": {}}
    counted = {"filter": {"must": [{"has_vector": "a"}]}}
    assert server.ask("POST", f"{path}/count", counted) == {"count": 2}


def test_update_modes(server: Server, points: str) -> None:
    def written(**condition: object) -> list[int]:
        """Of a red point, a green one and an absent one."""
        server.ask("POST", f"{points}/points/delete?wait=true", {"filter": {}})
        body = [{"id": point, "vector": ROWS[point], "payload": PAYLOADS[point]} for point in (1, 2)]
        server.ask("PUT", f"{points}/points?wait=true", {"points": body})
        new = [{"id": point, "vector": ROWS[4], "payload": {"new": 1}} for point in (1, 2, 3)]
        server.ask("PUT", f"{points}/points?wait=true", {"points": new, **condition})
        found = server.ask("POST", f"{points}/points/scroll", {"filter": {"must": [{"key": "new", "match": {"value": 1}}]}})
        return ids(found["points"])

    red = {"must": [{"key": "color", "match": {"value": "red"}}]}
    assert written() == [1, 2, 3]
    assert written(update_filter=red) == [1, 3]
    assert written(update_mode="insert_only") == [3]
    assert written(update_mode="insert_only", update_filter=red) == [3]
    assert written(update_mode="update_only") == [1, 2]
    assert written(update_mode="update_only", update_filter=red) == [1]


def test_optimistic_concurrency(server: Server, points: str) -> None:
    """Of writers that raise a version at the same time, one wins each round."""

    def raise_version(version: int, writer: int) -> None:
        body = {
            "points": [{"id": 1, "vector": ROWS[1], "payload": {"version": version + 1, "writer": writer}}],
            "update_filter": {"must": [{"key": "version", "match": {"value": version}}]},
        }
        response = requests.put(f"{server.url}{points}/points?wait=true", json=body, timeout=30)
        assert response.status_code == 200, response.text

    server.ask("POST", f"{points}/points/payload?wait=true", {"payload": {"version": 0}, "points": [1]})
    for version in range(5):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda writer, now=version: raise_version(now, writer), range(8)))
        payload = server.ask("GET", f"{points}/points/1")["payload"]
        assert payload["version"] == version + 1


def test_batch(server: Server, points: str) -> None:
    assert server.ask("POST", f"{points}/points/batch?wait=true", {"operations": []}) == []
    green = {"must": [{"key": "color", "match": {"value": "green"}}]}
    operations = [
        {"upsert": {"points": [{"id": 7, "vector": ROWS[1], "payload": {"color": "green"}}]}},
        {"upsert": {"batch": {"ids": [8], "vectors": [ROWS[2]]}, "update_mode": "update_only"}},
        {"set_payload": {"payload": {"seen": 1}, "filter": green}},
        {"overwrite_payload": {"payload": {"n": 1}, "points": [1]}},
        {"delete_payload": {"keys": ["n"], "points": [2]}},
        {"clear_payload": {"points": [3]}},
        {"update_vectors": {"points": [{"id": 4, "vector": ROWS[3]}]}},
        {"delete_vectors": {"vector": [""], "points": [7]}},
        {"delete": {"points": [3]}},
    ]
    results = server.ask("POST", f"{points}/points/batch?wait=true", {"operations": operations})
    assert [result["status"] for result in results] == ["completed"] * len(operations)
    numbers = [result["operation_id"] for result in results]
    assert numbers == sorted(set(numbers))
    page = server.ask("POST", f"{points}/points/scroll", {"with_vector": True})["points"]
    assert {point["id"]: point["payload"] for point in page} == {
        1: {"n": 1},
        2: {"color": "green", "seen": 1},
        4: {},
        7: {"color": "green", "seen": 1},
    }
    vectors = {point["id"]: point.get("vector") or None for point in page}
    assert vectors == {1: ROWS[1], 2: ROWS[2], 4: ROWS[3], 7: None}

    failing = [
        {"set_payload": {"payload": {"step": 1}, "points": [1]}},
        {"set_payload": {"payload": {"step": 2}, "points": [99]}},
        {"set_payload": {"payload": {"step": 3}, "points": [1]}},
    ]
    response = server.call("POST", f"{points}/points/batch?wait=true", {"operations": failing})
    assert response.status_code == 404
    assert server.ask("GET", f"{points}/points/1")["payload"] == {"n": 1, "step": 1}
    # Nobody is told of a missing point who does not wait.
    results = server.ask("POST", f"{points}/points/batch", {"operations": failing})
    assert [result["status"] for result in results] == ["acknowledged"] * 3


def test_an_operation_on_very_many_points(server: Server) -> None:
    """More than one batch of the store takes."""
    name, count = "many", 40_000
    rest.create(server, name, 2, "Dot")
    vectors = np.ones((count, 2), dtype=np.float32)
    rest.upsert(server, name, list(range(count)), vectors, [{"group": i % 2} for i in range(count)])
    even = {"must": [{"key": "group", "match": {"value": 0}}]}
    path = f"/collections/{name}/points"
    result = server.ask("POST", f"{path}/payload?wait=true", {"payload": {"new": 1}, "filter": even})
    assert result["status"] == "completed"
    new = {"must": [{"key": "new", "match": {"value": 1}}]}
    assert server.ask("POST", f"{path}/count", {"filter": new}) == {"count": count // 2}
    rest.create_index(server, name, "new", "integer")
    assert rest.info(server, name)["payload_schema"]["new"]["points"] == count // 2
    result = server.ask("POST", f"{path}/delete?wait=false", {"filter": new})
    assert result["status"] == "acknowledged"
    server.ask("PUT", f"{path}?wait=true", {"points": [{"id": count, "vector": [1, 1]}]})  # comes after it
    assert server.ask("POST", f"{path}/count", {}) == {"count": count // 2 + 1}
