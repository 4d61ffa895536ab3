"""Requests that must fail: the status code, the shape and the gist of each message, and nothing changed by them."""

import gzip
import json
import socket
from dataclasses import dataclass

import pytest
import requests

import collections_rest as rest
from server import Server

PLAIN, NAMED = "plain", "named"
VECTOR = [1.0, 0.0, 0.0, 0.0]
SIZE = len(VECTOR)


@dataclass(frozen=True)
class Refusal:
    name: str
    method: str
    path: str
    body: object
    status: int
    message: str  # part of the error text


def point(**changes) -> dict:
    return {"points": [{"id": 1, "vector": VECTOR, **changes}]}


def query(**request) -> dict:
    return {"query": VECTOR, **request}


C, N = f"/collections/{PLAIN}", f"/collections/{NAMED}"
FORMAT, VALIDATION = "Format error in JSON body", "Validation error in JSON body"
UNKNOWN_FIELD = {"must": [{"key": "a", "match": {"value": 1}}], "musst": []}

REFUSALS = [
    # Collections.
    Refusal("missing collection", "GET", "/collections/absent", None, 404, "Collection `absent` doesn't exist!"),
    Refusal("upsert into none", "PUT", "/collections/absent/points", point(), 404, "Collection `absent` doesn't exist!"),
    Refusal("query of none", "POST", "/collections/absent/points/query", query(), 404, "doesn't exist!"),
    Refusal("create twice", "PUT", C, {"vectors": {"size": 4, "distance": "Dot"}}, 409, "already exists"),
    Refusal("size 0", "PUT", "/collections/new", {"vectors": {"size": 0, "distance": "Dot"}}, 422, VALIDATION),
    Refusal("size 65537", "PUT", "/collections/new", {"vectors": {"size": 65537, "distance": "Dot"}}, 422, VALIDATION),
    Refusal("negative size", "PUT", "/collections/new", {"vectors": {"size": -1, "distance": "Dot"}}, 400, FORMAT),
    Refusal("unknown distance", "PUT", "/collections/new", {"vectors": {"size": 4, "distance": "Far"}}, 400, FORMAT),
    Refusal("no distance", "PUT", "/collections/new", {"vectors": {"size": 4}}, 400, FORMAT),
    Refusal(
        "ef_construct 3", "PUT", "/collections/new",
        {"vectors": {"size": 4, "distance": "Dot"}, "hnsw_config": {"ef_construct": 3}}, 422, VALIDATION,
    ),
    Refusal(
        "quantile 0.4", "PUT", "/collections/new",
        {"vectors": {"size": 4, "distance": "Dot"},
         "quantization_config": {"scalar": {"type": "int8", "quantile": 0.4}}}, 422, VALIDATION,
    ),
    Refusal("forbidden name", "PUT", "/collections/a%3Ab", {"vectors": {"size": 4, "distance": "Dot"}}, 422, ""),
    Refusal("collection timeout 0", "PUT", "/collections/new?timeout=0",
            {"vectors": {"size": 4, "distance": "Dot"}}, 422, ""),
    Refusal("update of an unknown vector", "PATCH", C, {"vectors": {"other": {"on_disk": True}}}, 400, "other"),
    # Aliases.
    Refusal("alias of none", "POST", "/collections/aliases",
            {"actions": [{"create_alias": {"collection_name": "absent", "alias_name": "x"}}]}, 404, "absent"),
    Refusal("alias named as a collection", "POST", "/collections/aliases",
            {"actions": [{"create_alias": {"collection_name": PLAIN, "alias_name": NAMED}}]}, 409, NAMED),
    Refusal("rename of an unknown alias", "POST", "/collections/aliases",
            {"actions": [{"rename_alias": {"old_alias_name": "no", "new_alias_name": "x"}}]}, 404, "no"),
    # Points.
    Refusal("no points", "PUT", f"{C}/points", {}, 400, ""),
    Refusal("empty list of points", "PUT", f"{C}/points", {"points": []}, 400, ""),
    Refusal("no vector", "PUT", f"{C}/points", {"points": [{"id": 1}]}, 400, FORMAT),
    Refusal("short vector", "PUT", f"{C}/points?wait=true", point(vector=[1.0]), 400, "expected dim: 4, got 1"),
    Refusal("short vector without waiting", "PUT", f"{C}/points", point(vector=[1.0]), 400, "expected dim: 4, got 1"),
    Refusal("empty vector", "PUT", f"{C}/points", point(vector=[]), 422, VALIDATION),
    Refusal("vector of text", "PUT", f"{C}/points", point(vector="no"), 400, FORMAT),
    Refusal("vector with text", "PUT", f"{C}/points", point(vector=[1, 2, 3, "4"]), 400, FORMAT),
    Refusal("multivector for a dense one", "PUT", f"{C}/points?wait=true", point(vector=[VECTOR, VECTOR]), 400, ""),
    Refusal("unknown name", "PUT", f"{N}/points?wait=true", point(vector={"sound": VECTOR}), 400, "sound"),
    Refusal("unnamed for named", "PUT", f"{N}/points?wait=true", point(), 400, "Not existing vector name"),
    Refusal("id of text", "PUT", f"{C}/points", point(id="42"), 400, "is not a valid point ID"),
    Refusal("negative id", "PUT", f"{C}/points", point(id=-1), 400, "is not a valid point ID"),
    Refusal("fractional id", "PUT", f"{C}/points", point(id=1.0), 400, "is not a valid point ID"),
    Refusal("huge id", "PUT", f"{C}/points", point(id=2**64), 400, "is not a valid point ID"),
    Refusal("payload of text", "PUT", f"{C}/points", point(payload="no"), 400, FORMAT),
    Refusal("columns of unequal length", "PUT", f"{C}/points", {"batch": {"ids": [1, 2], "vectors": [VECTOR]}}, 422, ""),
    Refusal("path id", "GET", f"{C}/points/abc", None, 400, ""),
    Refusal("missing point", "GET", f"{C}/points/404", None, 404, "404"),
    Refusal("delete without selection", "POST", f"{C}/points/delete", {}, 400, ""),
    Refusal("payload without selection", "POST", f"{C}/points/payload", {"payload": {"a": 1}}, 400, ""),
    Refusal("payload of a missing point", "POST", f"{C}/points/payload?wait=true",
            {"payload": {"a": 1}, "points": [404]}, 404, "No point with id 404 found"),
    Refusal("bad payload path", "POST", f"{C}/points/payload/delete", {"keys": ["a..b"], "points": [1]}, 400, ""),
    # Reading.
    Refusal("scroll limit 0", "POST", f"{C}/points/scroll", {"limit": 0}, 422, VALIDATION),
    Refusal("scroll order without index", "POST", f"{C}/points/scroll", {"order_by": "a"}, 400, "index"),
    Refusal("scroll order with offset", "POST", f"{C}/points/scroll", {"order_by": "n", "offset": 1}, 400, ""),
    Refusal("query limit 0", "POST", f"{C}/points/query", query(limit=0), 422, VALIDATION),
    Refusal("negative limit", "POST", f"{C}/points/query", query(limit=-1), 400, FORMAT),
    Refusal("hnsw_ef 0", "POST", f"{C}/points/query", query(params={"hnsw_ef": 0}), 422, VALIDATION),
    Refusal("recall_target 0", "POST", f"{C}/points/query", query(params={"recall_target": 0}), 422, "above 0.0"),
    Refusal("recall_target above 1", "POST", f"{C}/points/query", query(params={"recall_target": 1.5}), 422, "value 1.5"),
    Refusal("recall_target of text", "POST", f"{C}/points/query", query(params={"recall_target": "all"}), 400, FORMAT),
    Refusal("recall_target beside hnsw_ef", "POST", f"{C}/points/query",
            query(params={"recall_target": 0.9, "hnsw_ef": 8}), 422, "hnsw_ef 8"),
    Refusal("query dimension", "POST", f"{C}/points/query", {"query": [1.0]}, 400, "expected dim: 4, got 1"),
    Refusal("query name", "POST", f"{C}/points/query", query(using="sound"), 400, "sound"),
    Refusal("unnamed query of named", "POST", f"{N}/points/query", query(), 400, "Not existing vector name"),
    Refusal("query of a missing id", "POST", f"{C}/points/query", {"query": 404}, 404, "No point with id 404 found"),
    Refusal("threshold without query", "POST", f"{C}/points/query", {"score_threshold": 0.5}, 400, ""),
    Refusal("timeout 0", "POST", f"{C}/points/query?timeout=0", query(), 400, ""),
    Refusal("consistency 0", "POST", f"{C}/points/query?consistency=0", query(), 422, ""),
    Refusal("unknown vector to return", "POST", f"{N}/points/query",
            query(using="image", with_vector=["sound"]), 400, "sound"),
    Refusal("search without limit", "POST", f"{C}/points/search", {"vector": VECTOR}, 400, FORMAT),
    Refusal("search limit 0", "POST", f"{C}/points/search", {"vector": VECTOR, "limit": 0}, 422, VALIDATION),
    Refusal("unknown key in a filter", "POST", f"{C}/points/count", {"filter": UNKNOWN_FIELD}, 400, FORMAT),
    Refusal("condition without predicate", "POST", f"{C}/points/count",
            {"filter": {"must": [{"key": "a"}]}}, 422, VALIDATION),
    Refusal("min_count 0", "POST", f"{C}/points/count",
            {"filter": {"min_should": {"conditions": [], "min_count": 0}}}, 422, VALIDATION),
    Refusal("bad path in a filter", "POST", f"{C}/points/count",
            {"filter": {"must": [{"key": "[0]", "match": {"value": 1}}]}}, 400, ""),
    # Vectors and batches.
    Refusal("vectors of no point", "PUT", f"{C}/points/vectors", {"points": []}, 422, VALIDATION),
    Refusal("no vector to update", "PUT", f"{C}/points/vectors", {"points": [{"id": 7, "vector": {}}]}, 422, VALIDATION),
    Refusal("vectors of a missing id", "PUT", f"{C}/points/vectors?wait=true",
            {"points": [{"id": 404, "vector": VECTOR}]}, 404, "No point with id 404 found"),
    Refusal("dimension of a new vector", "PUT", f"{C}/points/vectors",
            {"points": [{"id": 7, "vector": [1.0]}]}, 400, "expected dim: 4, got 1"),
    Refusal("no vector to delete", "POST", f"{C}/points/vectors/delete", {"vector": [], "points": [7]}, 422, VALIDATION),
    Refusal("unknown vector to delete", "POST", f"{C}/points/vectors/delete?wait=true",
            {"vector": ["sound"], "points": [7]}, 400, "sound"),
    Refusal("vectors of nobody to delete", "POST", f"{C}/points/vectors/delete", {"vector": [""]}, 400, ""),
    Refusal("unknown update mode", "PUT", f"{C}/points",
            {"points": [{"id": 1, "vector": VECTOR}], "update_mode": "never"}, 400, FORMAT),
    Refusal("bad update filter", "PUT", f"{C}/points",
            {"points": [{"id": 1, "vector": VECTOR}], "update_filter": UNKNOWN_FIELD}, 400, FORMAT),
    Refusal("unknown operation", "POST", f"{C}/points/batch", {"operations": [{"create": {}}]}, 400, FORMAT),
    Refusal("batch without operations", "POST", f"{C}/points/batch", {}, 400, FORMAT),
    Refusal("bad operation in a batch", "POST", f"{C}/points/batch",
            {"operations": [{"update_vectors": {"points": []}}]}, 422, VALIDATION),
    # Payload indexes.
    Refusal("index without schema", "PUT", f"{C}/index", {"field_name": "a"}, 400, ""),
    Refusal("unknown index type", "PUT", f"{C}/index", {"field_name": "a", "field_schema": "rope"}, 400, FORMAT),
    Refusal("integer index for nothing", "PUT", f"{C}/index", {
        "field_name": "a", "field_schema": {"type": "integer", "lookup": False, "range": False}}, 422, ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(server: Server) -> Server:
    rest.create(server, PLAIN, SIZE)
    rest.create_index(server, PLAIN, "n", "integer")
    vectors = {"image": {"size": SIZE, "distance": "Dot"}}
    server.ask("PUT", N, {"vectors": vectors})
    server.ask("PUT", f"{C}/points?wait=true", {"points": [{"id": 7, "vector": VECTOR, "payload": {"n": 1}}]})
    return server


def check_error(response: requests.Response, status: int, message: str) -> None:
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"status", "time"}
    assert message in body["status"]["error"]
    assert isinstance(body["time"], (int, float))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_refused_and_nothing_changed(prepared: Server, refusal: Refusal) -> None:
    check_error(prepared.call(refusal.method, refusal.path, refusal.body), refusal.status, refusal.message)
    assert prepared.ask("POST", f"{C}/points/count", {}) == {"count": 1}
    assert prepared.ask("GET", "/collections/new/exists") == {"exists": False}


def test_each_error_class_has_its_prefix(prepared: Server) -> None:
    prefixes = {
        "Wrong input: ": ("POST", f"{C}/points/query", {"query": [1.0]}),
        "Not found: ": ("GET", "/collections/absent", None),
        "Format error in JSON body: ": ("POST", f"{C}/points/query", {"limit": "ten"}),
        "Validation error in JSON body: [": ("POST", f"{C}/points/query", {"limit": 0}),
    }
    for prefix, request in prefixes.items():
        assert prepared.call(*request).json()["status"]["error"].startswith(prefix)


@pytest.mark.parametrize("body", [b"", b"{", b'{"limit":1}}', b"[1,2", b'{"limit":1e999}', b'{"a":"\xff"}', b"\x00"])
def test_malformed_json(prepared: Server, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = prepared.session.post(f"{prepared.url}{C}/points/scroll", data=body, headers=headers, timeout=30)
    assert response.status_code == 400, response.text


def test_deep_nesting_is_refused_not_followed(prepared: Server) -> None:
    deep = b'{"filter":' + b'{"must":' * 100_000 + b"1" + b"}" * 100_001
    headers = {"content-type": "application/json"}
    response = prepared.session.post(f"{prepared.url}{C}/points/count", data=deep, headers=headers, timeout=30)
    assert response.status_code == 400
    assert prepared.running()


def test_oversized_body(prepared: Server) -> None:
    """33 MB against the limit of 32: refused, whether the length is announced or the body comes in chunks."""
    body = b'{"points":[' + b" " * (33 << 20) + b"]}"
    headers = {"content-type": "application/json"}

    def in_chunks():
        for start in range(0, len(body), 1 << 20):
            yield body[start : start + (1 << 20)]

    for data in (body, in_chunks()):
        try:
            response = requests.put(f"{prepared.url}{C}/points", data=data, headers=headers, timeout=60)
        except requests.ConnectionError:
            continue  # the server may close before all of it is sent
        assert response.status_code in (400, 413), response.text
    assert prepared.ask("POST", f"{C}/points/count", {}) == {"count": 1}


def test_gzip_bomb_is_refused(prepared: Server) -> None:
    body = gzip.compress(b" " * (200 << 20), compresslevel=9)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    response = requests.put(f"{prepared.url}{C}/points", data=body, headers=headers, timeout=60)
    assert response.status_code in (400, 413)
    assert prepared.resident_bytes() < 1 << 30


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("POST", f"{C}/points/nothing"), ("GET", "/collections/a/b/c/d")])
def test_unknown_routes(prepared: Server, method: str, path: str) -> None:
    assert prepared.call(method, path, {} if method == "POST" else None).status_code in (404, 405)


def test_wrong_method(prepared: Server) -> None:
    assert prepared.call("DELETE", "/collections").status_code in (404, 405)


def raw_exchange(server: Server, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def test_malformed_http_does_not_hurt(prepared: Server) -> None:
    head = b"POST /collections/plain/points/count HTTP/1.1\r\nhost: x\r\n"
    for data in (
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        head + b"content-length: -5\r\n\r\n",
        head + b"content-length: 5\r\ncontent-length: 6\r\n\r\n{}",
        head + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        head + b"content-length: 100\r\n\r\n{}",
        b"GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n",
    ):
        answer = raw_exchange(prepared, data)
        assert b"200 OK" not in answer.split(b"\r\n")[0]
    assert prepared.ask("POST", f"{C}/points/count", {}) == {"count": 1}


def test_unknown_fields_are_ignored_outside_of_filters(prepared: Server) -> None:
    """Clients of other versions send fields that this one does not know."""
    answer = prepared.ask("POST", f"{C}/points/query", query(limit=1, future_option={"a": 1}))
    assert [hit["id"] for hit in answer["points"]] == [7]


def test_errors_without_waiting_for_missing_points_are_silent(prepared: Server) -> None:
    body = {"payload": {"a": 1}, "points": [404]}
    response = prepared.call("POST", f"{C}/points/payload", body)
    assert response.status_code == 200
    assert json.loads(response.text)["result"]["status"] == "acknowledged"
