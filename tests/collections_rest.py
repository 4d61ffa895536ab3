"""What several tests do to a collection over plain REST: create, load fast, search, wait for sealing."""

import time

import numpy as np
import orjson

from server import Server

BATCH = 1000
# The header with which a query reports what it did, and its answer.
STATS = "X-Sextant-Stats"
QUIET_S = 1.0


def create(server: Server, name: str, dim: int, distance: str = "Cosine", **settings) -> None:
    server.ask("PUT", f"/collections/{name}", {"vectors": {"size": dim, "distance": distance}, **settings})


def put_json(server: Server, path: str, body: object) -> dict:
    """PUT with numpy arrays in the body, encoded by a fast encoder."""
    data = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
    headers = {"content-type": "application/json"}
    response = server.session.put(server.url + path, data=data, headers=headers, timeout=300)
    assert response.status_code == 200, f"PUT {path}: {response.status_code} {response.text}"
    return response.json()["result"]


def upsert(server: Server, name: str, ids: list[int], vectors: np.ndarray, payloads: list | None = None) -> None:
    """In batches, each acknowledged as applied."""
    for start in range(0, len(ids), BATCH):
        part = slice(start, start + BATCH)
        batch = {"ids": list(ids[part]), "vectors": np.ascontiguousarray(vectors[part], dtype=np.float32)}
        if payloads is not None:
            batch["payloads"] = payloads[part]
        put_json(server, f"/collections/{name}/points?wait=true", {"batch": batch})


def create_index(server: Server, name: str, field: str, schema: object) -> None:
    server.ask("PUT", f"/collections/{name}/index?wait=true", {"field_name": field, "field_schema": schema})


def search_batch(server: Server, name: str, searches: list[dict]) -> list[list[dict]]:
    """The hits of each query, in order."""
    hits = []
    for start in range(0, len(searches), 100):
        body = {"searches": searches[start : start + 100]}
        hits += [answer["points"] for answer in server.ask("POST", f"/collections/{name}/points/query/batch", body)]
    return hits


def search_all(server: Server, name: str, queries: np.ndarray, **request) -> list[list[int]]:
    """Ids of the best 10 of each query."""
    searches = [{"query": query.tolist(), "limit": 10, **request} for query in queries]
    return [[hit["id"] for hit in hits] for hits in search_batch(server, name, searches)]


def query_with_stats(server: Server, name: str, body: dict) -> tuple[list[dict], dict]:
    """The hits of one query and the counters of the work it took."""
    response = server.call("POST", f"/collections/{name}/points/query", body, headers={STATS: "1"})
    assert response.status_code == 200, response.text
    return response.json()["result"]["points"], orjson.loads(response.headers[STATS])


def mean_rows_scored(server: Server, name: str, queries: np.ndarray, params: dict) -> float:
    """How many rows an unfiltered query meets on average; each must have walked a graph."""
    scored = []
    for query in queries:
        _, stats = query_with_stats(server, name, {"query": query.tolist(), "limit": 10, "params": params})
        assert stats["graph_searches"] >= 1 and stats["hops"] > 0, stats
        scored.append(stats["rows_scored"])
    return float(np.mean(scored))


def info(server: Server, name: str) -> dict:
    return server.ask("GET", f"/collections/{name}")


def wait_until_optimized(server: Server, name: str, timeout_s: float = 180) -> dict:
    """Returns the info once the collection has stayed green for a moment (a merge may follow a seal)."""
    end, green_since = time.monotonic() + timeout_s, None
    while time.monotonic() < end:
        now = info(server, name)
        assert now["optimizer_status"] == "ok", now
        if now["status"] == "green":
            green_since = green_since or time.monotonic()
            if time.monotonic() - green_since >= QUIET_S:
                return now
        else:
            green_since = None
        time.sleep(0.05)
    raise AssertionError(f"{name} is still not optimised after {timeout_s} s: {info(server, name)}")
