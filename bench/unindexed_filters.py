#!/usr/bin/env python3
"""Filters without a payload index: how fast they are at first, with the columns that they get in the background, and with
real indexes, over REST.

Every point has the same values twice: in fields that are never indexed and in fields that are. Searches under
`must=[user == "user_…", published == true]` take turns between the two, at three selectivities, after the first ones have
shown what such a filter costs without a column: there are few of these, so that the server is started several times, which
forgets the columns. A clause that excludes an unknown id keeps whole answers from being
remembered, so that every filter is evaluated. Recall@10 is against brute force.

Needs: the release build of the server; vectors of SEXTANT_LARGE_DIR where there are any, else random ones.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import collections_rest as rest  # noqa: E402
import datasets  # noqa: E402
from compare import cpu_description  # noqa: E402
from server import Server  # noqa: E402

DIM, K, SEED = 384, 10, 7
SELECTIVITIES = (0.1, 0.001, 0.0001)
COLLECTION = "bench"
FILLED = "all background columns are filled"
FILL_TIMEOUT_S = 60


def load_vectors(points: int, queries: int) -> tuple[np.ndarray, np.ndarray]:
    directory = Path(os.environ.get("SEXTANT_LARGE_DIR", ""))
    if (directory / "vectors.npy").exists() and os.environ.get("SEXTANT_LARGE_DIR"):
        vectors = np.load(directory / "vectors.npy", mmap_mode="r")[:points]
        return datasets.normalized(vectors), datasets.normalized(np.load(directory / "queries.npy")[:queries])
    random = np.random.default_rng(SEED)
    made = random.standard_normal((points + queries, DIM), dtype=np.float32)
    made = datasets.normalized(made)
    return made[:points], made[points:]


@dataclass
class Values:
    """Half of the points are published; the users are so many that the two conditions together have the selectivity."""

    selectivity: float
    users: np.ndarray
    published: np.ndarray
    name: str = field(init=False)

    def __post_init__(self):
        self.name = f"{self.selectivity:g}".replace(".", "_").replace("-", "_")

    @classmethod
    def make(cls, selectivity: float, points: int, random: np.random.Generator) -> "Values":
        return cls(selectivity, random.integers(0, round(0.5 / selectivity), points), random.random(points) < 0.5)

    def payload(self, point: int) -> dict:
        user, published = f"user_{self.users[point]}", bool(self.published[point])
        return {f"{kind}_{self.name}": value for suffix in ("", "_indexed")
                for kind, value in ((f"user{suffix}", user), (f"published{suffix}", published))}  # fmt: skip

    def filter(self, user: int, suffix: str, number: int) -> dict:
        conditions = ((f"user{suffix}", f"user_{user}"), (f"published{suffix}", True))
        must = [{"key": f"{kind}_{self.name}", "match": {"value": value}} for kind, value in conditions]
        return {"must": must, "must_not": [{"has_id": [2**63 + number]}]}


def load(server: Server, vectors: np.ndarray, all_values: list[Values]) -> None:
    rest.create(server, COLLECTION, vectors.shape[1], optimizers_config={"default_segment_number": 1})
    for values in all_values:
        rest.create_index(server, COLLECTION, f"user_indexed_{values.name}", "keyword")
        rest.create_index(server, COLLECTION, f"published_indexed_{values.name}", "bool")
    for first in range(0, len(vectors), rest.BATCH):
        ids = list(range(first, min(first + rest.BATCH, len(vectors))))
        payloads = [{key: value for values in all_values for key, value in values.payload(i).items()} for i in ids]
        rest.upsert(server, COLLECTION, ids, vectors[first : first + rest.BATCH], payloads)
    rest.wait_until_optimized(server, COLLECTION, timeout_s=3600)


class Run:
    """Searches under the filters of one selectivity: latencies in ms and recall."""

    def __init__(self, server: Server, vectors: np.ndarray, queries: np.ndarray, values: Values):
        self.server, self.vectors, self.queries, self.values = server, vectors, queries, values
        self.random = np.random.default_rng(SEED)
        self.number = 0
        self.before: list[float] = []
        self.latencies: dict[str, list[float]] = {"": [], "_indexed": []}
        self.recalls: dict[str, list[float]] = {"": [], "_indexed": []}
        self.filled_after_s: list[float] = []

    def search(self, suffix: str, user: int, query: np.ndarray) -> tuple[float, list[int]]:
        self.number += 1
        body = {"query": query.tolist(), "limit": K, "filter": self.values.filter(user, suffix, self.number)}
        start = time.perf_counter()
        answer = self.server.ask("POST", f"/collections/{COLLECTION}/points/query", body)
        return (time.perf_counter() - start) * 1e3, [hit["id"] for hit in answer["points"]]

    def recall(self, ids: list[int], user: int, query: np.ndarray) -> float:
        allowed = np.flatnonzero((self.values.users == user) & self.values.published)
        scores = self.vectors[allowed] @ query
        wanted = np.sort(scores)[::-1][:K]
        if len(wanted) == 0:
            return float(not ids)
        assert set(ids) <= set(allowed.tolist()), "a hit does not satisfy the filter"
        reached = np.count_nonzero(self.vectors[ids] @ query >= wanted[-1] - datasets.SCORE_TOLERANCE)
        return min(int(reached), len(wanted)) / len(wanted)

    def pairs(self, count: int) -> list[tuple[int, np.ndarray]]:
        users = self.random.integers(0, self.values.users.max() + 1, count)
        return [(int(user), self.queries[i % len(self.queries)]) for i, user in enumerate(users)]

    def filled(self) -> int:
        return self.server.log_path.read_text(errors="replace").count(FILLED)

    def first_use(self) -> None:
        """Asks until the columns have taken over."""
        filled_before, start = self.filled(), time.monotonic()
        while time.monotonic() - start < FILL_TIMEOUT_S:
            user, query = self.pairs(1)[0]
            latency, _ = self.search("", user, query)
            if self.filled() > filled_before:
                self.filled_after_s.append(time.monotonic() - start)
                return
            self.before.append(latency)
        raise SystemExit(f"no columns after {FILL_TIMEOUT_S} s: {self.server.log_tail()}")

    def measure(self, count: int) -> None:
        for user, query in self.pairs(count):
            for suffix in self.latencies:
                latency, ids = self.search(suffix, user, query)
                self.latencies[suffix].append(latency)
                self.recalls[suffix].append(self.recall(ids, user, query))

    def row(self) -> str:
        shown = [f"{np.percentile(times, 50):.2f} | {np.percentile(times, 95):.2f}"
                 for times in (self.before, self.latencies[""], self.latencies["_indexed"])]  # fmt: skip
        column, index = (np.percentile(self.latencies[suffix], 95) for suffix in ("", "_indexed"))
        recalls = [float(np.mean(self.recalls[suffix])) for suffix in ("", "_indexed")]
        return (f"| {self.values.selectivity:.2%} | {' | '.join(shown)} | {column / index:.2f} | "
                f"{max(self.filled_after_s):.1f} | {recalls[0]:.4f} | {recalls[1]:.4f} |")  # fmt: skip


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=500_000)
    parser.add_argument("--queries", type=int, default=300, help="of each kind at each selectivity")
    parser.add_argument("--starts", type=int, default=10, help="of the server, each with its first filters")
    return parser.parse_args()


def measure(server: Server, runs: list[Run], args: argparse.Namespace) -> None:
    for _ in range(args.starts):
        server.restart()
        rest.wait_until_optimized(server, COLLECTION, timeout_s=3600)
        for run in runs:
            run.first_use()
    for run in runs:
        run.measure(args.queries)
        print(run.row(), flush=True)


def main() -> None:
    args = parse_args()
    vectors, queries = load_vectors(args.points, args.queries)
    random = np.random.default_rng(SEED)
    all_values = [Values.make(selectivity, len(vectors), random) for selectivity in SELECTIVITIES]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), Path(folder, "storage")).start()
        load(server, vectors, all_values)
        print(f"CPU: {cpu_description()}\nData: {len(vectors):,} x {vectors.shape[1]}, limit {K}, JSON over REST; ms\n")
        print("| selectivity | without p50 | p95 | column p50 | p95 | index p50 | p95 | p95 column/index | "
              "filled after, s | recall, column | recall, index |")  # fmt: skip
        print("|---:" * 11 + "|")
        measure(server, [Run(server, vectors, queries, values) for values in all_values], args)
        fields = rest.info(server, COLLECTION)["payload_schema"]
        assert len(fields) == 2 * len(all_values), f"columns must not be listed: {fields}"
        server.stop()


if __name__ == "__main__":
    main()
