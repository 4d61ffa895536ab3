"""Clients write while the server is killed with -9 at random moments and started again.

What was acknowledged is there, what was never sent is not, and the one request of each writer that was in flight has
happened whole or not at all.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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
QUICK_ROUNDS, LONG_ROUNDS = 30, 500
LONGEST_LIFE_S = 0.8
RECALL_EVERY = 10
# Low, so that seals and merges are among what is killed.
OPTIMIZERS = {"indexing_threshold": 300, "default_segment_number": 1}


@dataclass
class Change:
    """One request and what it does to the points of its writer."""

    method: str
    path: str
    body: dict
    after: dict[int, dict]  # id → payload, of all the writer's points


@dataclass
class Writer:
    """Writes to ids of its own, one request at a time, so that at most one is in doubt after a kill."""

    number: int
    random: Random
    vectors: np.ndarray
    points: dict[int, dict] = field(default_factory=dict)  # as acknowledged
    in_doubt: Change | None = None
    acknowledged: int = 0

    def ids(self, count: int) -> list[int]:
        first = self.number * IDS_PER_WRITER
        return self.random.sample(range(first, first + IDS_PER_WRITER), count)

    def upsert(self) -> Change:
        ids = self.ids(self.random.randint(1, 20))
        payloads = [
            {
                "writer": self.number,
                "row": self.random.randrange(len(self.vectors)),
                "group": self.random.randrange(50),
                "stamp": self.random.getrandbits(40),
            }
            for _ in ids
        ]
        vectors = [self.vectors[payload["row"]].tolist() for payload in payloads]
        body = {"batch": {"ids": ids, "vectors": vectors, "payloads": payloads}}
        return Change("PUT", "points", body, {**self.points, **dict(zip(ids, payloads, strict=True))})

    def delete(self) -> Change:
        ids = self.ids(self.random.randint(1, 10))
        return Change("POST", "points/delete", {"points": ids}, self.without(ids))

    def delete_by_filter(self) -> Change:
        group = self.random.randrange(50)
        ids = [point for point, payload in self.points.items() if payload["group"] == group]
        conditions = [
            {"key": "writer", "match": {"value": self.number}},
            {"key": "group", "match": {"value": group}},
        ]
        return Change("POST", "points/delete", {"filter": {"must": conditions}}, self.without(ids))

    def set_payload(self) -> Change | None:
        ids = [point for point in self.ids(10) if point in self.points]
        if not ids:
            return None
        stamp = self.random.getrandbits(40)
        changed = {point: {**self.points[point], "stamp": stamp} for point in ids}
        return Change("POST", "points/payload", {"payload": {"stamp": stamp}, "points": ids}, {**self.points, **changed})

    def without(self, ids: list[int]) -> dict[int, dict]:
        return {point: payload for point, payload in self.points.items() if point not in ids}

    def next(self) -> Change:
        makers = [self.upsert, self.delete, self.delete_by_filter, self.set_payload]
        return self.random.choices(makers, [6, 1, 1, 2])[0]() or self.upsert()

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
                self.points, self.in_doubt = change.after, None
                self.acknowledged += 1

    def settle(self, found: dict[int, dict]) -> None:
        """Checks what the server holds of this writer's points, and goes on from there."""
        if self.in_doubt is not None and found == self.in_doubt.after:
            self.points = self.in_doubt.after
        self.in_doubt = None
        wrong = {
            point: (found.get(point), self.points.get(point))
            for point in found.keys() | self.points.keys()
            if found.get(point) != self.points.get(point)
        }
        assert not wrong, f"writer {self.number}, point → (found, acknowledged): {wrong}"


def scroll_pages(server: Server, with_vector: bool) -> Iterator[dict]:
    offset = None
    while True:
        body = {"limit": 1000, "offset": offset, "with_payload": True, "with_vector": with_vector}
        page = server.ask("POST", f"/collections/{NAME}/points/scroll", body)
        yield from page["points"]
        offset = page["next_page_offset"]
        if offset is None:
            return


def check_points(server: Server, writers: list[Writer], data: Dataset, with_vector: bool) -> None:
    found: list[dict[int, dict]] = [{} for _ in writers]
    for point in scroll_pages(server, with_vector):
        assert point["id"] // IDS_PER_WRITER < len(writers), f"point {point['id']} was never written"
        found[point["id"] // IDS_PER_WRITER][point["id"]] = point["payload"]
        if with_vector:
            np.testing.assert_allclose(point["vector"], data.vectors[point["payload"]["row"]], atol=1e-6)
    for writer, points in zip(writers, found, strict=True):
        writer.settle(points)
    total = sum(len(writer.points) for writer in writers)
    assert server.ask("POST", f"/collections/{NAME}/points/count", {"exact": True}) == {"count": total}


def check_recall(server: Server, writers: list[Writer], data: Dataset) -> None:
    rows = {point: payload["row"] for writer in writers for point, payload in writer.points.items()}
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
        thorough = round_number % RECALL_EVERY == 0 or round_number == rounds
        check_points(server, writers, data, with_vector=thorough)
        if thorough:
            check_recall(server, writers, data)
    assert all(writer.acknowledged >= rounds for writer in writers), "the server hardly took a write"
    rest.wait_until_optimized(server, NAME)
    check_points(server, writers, data, with_vector=True)
    check_recall(server, writers, data)


def test_kill_loses_nothing_acknowledged(make_server, sample: Dataset, seed: int, request: pytest.FixtureRequest) -> None:
    run_rounds(make_server(), sample, request.config.getoption("--rounds") or QUICK_ROUNDS, seed)


@pytest.mark.full
def test_many_kills_lose_nothing(make_server, sample: Dataset, seed: int, request: pytest.FixtureRequest) -> None:
    run_rounds(make_server(), sample, request.config.getoption("--rounds") or LONG_ROUNDS, seed + 1)


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
