"""Filters without a payload index get columns in the background, which nobody can tell but by the time they take."""

import statistics
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import requests

import collections_rest as rest
from server import Server

POINTS, USERS, DIM = 60_000, 500, 4
FILLED = "all background columns are filled"
TIMEOUT_S = 120
NAME = "unindexed"


def payload(i: int) -> dict:
    # Values of several kinds, which an index would read otherwise than an unindexed condition does.
    number = [i % 100, float(i % 100), str(i % 100), [i % 100, None]][i % 4]
    return {"user_id": f"user_{i % USERS}", "is_published": i % 3 == 0, "number": number, "deep": [{"n": i % 7}, {"n": i % 5}]}


def condition(key: str, **rule) -> dict:
    return {"key": key, **rule}


def two_conditions(user: int) -> dict:
    return {"must": [condition("user_id", match={"value": f"user_{user}"}),
                     condition("is_published", match={"value": True})]}  # fmt: skip


FILTERS = [
    {"must": [condition("number", match={"value": 7})]},
    {"must": [condition("number", match={"any": [1, 2, 3]})]},
    {"must": [condition("number", match={"any": ["6", "10"]})]},
    {"must": [condition("number", match={"except": [5]})]},
    {"must": [condition("number", match={"except": ["6"]})]},
    {"must": [condition("number", range={"gte": 12.5, "lt": 20})]},
    {"must": [condition("deep[].n", match={"value": 6})], "must_not": [condition("deep[].n", range={"lt": 1})]},
    {"should": [condition("user_id", match={"value": "user_3"}), condition("number", match={"value": 4})]},
]


def count(server: Server, condition_filter: dict) -> int:
    return server.ask("POST", f"/collections/{NAME}/points/count", {"exact": True, "filter": condition_filter})["count"]


def timed(server: Server, users: list[int]) -> tuple[list[int], float]:
    """Counts, and the median of their times."""
    counts, times = [], []
    for user in users:
        start = time.perf_counter()
        counts.append(count(server, two_conditions(user)))
        times.append(time.perf_counter() - start)
    return counts, statistics.median(times)


def fills(server: Server) -> int:
    return server.log_path.read_text().count(FILLED)


def wait_for_columns(server: Server, filled_before: int, ask) -> None:
    end = time.monotonic() + TIMEOUT_S
    while fills(server) == filled_before:
        assert time.monotonic() < end, server.log_tail()
        ask()


@pytest.fixture(scope="module")
def loaded(server: Server) -> Iterator[Server]:
    rest.create(server, NAME, DIM)
    vectors = np.random.default_rng(1).standard_normal((POINTS, DIM), dtype=np.float32)
    rest.upsert(server, NAME, list(range(POINTS)), vectors, [payload(i) for i in range(POINTS)])
    yield server


def expected(user: int, gone: range = range(0)) -> int:
    return sum(i % 3 == 0 and i not in gone for i in range(user, POINTS, USERS))


def test_a_column_takes_over_and_is_not_listed(loaded: Server) -> None:
    before = fills(loaded)
    counts, slow = timed(loaded, [0])
    assert counts == [expected(0)]
    users = iter(range(1, USERS))
    wait_for_columns(loaded, before, lambda: count(loaded, two_conditions(next(users, 0))))
    asked = list(range(100, 140))
    counts, fast = timed(loaded, asked)
    assert counts == [expected(user) for user in asked]
    assert fast < slow / 3, f"{slow * 1e3:.1f} ms before, {fast * 1e3:.1f} ms with columns"
    assert rest.info(loaded, NAME)["payload_schema"] == {}


def matches(condition_filter: dict, one: dict) -> bool:
    """The filter, on the payload of one point, by the rules of conditions without an index."""

    def values(key: str) -> list:
        found = [element["n"] for element in one["deep"]] if key == "deep[].n" else [one[key]]
        return [value for found_value in found for value in (found_value if isinstance(found_value, list) else [found_value])]

    def is_integer(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    def in_list(value: object, listed: list) -> bool:
        return (is_integer(value) if is_integer(listed[0]) else type(value) is type(listed[0])) and value in listed

    def accepts(rule: dict, value: object) -> bool:
        if "range" in rule:
            bounds = rule["range"]
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            return is_number and bounds.get("gte", -1e9) <= value < bounds.get("lt", 1e9)
        match = rule["match"]
        if "except" in match:
            return value is not None and not in_list(value, match["except"])
        return in_list(value, match.get("any", [match.get("value")]))

    def holds(rule: dict) -> bool:
        return any(accepts(rule, value) for value in values(rule["key"]))

    must = all(holds(rule) for rule in condition_filter.get("must", []))
    should = any(holds(rule) for rule in condition_filter["should"]) if "should" in condition_filter else True
    return must and should and not any(holds(rule) for rule in condition_filter.get("must_not", []))


def not_remembered(condition_filter: dict, number: int) -> dict:
    """The same filter with a clause that keeps its answer from being remembered."""
    nobody = {"has_id": [10**12 + number]}
    return {**condition_filter, "must_not": [*condition_filter.get("must_not", []), nobody]}


def test_columns_decide_as_payloads_do(loaded: Server) -> None:
    wanted = [sum(matches(one, payload(i)) for i in range(POINTS)) for one in FILTERS]
    before = fills(loaded)
    assert [count(loaded, one) for one in FILTERS] == wanted
    numbers = iter(range(1_000_000))
    wait_for_columns(loaded, before, lambda: count(loaded, not_remembered(FILTERS[0], next(numbers))))
    assert [count(loaded, not_remembered(one, next(numbers))) for one in FILTERS] == wanted
    assert rest.info(loaded, NAME)["payload_schema"] == {}


def test_answers_stay_right_while_points_are_written(loaded: Server) -> None:
    """A user's points are moved to another user and back; every answer is of one moment."""
    ids = list(range(0, POINTS, USERS))
    published = [i for i in ids if i % 3 == 0]
    done, wrong = threading.Event(), []

    def read() -> None:
        other = loaded.url + f"/collections/{NAME}/points/count"
        with requests.Session() as session:
            while not done.is_set():
                body = {"exact": True, "filter": {"must": [condition("user_id", match={"any": ["user_0", "moved"]}),
                                                           condition("is_published", match={"value": True})]}}  # fmt: skip
                found = session.post(other, json=body, timeout=60).json()["result"]["count"]
                if found != len(published):
                    wrong.append(found)

    reader = threading.Thread(target=read)
    reader.start()
    for round_number in range(30):
        user = "moved" if round_number % 2 == 0 else "user_0"
        for start in range(0, len(ids), 20):
            body = {"payload": {"user_id": user}, "points": ids[start : start + 20]}
            loaded.ask("POST", f"/collections/{NAME}/points/payload?wait=true", body)
    done.set()
    reader.join()
    assert not wrong, wrong[:5]
    gone = range(3, POINTS, USERS * 2)
    loaded.ask("POST", f"/collections/{NAME}/points/delete?wait=true", {"points": list(gone)})
    assert count(loaded, two_conditions(3)) == expected(3, gone)


def test_columns_are_built_anew_after_a_restart(loaded: Server) -> None:
    loaded.restart()
    assert rest.info(loaded, NAME)["payload_schema"] == {}
    before = fills(loaded)
    users = iter(range(4, USERS))
    wait_for_columns(loaded, before, lambda: count(loaded, two_conditions(next(users, 4))))
    assert count(loaded, two_conditions(100)) == expected(100)
