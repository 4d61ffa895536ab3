"""Every condition and every kind of query of the API once, over six points whose answers are plain to see."""

import pytest

import collections_rest as rest
from server import Server

NAME = "conditions"
C = f"/collections/{NAME}"
FIRST = [1.0, 0.0]


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    """Points 1 to 6: `n` is the id, `at` the day of January, `place` on the equator, `parts` two objects."""
    rest.create(server, NAME, 2, "Dot")
    points = [
        {
            "id": point,
            "vector": [float(point), 1.0],
            "payload": {
                "n": point,
                "g": "xyz"[point % 3],
                "at": f"2024-01-0{point}",
                "place": {"lon": point, "lat": 0.5},
                "parts": [{"k": point}, {"k": -point}],
                "none": None,
            },
        }
        for point in range(1, 7)
    ]
    server.ask("PUT", f"{C}/points?wait=true", {"points": points, "update_mode": "upsert"})
    for field, schema in (("n", "integer"), ("at", "datetime")):
        rest.create_index(server, NAME, field, schema)
    return server


def one_of(*ids: int) -> dict:
    return {"has_id": list(ids)}


RING = [{"lon": lon, "lat": lat} for lon, lat in [(0, 0), (4.5, 0), (4.5, 1), (0, 1), (0, 0)]]
HOLE = [{"lon": lon, "lat": lat} for lon, lat in [(1.5, 0.2), (2.5, 0.2), (2.5, 0.8), (1.5, 0.8), (1.5, 0.2)]]
BOX = {"top_left": {"lon": 1.5, "lat": 1}, "bottom_right": {"lon": 3.5, "lat": 0}}
FILTERS = [
    ({"must": {"key": "n", "match": {"any": [1, 2, 77]}}}, [1, 2]),
    ({"must": {"key": "g", "match": {"any": ["x"]}}}, [3, 6]),
    ({"must": {"key": "n", "match": {"except": [1, 2]}}}, [3, 4, 5, 6]),
    ({"must": {"key": "g", "match": {"prefix": "y"}}}, [1, 4]),
    ({"must": {"key": "n", "range": {"gte": 2, "lt": 4}}}, [2, 3]),
    ({"must": {"key": "n", "range": {"gt": 2, "lte": 4}}}, [3, 4]),
    ({"must": {"key": "at", "range": {"gte": "2024-01-02T00:00:00Z", "lt": "2024-01-04T00:00:00Z"}}}, [2, 3]),
    ({"must": {"key": "at", "range": {"gt": "2024-01-02T00:00:00Z", "lte": "2024-01-04T00:00:00Z"}}}, [3, 4]),
    ({"must": {"key": "place", "geo_radius": {"center": {"lon": 1, "lat": 0.5}, "radius": 120000}}}, [1, 2]),
    ({"must": {"key": "place", "geo_bounding_box": BOX}}, [2, 3]),
    ({"must": {"key": "place", "geo_polygon": {"exterior": {"points": RING}, "interiors": [{"points": HOLE}]}}}, [1, 3, 4]),
    ({"must": {"key": "parts", "values_count": {"gte": 2, "lte": 2}}}, [1, 2, 3, 4, 5, 6]),
    ({"must": {"key": "parts", "values_count": {"gt": 2, "lt": 4}}}, []),
    ({"must": {"key": "none", "is_null": True}}, [1, 2, 3, 4, 5, 6]),
    ({"must": {"key": "none", "is_empty": False}}, []),
    ({"must": [{"is_null": {"key": "none"}}, one_of(5)]}, [5]),
    ({"must": [{"is_empty": {"key": "absent"}}, {"has_vector": ""}, one_of(4)]}, [4]),
    ({"must": {"nested": {"key": "parts", "filter": {"must": {"key": "k", "range": {"gt": 4.5}}}}}}, [5, 6]),
    ({"must_not": one_of(1, 2, 3), "should": {"must_not": [one_of(4)]}}, [5, 6]),
    ({"min_should": {"conditions": [one_of(1, 2), one_of(2, 3), one_of(1, 3, 4)], "min_count": 2}}, [1, 2, 3]),
]


@pytest.mark.parametrize(("condition", "wanted"), FILTERS)
def test_conditions(filled: Server, condition: dict, wanted: list[int]) -> None:
    page = filled.ask("POST", f"{C}/points/scroll", {"filter": condition})
    assert [point["id"] for point in page["points"]] == wanted


def test_slices_part_the_points(filled: Server) -> None:
    found = []
    for index in range(3):
        condition = {"must": {"slice": {"total": 3, "index": index}}}
        found += [point["id"] for point in filled.ask("POST", f"{C}/points/scroll", {"filter": condition})["points"]]
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


PAIR = {"positive": [5.0, 0.0], "negative": [-5.0, 0.0]}
NAIVE = {"naive": {"a": 1.0, "b": 1.0, "c": 0.5}}
FEEDBACK = {"target": FIRST, "feedback": [{"example": FIRST, "score": 1.0}, {"example": [-1.0, 0.0], "score": 0.5}]}
QUERIES = [
    ({"recommend": {"positive": [1], "negative": [[0.0, 5.0]], "strategy": "average_vector"}}, [6, 5]),
    ({"recommend": {"positive": [1, 2], "strategy": "best_score"}}, [6, 5]),
    ({"recommend": {"positive": [1], "negative": [[-1.0, 0.0]], "strategy": "sum_scores"}}, [6, 5]),
    ({"discover": {"target": FIRST, "context": PAIR}}, [6, 5]),
    ({"discover": {"target": FIRST, "context": [PAIR, PAIR]}}, [6, 5]),
    ({"context": {"positive": [0.0, -1.0], "negative": FIRST}}, [1, 2]),
    ({"context": [{"positive": [0.0, -1.0], "negative": FIRST}]}, [1, 2]),
    ({"relevance_feedback": {**FEEDBACK, "strategy": NAIVE}}, [6, 5]),
    ({"order_by": {"key": "n", "direction": "asc", "start_from": 2}}, [2, 3]),
    ({"order_by": {"key": "n", "direction": "desc", "start_from": 3.5}}, [3, 2]),
    ({"order_by": {"key": "at", "start_from": "2024-01-03T00:00:00Z"}}, [3, 4]),
    ({"order_by": "n"}, [1, 2]),
]


@pytest.mark.parametrize(("query", "wanted"), QUERIES)
def test_kinds_of_queries(filled: Server, query: dict, wanted: list[int]) -> None:
    hits = filled.ask("POST", f"{C}/points/query", {"query": query, "limit": 2})["points"]
    assert [hit["id"] for hit in hits] == wanted


def test_prefetches(filled: Server) -> None:
    leaf = {"query": FIRST, "filter": {"must": one_of(1, 2, 3)}, "params": {"exact": True}, "limit": 2}
    for inner in (leaf, [leaf]):
        middle = {"query": [-1.0, 0.0], "prefetch": inner, "limit": 1}
        hits = filled.ask("POST", f"{C}/points/query", {"query": FIRST, "prefetch": [middle, leaf]})["points"]
        assert [hit["id"] for hit in hits] == [3, 2]
    body = {"using": "", "sample": 10, "limit": 1, "filter": {"must": one_of(1, 6)}}
    (one, other) = filled.ask("POST", f"{C}/points/search/matrix/pairs", body)["pairs"]
    assert (one["a"], one["b"], other["a"], other["b"]) == (1, 6, 6, 1)
