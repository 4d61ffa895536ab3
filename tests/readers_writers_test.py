"""Readers beside writers: each answer is one consistent state."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pytest
import requests

import collections_rest as rest
from datasets import Dataset
from server import Server

POINTS, READERS = 300, 3
OVERWRITES = 150
# Small, so that the points move from growing rows to sealed segments while they are read.
OPTIMIZERS = {"indexing_threshold": 100, "default_segment_number": 1}


class Readers:
    """Threads that repeat a check until the writer is done; the first failure is raised at the end."""

    def __init__(self, check):
        self.done = threading.Event()
        self.pool = ThreadPoolExecutor(READERS)
        self.jobs = [self.pool.submit(self.repeat, check, number) for number in range(READERS)]

    def repeat(self, check, number: int) -> int:
        random, rounds = Random(number), 0
        with requests.Session() as session:
            while not self.done.is_set():
                check(session, random)
                rounds += 1
        return rounds

    def finish(self) -> None:
        self.done.set()
        rounds = [job.result() for job in self.jobs]
        self.pool.shutdown()
        assert min(rounds) > 5, f"the readers hardly read: {rounds}"


def ask(session: requests.Session, server: Server, path: str, body: dict) -> object:
    response = session.post(server.url + path, json=body, timeout=60)
    assert response.status_code == 200, response.text
    return response.json()["result"]


def check_whole(records: list[dict], data: Dataset) -> None:
    """Vector and payload of a point belong to one and the same write."""
    for record in records:
        np.testing.assert_allclose(record["vector"], data.vectors[record["payload"]["row"]], atol=1e-6)


@pytest.fixture(scope="module")
def overwritten(server: Server, sample: Dataset) -> str:
    name = "overwritten"
    rest.create(server, name, sample.dim, optimizers_config=OPTIMIZERS)
    rest.create_index(server, name, "row", "integer")
    rest.upsert(server, name, list(range(POINTS)), sample.vectors[:POINTS], [{"row": row} for row in range(POINTS)])
    return name


def overwrite(server: Server, name: str, data: Dataset, random: Random) -> None:
    """Gives some points another row of the data, vector and payload together."""
    for _ in range(OVERWRITES):
        ids = random.sample(range(POINTS), random.randint(1, 8))
        rows = [random.randrange(len(data.vectors)) for _ in ids]
        rest.upsert(server, name, ids, data.vectors[rows], [{"row": row} for row in rows])


def test_overwritten_points_are_seen_before_or_after(server: Server, sample: Dataset, overwritten: str, seed: int) -> None:
    def search_and_scroll(session: requests.Session, random: Random) -> None:
        query = sample.queries[random.randrange(len(sample.queries))].tolist()
        everything = {"query": query, "limit": POINTS, "with_payload": True, "with_vector": True}
        everything["params"] = random.choice([{"exact": True}, {"hnsw_ef": 512}])
        hits = ask(session, server, f"/collections/{overwritten}/points/query", everything)["points"]
        ids = [hit["id"] for hit in hits]
        assert len(ids) == len(set(ids)), "a point was found twice"
        if "exact" in everything["params"]:
            assert sorted(ids) == list(range(POINTS)), "a point was not found at all"
        check_whole(hits, sample)
        for hit in hits:
            assert hit["score"] == pytest.approx(float(np.dot(query, hit["vector"])), abs=1e-5)

        page = {"limit": POINTS + 1, "with_payload": True, "with_vector": True}
        records = ask(session, server, f"/collections/{overwritten}/points/scroll", page)["points"]
        assert [record["id"] for record in records] == list(range(POINTS))
        check_whole(records, sample)

    readers = Readers(search_and_scroll)
    overwrite(server, overwritten, sample, Random(seed))
    readers.finish()


def test_filtered_answers_are_of_one_state(server: Server, sample: Dataset, overwritten: str, seed: int) -> None:
    """Each write moves a point from one side of the filter to the other: both sides together are always all points."""

    def count_both_sides(session: requests.Session, random: Random) -> None:
        middle = random.randrange(len(sample.vectors))
        low, high = {"key": "row", "range": {"lt": middle}}, {"key": "row", "range": {"gte": middle}}
        path = f"/collections/{overwritten}/points/count"
        assert ask(session, server, path, {"filter": {"should": [low, high]}, "exact": True}) == {"count": POINTS}
        query = {"query": sample.queries[0].tolist(), "limit": POINTS, "filter": {"must": [low]}, "with_payload": True}
        hits = ask(session, server, f"/collections/{overwritten}/points/query", query)["points"]
        assert all(hit["payload"]["row"] < middle for hit in hits)

    readers = Readers(count_both_sides)
    overwrite(server, overwritten, sample, Random(seed + 1))
    readers.finish()


def test_deleted_points_never_come_back(server: Server, sample: Dataset) -> None:
    name = "deleted"
    rest.create(server, name, sample.dim, optimizers_config=OPTIMIZERS)
    count = 1000
    rest.upsert(server, name, list(range(count)), sample.vectors[:count])
    deleted: set[int] = set()

    def search(session: requests.Session, random: Random) -> None:
        gone = set(deleted)  # only grows, so these were deleted before the request
        query = sample.queries[random.randrange(len(sample.queries))].tolist()
        hits = ask(session, server, f"/collections/{name}/points/query", {"query": query, "limit": 50})["points"]
        assert not gone & {hit["id"] for hit in hits}
        assert len(hits) == 50

    readers = Readers(search)
    order = Random(5).sample(range(count), count)
    for start in range(0, count - 100, 5):
        ids = order[start : start + 5]
        server.ask("POST", f"/collections/{name}/points/delete?wait=true", {"points": ids})
        deleted.update(ids)
    readers.finish()
