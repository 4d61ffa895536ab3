"""Clients write while the server is killed with -9 at random moments and started again.

What was acknowledged is there, what was never sent is not, and the one request of each writer that was in flight has
happened whole or not at all.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest
import requests

import collections_rest as rest
import datasets
from datasets import Dataset
from server import Server

NAME = "journal"
WRITERS, IDS_PER_WRITER = 4, 700
QUICK_ROUNDS, LONG_ROUNDS = 30, 200
LONGEST_LIFE_S = 0.8
RECALL_EVERY = 10
MEMORY_LIMIT, REQUEST_TIMEOUT_S = 2**30, 600
LARGE_DIM, LARGE_ROUNDS = 4, 8
# The points of a large collection are in this many parts; some of these are deleted.
PARTS, DELETED_PARTS = 8, 4
# Low, so that seals and merges are among what is killed.
OPTIMIZERS = {"indexing_threshold": 300, "default_segment_number": 1}


# What is known of a point: its payload, and which row of the data its vector is.
Point = tuple[dict, int]
Points = dict[int, Point]


@dataclass
class Change:
    """One request and what it does to the points of its writer."""

    method: str
    path: str
    body: dict
    steps: list[Points]  # the writer's points after each operation of a batch; of any other request after all of it


@dataclass
class Writer:
    """Writes to ids of its own, one request at a time, so that at most one is in doubt after a kill."""

    number: int
    random: Random
    vectors: np.ndarray
    points: Points = field(default_factory=dict)  # as acknowledged
    in_doubt: Change | None = None
    acknowledged: int = 0

    def ids(self, count: int) -> list[int]:
        first = self.number * IDS_PER_WRITER
        return self.random.sample(range(first, first + IDS_PER_WRITER), count)

    def row(self) -> int:
        return self.random.randrange(len(self.vectors))

    def new_points(self) -> Points:
        points = {}
        for point in self.ids(self.random.randint(1, 20)):
            payload = {"writer": self.number, "group": self.random.randrange(50), "stamp": self.random.getrandbits(40)}
            points[point] = (payload, self.row())
        return points

    def columns(self, points: Points) -> dict:
        rows = [row for _, row in points.values()]
        vectors = [self.vectors[row].tolist() for row in rows]
        return {"ids": list(points), "vectors": vectors, "payloads": [payload for payload, _ in points.values()]}

    def upsert(self) -> Change:
        points = self.new_points()
        return Change("PUT", "points", {"batch": self.columns(points)}, [{**self.points, **points}])

    def conditional_upsert(self) -> Change:
        points, mode = self.new_points(), self.random.choice(["upsert", "insert_only", "update_only"])
        low = {"key": "group", "range": {"lt": 25}}
        body = {"batch": self.columns(points), "update_filter": {"must": [low]}, "update_mode": mode}

        def written(point: int) -> bool:
            if point not in self.points:
                return mode != "update_only"
            return mode != "insert_only" and self.points[point][0]["group"] < 25

        after = {**self.points, **{point: new for point, new in points.items() if written(point)}}
        return Change("PUT", "points", body, [after])

    def update_vectors(self) -> Change | None:
        rows = {point: self.row() for point in self.ids(20) if point in self.points}
        if not rows:
            return None
        body = {"points": [{"id": point, "vector": self.vectors[row].tolist()} for point, row in rows.items()]}
        changed = {point: (self.points[point][0], row) for point, row in rows.items()}
        return Change("PUT", "points/vectors", body, [{**self.points, **changed}])

    def delete(self) -> Change:
        ids = self.ids(self.random.randint(1, 10))
        return Change("POST", "points/delete", {"points": ids}, [self.without(ids)])

    def delete_by_filter(self) -> Change:
        group = self.random.randrange(50)
        ids = [point for point, (payload, _) in self.points.items() if payload["group"] == group]
        conditions = [
            {"key": "writer", "match": {"value": self.number}},
            {"key": "group", "match": {"value": group}},
        ]
        return Change("POST", "points/delete", {"filter": {"must": conditions}}, [self.without(ids)])

    def set_payload(self) -> Change | None:
        ids = [point for point in self.ids(10) if point in self.points]
        if not ids:
            return None
        stamp = self.random.getrandbits(40)
        changed = {point: ({**self.points[point][0], "stamp": stamp}, self.points[point][1]) for point in ids}
        body = {"payload": {"stamp": stamp}, "points": ids}
        return Change("POST", "points/payload", body, [{**self.points, **changed}])

    def batch(self) -> Change:
        """Each of its operations is one that may be in doubt."""
        names = {"points": "upsert", "points/vectors": "update_vectors", "points/delete": "delete"}
        before, operations, steps = self.points, [], []
        for maker in (self.upsert, self.update_vectors, self.delete, self.conditional_upsert):
            if (change := maker()) is None:
                continue
            operations.append({names[change.path]: change.body})
            steps += change.steps
            self.points = change.steps[-1]
        self.points = before
        return Change("POST", "points/batch", {"operations": operations}, steps)

    def without(self, ids: list[int]) -> Points:
        return {point: known for point, known in self.points.items() if point not in ids}

    def next(self) -> Change:
        makers = {
            self.upsert: 6,
            self.conditional_upsert: 2,
            self.update_vectors: 2,
            self.delete: 1,
            self.delete_by_filter: 1,
            self.set_payload: 2,
            self.batch: 2,
        }
        return self.random.choices(list(makers), list(makers.values()))[0]() or self.upsert()

    def write_until_the_server_dies(self, server: Server) -> None:
        with requests.Session() as session:
            while True:
                change = self.next()
                url = f"{server.url}/collections/{NAME}/{change.path}?wait=true"
                self.in_doubt = change
                try:
                    response = session.request(change.method, url, json=change.body, timeout=60)
                except requests.RequestException:
                    return
                assert response.status_code == 200, response.text
                self.points, self.in_doubt = change.steps[-1], None
                self.acknowledged += 1

    def row_of(self, point: int, vector: list[float]) -> int | None:
        """The row that the point's vector is, of those that it may be."""
        states = [self.points, *(self.in_doubt.steps if self.in_doubt else [])]
        rows = {state[point][1] for state in states if point in state}
        return next((row for row in rows if np.allclose(vector, self.vectors[row], atol=1e-6)), None)

    def settle(self, found: dict[int, tuple[dict, list[float]]]) -> None:
        """Checks what the server holds of this writer's points, and goes on from there."""
        known = {point: (payload, self.row_of(point, vector)) for point, (payload, vector) in found.items()}
        if self.in_doubt is not None and known in self.in_doubt.steps:
            self.points = known
        self.in_doubt = None
        wrong = {
            point: (known.get(point), self.points.get(point))
            for point in known.keys() | self.points.keys()
            if known.get(point) != self.points.get(point)
        }
        assert not wrong, f"writer {self.number}, point → (found, acknowledged): {wrong}"


def scroll_pages(server: Server) -> Iterator[dict]:
    offset = None
    while True:
        body = {"limit": 1000, "offset": offset, "with_payload": True, "with_vector": True}
        page = server.ask("POST", f"/collections/{NAME}/points/scroll", body)
        yield from page["points"]
        offset = page["next_page_offset"]
        if offset is None:
            return


def check_points(server: Server, writers: list[Writer]) -> None:
    found: list[dict[int, tuple[dict, list[float]]]] = [{} for _ in writers]
    for point in scroll_pages(server):
        assert point["id"] // IDS_PER_WRITER < len(writers), f"point {point['id']} was never written"
        found[point["id"] // IDS_PER_WRITER][point["id"]] = (point["payload"], point["vector"])
    for writer, points in zip(writers, found, strict=True):
        writer.settle(points)
    total = sum(len(writer.points) for writer in writers)
    assert server.ask("POST", f"/collections/{NAME}/points/count", {"exact": True}) == {"count": total}


def check_recall(server: Server, writers: list[Writer], data: Dataset) -> None:
    rows = {point: row for writer in writers for point, (_, row) in writer.points.items()}
    exact = datasets.exact_answers(data, np.array(list(rows.values())), len(data.queries))
    found = rest.search_all(server, NAME, data.queries)
    # Equal rows are equal vectors, so a hit is judged by the row it holds.
    assert all(len(set(ids)) == len(ids) for ids in found)
    assert datasets.recall(data, [[rows[point] for point in ids] for ids in found], exact) >= 0.97


def live_and_die(server: Server, writers: list[Writer], life_s: float) -> None:
    threads = [threading.Thread(target=writer.write_until_the_server_dies, args=(server,)) for writer in writers]
    for thread in threads:
        thread.start()
    time.sleep(life_s)  # the random moment of the kill, not a wait for anything
    server.kill()
    for thread in threads:
        thread.join()


def run_rounds(server: Server, data: Dataset, rounds: int, seed: int) -> None:
    random = Random(seed)
    writers = [Writer(number, Random(f"{seed}/{number}"), data.vectors) for number in range(WRITERS)]
    server.start()
    rest.create(server, NAME, data.dim, optimizers_config=OPTIMIZERS)
    rest.create_index(server, NAME, "group", "integer")
    for round_number in range(1, rounds + 1):
        live_and_die(server, writers, random.uniform(0.01, LONGEST_LIFE_S))
        server.start()
        check_points(server, writers)
        if round_number % RECALL_EVERY == 0 or round_number == rounds:
            check_recall(server, writers, data)
    assert all(writer.acknowledged >= rounds for writer in writers), "the server hardly took a write"
    rest.wait_until_optimized(server, NAME)
    check_points(server, writers)
    check_recall(server, writers, data)


def test_kill_loses_nothing_acknowledged(make_server, sample: Dataset, seed: int, request: pytest.FixtureRequest) -> None:
    run_rounds(make_server(), sample, request.config.getoption("--rounds") or QUICK_ROUNDS, seed)


@pytest.mark.full
def test_many_kills_lose_nothing(make_server, sample: Dataset, seed: int, request: pytest.FixtureRequest) -> None:
    run_rounds(make_server(), sample, request.config.getoption("--rounds") or LONG_ROUNDS, seed + 1)


def test_kill_during_an_operation_on_many_points(make_server, seed: int) -> None:
    """It is committed in parts, and happens all the same whole or not at all."""
    server, random, count = make_server().start(), Random(seed), 50_000
    rest.create(server, NAME, 2, "Dot")
    path = f"/collections/{NAME}/points"
    payloads = [{"round": 0}] * count
    rest.upsert(server, NAME, list(range(count)), np.ones((count, 2), dtype=np.float32), payloads)

    def points_of(number: int) -> int:
        return server.ask("POST", f"{path}/count", {"filter": {"must": [{"key": "round", "match": {"value": number}}]}})["count"]

    held, outcomes = 0, set()
    for number in range(1, 9):
        killer = threading.Timer(random.uniform(0.05, 1.0), server.process.kill)
        killer.start()
        try:
            server.ask("PUT", f"{path}/payload?wait=true", {"payload": {"round": number}, "filter": {}})
            acknowledged = True
        except requests.RequestException:
            acknowledged = False
        killer.join()
        server.kill()
        server.start()
        happened = points_of(number) > 0
        assert happened or not acknowledged
        assert (points_of(number), points_of(held)) == ((count, 0) if happened else (0, count))
        held = number if happened else held
        outcomes.add(happened)
    assert True in outcomes, "no operation got as far as being decided"


class LargeCollection:
    """Each point says in `round` (with an index) and in `stamp` (without) which change it has seen last."""

    def __init__(self, server: Server, payloads: list[dict], points: int):
        self.server, self.total = server, points
        rest.create(server, NAME, LARGE_DIM, "Dot")
        rest.create_index(server, NAME, "round", "integer")
        rest.create_index(server, NAME, "part", "integer")
        own = [{"part": number % PARTS, "round": 0, "stamp": "0"} for number in range(points)]
        filled = [{**payloads[number % len(payloads)], **one} for number, one in enumerate(own)]
        rest.upsert(server, NAME, list(range(points)), np.ones((points, LARGE_DIM), dtype=np.float32), filled)

    def send(self, path: str, body: dict) -> bool:
        """Whether the change was acknowledged; not from the session of the server, which another thread uses."""
        url = f"{self.server.url}/collections/{NAME}/points/{path}?wait=true&timeout={REQUEST_TIMEOUT_S}"
        try:
            response = requests.post(url, json=body, timeout=REQUEST_TIMEOUT_S)
        except requests.RequestException:
            return False
        assert response.status_code == 200, response.text
        return response.json()["result"]["status"] == "completed"

    def set_round(self, number: int) -> bool:
        return self.send("payload", {"payload": {"round": number, "stamp": str(number)}, "filter": {}})

    def delete_part(self, part: int) -> bool:
        return self.send("delete", {"filter": {"must": [{"key": "part", "match": {"value": part}}]}})

    def count(self, key: str | None = None, value: object = None) -> int:
        condition = {"filter": {"must": [{"key": key, "match": {"value": value}}]}} if key else {}
        return self.server.ask("POST", f"/collections/{NAME}/points/count", condition)["count"]

    def expect_round(self, number: int) -> None:
        """Of all points, by the index and by the payloads."""
        assert (self.count(), self.count("round", number), self.count("stamp", str(number))) == (self.total,) * 3


def kill_during(server: Server, delay_s: float, change: Callable[[], bool]) -> bool:
    """Kills and restarts; whether the change was acknowledged before."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(change)
        time.sleep(delay_s)  # the random moment of the kill, not a wait for anything
        assert server.running(), f"the server died by itself, of its memory limit?\n{server.log_tail()}"
        server.kill()
        acknowledged = answer.result()
    server.start()
    return acknowledged


@pytest.mark.full
def test_large_changes_happen_wholly_or_not_at_all(
    memory_cgroup: Path, make_server, sample: Dataset, seed: int, request: pytest.FixtureRequest
) -> None:
    server, random = make_server(), Random(seed)
    server.limit_memory(memory_cgroup, MEMORY_LIMIT)
    points, rounds = request.config.getoption("--points"), request.config.getoption("--rounds") or LARGE_ROUNDS
    large = LargeCollection(server.start(), sample.payloads, points)

    start = time.monotonic()
    assert large.set_round(1)
    whole_s, held, outcomes = time.monotonic() - start, 1, []
    large.expect_round(held)
    for number in range(2, 2 + rounds):
        acknowledged = kill_during(server, random.uniform(0, whole_s), lambda to=number: large.set_round(to))
        happened = large.count("round", number) > 0
        assert happened or not acknowledged
        held = number if happened else held
        large.expect_round(held)
        outcomes.append((happened, acknowledged))
    assert (True, False) in outcomes, f"no change was killed between its decision and its end: {outcomes}"

    for part in range(DELETED_PARTS):
        in_part = large.count("part", part)
        delay_s = random.uniform(0, whole_s / PARTS)
        acknowledged = kill_during(server, delay_s, lambda of=part: large.delete_part(of))
        left = large.count("part", part)
        assert left == 0 or (left == in_part and not acknowledged)
        large.total -= in_part - left
        large.expect_round(held)
    assert server.running()


def test_kill_during_the_creation_and_removal_of_collections(make_server, seed: int) -> None:
    server, random = make_server().start(), Random(seed)
    known: set[str] = set()
    for round_number in range(8):
        stop_at = time.monotonic() + random.uniform(0.05, 0.3)
        killer = threading.Timer(max(0.0, stop_at - time.monotonic()), server.process.kill)
        killer.start()
        in_doubt = None
        try:
            for number in range(10_000):
                name = f"collection-{round_number}-{number}"
                in_doubt = name
                rest.create(server, name, 4)
                known.add(name)
                if random.random() < 0.5:
                    in_doubt = random.choice(sorted(known))
                    server.ask("DELETE", f"/collections/{in_doubt}")
                    known.discard(in_doubt)
        except requests.RequestException:
            pass
        killer.join()
        server.kill()
        server.start()
        found = {entry["name"] for entry in server.ask("GET", "/collections")["collections"]}
        assert found - {in_doubt} == known - {in_doubt}
        known = found
        for name in known:
            assert rest.info(server, name)["status"] == "green"
