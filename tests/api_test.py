"""Each endpoint does what it says, in the JSON the official clients read."""

import gzip
import json
import socket
import uuid

import pytest
import requests
from qdrant_client import models

import collections_rest as rest
from server import Server

SMALL = {"vectors": {"size": 4, "distance": "Dot"}}
ROWS = {1: [1.0, 0.0, 0.0, 0.0], 2: [0.0, 2.0, 0.0, 0.0], 3: [0.0, 0.0, 3.0, 0.0], 4: [1.0, 1.0, 1.0, 1.0]}
PAYLOADS = {
    1: {"color": "red", "n": 10, "deep": {"x": 1, "y": 2}},
    2: {"color": "green", "n": 20},
    3: {"color": ["red", "blue"], "n": 30.5},
    4: {},
}


@pytest.fixture
def points(server: Server, request: pytest.FixtureRequest) -> str:
    """A fresh collection of four points; returns its path."""
    name = request.node.name.replace("[", "-").replace("]", "")
    server.ask("PUT", f"/collections/{name}", SMALL)
    body = [{"id": point, "vector": ROWS[point], "payload": PAYLOADS[point]} for point in ROWS]
    result = server.ask("PUT", f"/collections/{name}/points?wait=true", {"points": body})
    assert result["status"] == "completed" and isinstance(result["operation_id"], int)
    return f"/collections/{name}"


def ids(hits: list[dict]) -> list:
    return [hit["id"] for hit in hits]


# --- the server itself


def test_root_and_probes(server: Server) -> None:
    root = server.call("GET", "/").json()
    assert root["title"] == "qdrant - vector search engine"
    assert root["version"].count(".") == 2
    for probe in ("/healthz", "/livez", "/readyz"):
        response = server.call("GET", probe)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/plain")


def test_envelope(server: Server, points: str) -> None:
    response = server.call("POST", f"{points}/points/count", {"exact": True})
    assert response.headers["content-type"].startswith("application/json")
    body = response.json()
    assert body.keys() == {"result", "status", "time"}
    assert body["status"] == "ok" and 0 <= body["time"] < 60


def test_trailing_slash(server: Server, points: str) -> None:
    assert server.ask("GET", f"{points}/") == server.ask("GET", points)


def test_cors(server: Server) -> None:
    origin = {"origin": "http://example.org"}
    assert server.call("GET", "/collections", headers=origin).headers["access-control-allow-origin"]
    preflight = {**origin, "access-control-request-method": "PUT", "access-control-request-headers": "content-type"}
    response = server.call("OPTIONS", "/collections/x/points", headers=preflight)
    assert response.status_code in (200, 204)
    assert response.headers["access-control-allow-origin"]
    assert "PUT" in response.headers["access-control-allow-methods"] or "*" in response.headers["access-control-allow-methods"]
    assert "access-control-allow-headers" in response.headers


def test_gzip_in_both_directions(server: Server, points: str) -> None:
    body = json.dumps({"limit": 100, "with_vector": True}).encode()
    headers = {"content-type": "application/json", "content-encoding": "gzip", "accept-encoding": "gzip"}
    url = f"{server.url}{points}/points/scroll"
    response = requests.post(url, data=gzip.compress(body), headers=headers, timeout=30)
    assert response.status_code == 200
    assert len(response.json()["result"]["points"]) == 4
    # A large answer is worth compressing.
    large = [{"id": 100, "vector": ROWS[1], "payload": {"text": "many times over " * 5000}}]
    server.ask("PUT", f"{points}/points?wait=true", {"points": large})
    response = requests.post(url, json={"limit": 100}, headers={"accept-encoding": "gzip"}, timeout=30)
    assert response.headers.get("content-encoding") == "gzip"
    assert ids(response.json()["result"]["points"]) == [1, 2, 3, 4, 100]
    response = requests.post(url, json={"limit": 100}, headers={"accept-encoding": "identity"}, timeout=30)
    assert "content-encoding" not in response.headers


def test_keep_alive_and_pipelining(server: Server) -> None:
    request = b"GET /collections HTTP/1.1\r\nhost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request * 2 + request.replace(b"host", b"connection: close\r\nhost"))
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer.count(b"HTTP/1.1 200") == 3


def test_expect_continue(server: Server, points: str) -> None:
    body = b'{"exact":true}'
    head = f"POST {points}/points/count HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert b'"count":4' in answer


# --- collections


def test_collection_life(server: Server) -> None:
    path = "/collections/life"
    assert server.ask("GET", f"{path}/exists") == {"exists": False}
    assert server.ask("PUT", path, SMALL) is True
    assert server.ask("GET", f"{path}/exists") == {"exists": True}
    assert {"name": "life"} in server.ask("GET", "/collections")["collections"]
    assert server.ask("DELETE", path) is True
    assert server.ask("DELETE", path) is False
    assert server.call("GET", path).status_code == 404


def test_list_is_sorted(server: Server) -> None:
    for name in ("zeta", "alpha", "Mu"):
        server.ask("PUT", f"/collections/{name}", SMALL)
    names = [entry["name"] for entry in server.ask("GET", "/collections")["collections"]]
    assert names == sorted(names)


def test_info_echoes_the_configuration(server: Server) -> None:
    settings = {
        "vectors": {
            "": {"size": 4, "distance": "Euclid", "on_disk": True},
            "text": {"size": 8, "distance": "Manhattan", "hnsw_config": {"m": 8}},
        },
        "hnsw_config": {"m": 24, "ef_construct": 200, "on_disk": True},
        "optimizers_config": {"indexing_threshold": 5000, "memmap_threshold": 20000},
        "quantization_config": {"scalar": {"type": "int8", "quantile": 0.99, "always_ram": True}},
        "on_disk_payload": True,
        "metadata": {"owner": "tests"},
    }
    server.ask("PUT", "/collections/echo", settings)
    found = server.ask("GET", "/collections/echo")
    models.CollectionInfo.model_validate(found)
    config = found["config"]
    assert config["params"]["vectors"]["text"]["hnsw_config"]["m"] == 8
    assert config["params"]["vectors"][""]["on_disk"] is True
    assert config["params"]["shard_number"] == config["params"]["replication_factor"] == 1
    assert config["hnsw_config"].items() >= {"m": 24, "ef_construct": 200, "full_scan_threshold": 10000}.items()
    assert config["optimizer_config"].items() >= {"indexing_threshold": 5000, "memmap_threshold": 20000}.items()
    assert config["quantization_config"] == settings["quantization_config"]
    assert config["metadata"] == {"owner": "tests"}
    assert found["status"] == "green" and found["optimizer_status"] == "ok"
    assert (found["points_count"], found["payload_schema"]) == (0, {})


def test_info_of_defaults(server: Server) -> None:
    server.ask("PUT", "/collections/defaults", SMALL)
    config = server.ask("GET", "/collections/defaults")["config"]
    assert config["params"]["vectors"] == {"size": 4, "distance": "Dot"}
    assert config["hnsw_config"].items() >= {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000}.items()
    assert config["optimizer_config"]["deleted_threshold"] == 0.2
    assert config["quantization_config"] is None


def test_update_collection(server: Server, points: str) -> None:
    change = {
        "hnsw_config": {"ef_construct": 50},
        "optimizers_config": {"indexing_threshold": 123},
        "vectors": {"": {"on_disk": True}},
        "metadata": {"a": 1},
    }
    assert server.ask("PATCH", points, change) is True
    config = server.ask("GET", points)["config"]
    assert config["hnsw_config"]["ef_construct"] == 50 and config["hnsw_config"]["m"] == 16
    assert config["optimizer_config"]["indexing_threshold"] == 123
    assert config["params"]["vectors"]["on_disk"] is True
    server.ask("PATCH", points, {"metadata": {"a": None, "b": 2}})
    assert server.ask("GET", points)["config"]["metadata"] == {"b": 2}
    assert server.ask("POST", f"{points}/points/count", {}) == {"count": 4}


def test_aliases(server: Server, points: str) -> None:
    name = points.split("/")[-1]
    server.ask("PUT", "/collections/other-target", SMALL)

    def act(*actions: dict) -> bool:
        return server.ask("POST", "/collections/aliases", {"actions": list(actions)})

    assert act({"create_alias": {"collection_name": name, "alias_name": "front"}}) is True
    assert {"alias_name": "front", "collection_name": name} in server.ask("GET", "/aliases")["aliases"]
    assert server.ask("GET", f"{points}/aliases") == {"aliases": [{"alias_name": "front", "collection_name": name}]}
    assert server.ask("POST", "/collections/front/points/count", {}) == {"count": 4}
    assert server.ask("GET", "/collections/front/exists") == {"exists": True}
    assert server.ask("DELETE", "/collections/front") is False
    # Repointed and renamed in one step.
    act(
        {"create_alias": {"collection_name": "other-target", "alias_name": "front"}},
        {"rename_alias": {"old_alias_name": "front", "new_alias_name": "entrance"}},
    )
    assert server.ask("POST", "/collections/entrance/points/count", {}) == {"count": 0}
    assert server.call("GET", "/collections/front").status_code == 404
    assert act({"delete_alias": {"alias_name": "entrance"}}, {"delete_alias": {"alias_name": "never-was"}}) is True
    act({"create_alias": {"collection_name": "other-target", "alias_name": "front"}})
    server.ask("DELETE", "/collections/other-target")
    assert server.call("GET", "/collections/front").status_code == 404


# --- points


def test_retrieve(server: Server, points: str) -> None:
    found = server.ask("POST", f"{points}/points", {"ids": [3, 99, 1, 3], "with_payload": True, "with_vector": True})
    assert ids(found) == [3, 1]
    assert found[0] == {"id": 3, "payload": PAYLOADS[3], "vector": ROWS[3]}
    assert server.ask("POST", f"{points}/points", {"ids": [1]}) == [{"id": 1}]


def test_one_point(server: Server, points: str) -> None:
    assert server.ask("GET", f"{points}/points/1") == {"id": 1, "payload": PAYLOADS[1], "vector": ROWS[1]}


def test_uuids_are_normalised(server: Server, points: str) -> None:
    number = uuid.UUID(int=0xABCDEF)
    for text in (str(number).upper(), number.hex, number.urn, f"{{{number}}}"):
        body = {"points": [{"id": text, "vector": ROWS[1], "payload": {"text": text}}]}
        server.ask("PUT", f"{points}/points?wait=true", body)
        assert server.ask("GET", f"{points}/points/{number}")["payload"] == {"text": text}
    page = server.ask("POST", f"{points}/points/scroll", {"limit": 10})["points"]
    assert ids(page) == [1, 2, 3, 4, str(number)]


def test_columnar_upsert(server: Server, points: str) -> None:
    batch = {"ids": [10, 11], "vectors": [ROWS[1], ROWS[2]], "payloads": [None, {"a": 1}]}
    server.ask("PUT", f"{points}/points?wait=true", {"batch": batch})
    found = server.ask("POST", f"{points}/points", {"ids": [10, 11], "with_payload": True, "with_vector": True})
    assert found == [
        {"id": 10, "payload": {}, "vector": ROWS[1]},
        {"id": 11, "payload": {"a": 1}, "vector": ROWS[2]},
    ]


def test_upsert_replaces_the_whole_point_and_the_last_of_equal_ids_wins(server: Server, points: str) -> None:
    body = [{"id": 1, "vector": ROWS[2], "payload": {"first": 1}}, {"id": 1, "vector": ROWS[3]}]
    server.ask("PUT", f"{points}/points?wait=true", {"points": body})
    assert server.ask("GET", f"{points}/points/1") == {"id": 1, "payload": {}, "vector": ROWS[3]}


def test_named_vectors(server: Server) -> None:
    path = "/collections/named"
    vectors = {"image": {"size": 2, "distance": "Cosine"}, "text": {"size": 3, "distance": "Euclid"}}
    server.ask("PUT", path, {"vectors": vectors})
    both = {"image": [3.0, 4.0], "text": [1.0, 2.0, 3.0]}
    batch = {"ids": [2, 3], "vectors": {"image": [[1.0, 0.0], [0.0, 1.0]], "text": [[0.0] * 3, [1.0] * 3]}}
    server.ask("PUT", f"{path}/points?wait=true", {"points": [{"id": 1, "vector": both}, {"id": 4, "vector": {}}]})
    server.ask("PUT", f"{path}/points?wait=true", {"batch": batch})
    stored = server.ask("GET", f"{path}/points/1")["vector"]
    assert stored["image"] == pytest.approx([0.6, 0.8]) and stored["text"] == both["text"]
    assert server.ask("GET", f"{path}/points/4")["vector"] == {}
    body = {"query": [0.0, 0.0, 0.0], "using": "text", "with_vector": ["image"]}
    hits = server.ask("POST", f"{path}/points/query", body)["points"]
    assert ids(hits) == [2, 3, 1]
    assert [hit["score"] for hit in hits] == pytest.approx([0, 3**0.5, 14**0.5])
    assert hits[0]["vector"] == {"image": [1.0, 0.0]}


@pytest.mark.parametrize(
    ("distance", "scores"),
    [("Cosine", [1.0, 0.6, 0.0]), ("Dot", [2.0, 1.2, 0.0]), ("Euclid", [0.0, 1.788854, 2.828427]), ("Manhattan", [0.0, 2.4, 4.0])],
)
def test_distances(server: Server, distance: str, scores: list[float]) -> None:
    path = f"/collections/distance-{distance}"
    server.ask("PUT", path, {"vectors": {"size": 2, "distance": distance}})
    # Length 2 where it matters, length 1 where the score should show a difference of direction only.
    rows = [[2.0, 0.0], [1.2, 1.6], [0.0, 2.0]] if distance in ("Euclid", "Manhattan") else [[2, 0], [1.2, 1.6], [0, 1]]
    server.ask("PUT", f"{path}/points?wait=true", {"batch": {"ids": [1, 2, 3], "vectors": rows}})
    query = [2.0, 0.0] if distance in ("Euclid", "Manhattan", "Cosine") else [1.0, 0.0]
    hits = server.ask("POST", f"{path}/points/query", {"query": query})["points"]
    assert ids(hits) == [1, 2, 3]
    assert [hit["score"] for hit in hits] == pytest.approx(scores, abs=1e-6)


def test_delete_by_ids_and_by_filter(server: Server, points: str) -> None:
    server.ask("POST", f"{points}/points/delete?wait=true", {"points": [1, 99]})
    condition = {"key": "color", "match": {"value": "blue"}}
    server.ask("POST", f"{points}/points/delete?wait=true", {"filter": {"must": [condition]}})
    assert ids(server.ask("POST", f"{points}/points/scroll", {})["points"]) == [2, 4]


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        ({"payload": {"a": {"x": 5}}}, {"a": {"x": 5}, "t": [{"k": 1}, {"k": 2}]}),
        ({"payload": {"x": 5}, "key": "a"}, {"a": {"x": 5, "y": 2}, "t": [{"k": 1}, {"k": 2}]}),
        ({"payload": {"z": 9}, "key": "t[0]"}, {"a": {"x": 1, "y": 2}, "t": [{"k": 1, "z": 9}, {"k": 2}]}),
        ({"payload": {"z": 9}, "key": "t[]"}, {"a": {"x": 1, "y": 2}, "t": [{"k": 1, "z": 9}, {"k": 2, "z": 9}]}),
        ({"payload": {"q": 1}, "key": "n.m"}, {"a": {"x": 1, "y": 2}, "t": [{"k": 1}, {"k": 2}], "n": {"m": {"q": 1}}}),
        ({"payload": {"a": None}}, {"t": [{"k": 1}, {"k": 2}]}),
    ],
)
def test_set_payload(server: Server, request_body: dict, expected: dict, points: str) -> None:
    payload = {"a": {"x": 1, "y": 2}, "t": [{"k": 1}, {"k": 2}]}
    server.ask("PUT", f"{points}/points?wait=true", {"points": [{"id": 9, "vector": ROWS[1], "payload": payload}]})
    server.ask("POST", f"{points}/points/payload?wait=true", {**request_body, "points": [9]})
    assert server.ask("GET", f"{points}/points/9")["payload"] == expected


def test_overwrite_delete_and_clear_payload(server: Server, points: str) -> None:
    server.ask("PUT", f"{points}/points/payload?wait=true", {"payload": {"only": None}, "points": [1]})
    assert server.ask("GET", f"{points}/points/1")["payload"] == {"only": None}
    server.ask("POST", f"{points}/points/payload/delete?wait=true", {"keys": ["color", "n"], "points": [2, 3]})
    assert server.ask("GET", f"{points}/points/2")["payload"] == {}
    everything = {"filter": {"must_not": [{"is_empty": {"key": "only"}}], "should": [{"has_id": [1, 2, 3, 4]}]}}
    server.ask("POST", f"{points}/points/payload/clear?wait=true", everything)
    server.ask("POST", f"{points}/points/payload/clear?wait=true", {"points": [1]})
    assert server.ask("GET", f"{points}/points/1")["payload"] == {}


def test_payload_keeps_numbers_and_key_order(server: Server, points: str) -> None:
    text = '{"z":1,"a":1.0,"big":9007199254740993,"huge":18446744073709551615,"small":1e-7,"neg":-0.5,"list":[1,2.5,"é"]}'
    body = f'{{"points":[{{"id":50,"vector":[1,2,3,4],"payload":{text}}}]}}'.encode()
    headers = {"content-type": "application/json"}
    server.session.put(f"{server.url}{points}/points?wait=true", data=body, headers=headers, timeout=30)
    raw = server.call("POST", f"{points}/points", {"ids": [50], "with_payload": True}).text
    assert text in raw


def test_scroll(server: Server, points: str) -> None:
    page = server.ask("POST", f"{points}/points/scroll", {"limit": 3})
    assert ids(page["points"]) == [1, 2, 3] and page["next_page_offset"] == 4
    assert page["points"][0] == {"id": 1, "payload": PAYLOADS[1]}
    page = server.ask("POST", f"{points}/points/scroll", {"limit": 3, "offset": 4, "with_payload": False})
    assert page == {"points": [{"id": 4}], "next_page_offset": None}
    condition = {"key": "n", "range": {"gt": 10}}
    page = server.ask("POST", f"{points}/points/scroll", {"filter": {"must": [condition]}})
    assert ids(page["points"]) == [2, 3]


def test_scroll_in_order_of_a_field(server: Server, points: str) -> None:
    rest.create_index(server, points.split("/")[-1], "n", "float")
    page = server.ask("POST", f"{points}/points/scroll", {"order_by": {"key": "n", "direction": "desc"}})
    assert [(record["id"], record["order_value"]) for record in page["points"]] == [(3, 30.5), (2, 20), (1, 10)]
    assert page["next_page_offset"] is None
    body = {"order_by": {"key": "n", "start_from": 20}, "limit": 1}
    assert ids(server.ask("POST", f"{points}/points/scroll", body)["points"]) == [2]


def test_count(server: Server, points: str) -> None:
    red = {"must": [{"key": "color", "match": {"value": "red"}}]}
    assert server.ask("POST", f"{points}/points/count", {"filter": red}) == {"count": 2}
    assert server.ask("POST", f"{points}/points/count", {"exact": False})["count"] == 4


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (True, PAYLOADS[1]),
        (["deep.x", "n"], {"n": 10, "deep": {"x": 1}}),
        ({"include": ["color"]}, {"color": "red"}),
        ({"exclude": ["deep.x", "n"]}, {"color": "red", "deep": {"y": 2}}),
    ],
)
def test_payload_selectors(server: Server, points: str, selector: object, expected: dict) -> None:
    body = {"query": ROWS[1], "limit": 1, "with_payload": selector}
    assert server.ask("POST", f"{points}/points/query", body)["points"][0]["payload"] == expected


def test_payload_index(server: Server, points: str) -> None:
    name = points.split("/")[-1]
    rest.create_index(server, name, "color", "keyword")
    rest.create_index(server, name, "n", {"type": "integer", "lookup": True, "range": False})
    schema = server.ask("GET", points)["payload_schema"]
    assert schema["color"] == {"data_type": "keyword", "points": 3}
    assert schema["n"]["data_type"] == "integer" and schema["n"]["params"]["range"] is False
    result = server.ask("DELETE", f"{points}/index/color?wait=true")
    assert result["status"] == "completed"
    assert list(server.ask("GET", points)["payload_schema"]) == ["n"]


# --- searching


def test_query(server: Server, points: str) -> None:
    body = {"query": ROWS[4], "limit": 2, "offset": 1, "with_vector": True}
    hits = server.ask("POST", f"{points}/points/query", body)["points"]
    assert ids(hits) == [3, 2]
    assert hits[0].keys() == {"id", "version", "score", "vector"}
    assert hits[0]["score"] == 3.0 and hits[0]["vector"] == ROWS[3]
    for hit in hits:
        models.ScoredPoint.model_validate(hit)


def test_query_by_id_leaves_the_point_out(server: Server, points: str) -> None:
    assert ids(server.ask("POST", f"{points}/points/query", {"query": 4})["points"]) == [3, 2, 1]
    nearest = {"query": {"nearest": 4}, "limit": 1}
    assert ids(server.ask("POST", f"{points}/points/query", nearest)["points"]) == [3]


def test_query_without_vector_scrolls(server: Server, points: str) -> None:
    hits = server.ask("POST", f"{points}/points/query", {"limit": 2})["points"]
    assert [(hit["id"], hit["score"], hit["version"]) for hit in hits] == [(1, 1.0, 0), (2, 1.0, 0)]


def test_score_threshold_is_strict(server: Server, points: str) -> None:
    body = {"query": ROWS[4], "score_threshold": 2.0}
    assert ids(server.ask("POST", f"{points}/points/query", body)["points"]) == [4, 3]


def test_default_limit_is_ten(server: Server) -> None:
    name = "twenty"
    rest.create(server, name, 4)
    body = {"batch": {"ids": list(range(20)), "vectors": [ROWS[4]] * 20}}
    server.ask("PUT", f"/collections/{name}/points?wait=true", body)
    assert len(server.ask("POST", f"/collections/{name}/points/query", {"query": ROWS[4]})["points"]) == 10
    assert len(server.ask("POST", f"/collections/{name}/points/scroll", {})["points"]) == 10


def test_query_batch(server: Server, points: str) -> None:
    searches = [{"query": ROWS[1], "limit": 1}, {"query": ROWS[2], "limit": 1}, {"limit": 1}]
    answers = server.ask("POST", f"{points}/points/query/batch", {"searches": searches})
    assert [ids(answer["points"]) for answer in answers] == [[1], [2], [1]]


def test_legacy_search(server: Server, points: str) -> None:
    hits = server.ask("POST", f"{points}/points/search", {"vector": ROWS[4], "limit": 2})
    assert ids(hits) == [4, 3] and "payload" not in hits[0]
    assert ids(server.ask("POST", f"{points}/points/search", {"vector": ROWS[4], "top": 1})) == [4]
    batch = {"searches": [{"vector": ROWS[1], "limit": 1}, {"vector": ROWS[3], "limit": 1, "with_payload": True}]}
    answers = server.ask("POST", f"{points}/points/search/batch", batch)
    assert answers[1][0]["payload"] == PAYLOADS[3]


def test_hits_carry_the_version_of_the_last_change(server: Server, points: str) -> None:
    change = {"payload": {"a": 1}, "points": [2]}
    number = server.ask("POST", f"{points}/points/payload?wait=true", change)["operation_id"]
    hits = server.ask("POST", f"{points}/points/query", {"query": ROWS[4]})["points"]
    versions = {hit["id"]: hit["version"] for hit in hits}
    assert versions[2] == number and versions[1] < number


def test_points_survive_a_restart(make_server) -> None:
    server: Server = make_server().start()
    server.ask("PUT", "/collections/kept", SMALL)
    body = [{"id": point, "vector": ROWS[point], "payload": PAYLOADS[point]} for point in ROWS]
    server.ask("PUT", "/collections/kept/points?wait=true", {"points": body})
    rest.create_index(server, "kept", "color", "keyword")
    alias = {"create_alias": {"collection_name": "kept", "alias_name": "front"}}
    server.ask("POST", "/collections/aliases", {"actions": [alias]})
    before = server.ask("GET", "/collections/kept")
    server.restart()
    assert server.ask("GET", "/collections/front")["config"] == before["config"]
    assert server.ask("GET", "/collections/kept")["payload_schema"] == before["payload_schema"]
    for point in ROWS:
        expected = {"id": point, "payload": PAYLOADS[point], "vector": ROWS[point]}
        assert server.ask("GET", f"/collections/kept/points/{point}") == expected


def test_an_ephemeral_server_forgets(make_server) -> None:
    server: Server = make_server(storage=None).start()
    server.ask("PUT", "/collections/gone", SMALL)
    server.ask("PUT", "/collections/gone/points?wait=true", {"points": [{"id": 1, "vector": ROWS[1]}]})
    assert ids(server.ask("POST", "/collections/gone/points/query", {"query": ROWS[1]})["points"]) == [1]
    server.restart()
    assert server.ask("GET", "/collections") == {"collections": []}
