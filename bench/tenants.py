#!/usr/bin/env python3
"""What it brings that the rows of a tenant lie side by side: searches within tenants, `is_tenant` and plain indexes.

The large set in two collections with rows on disk, each point with a user drawn at random; the same searches within single
users in both, in turns, over REST, one after the other: with all the memory they like, and in a memory cgroup of a tenth of
the rows' bytes, where rows come from the disk. Recall@10 beside them is against exact answers. Searches of all points
are printed too: for these, rows lie less well. Needs the large set and the right to make a memory cgroup.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from compare import K, ROOT, cpu_description
from rest import datasets, rest
from server import Server

import memory_limits

COLLECTIONS = {"plain": False, "tenants": True}


def load(server: Server, name: str, is_tenant: bool, vectors: np.ndarray, users: np.ndarray) -> None:
    settings = {
        "vectors": {"size": vectors.shape[1], "distance": "Cosine", "on_disk": True},
        "optimizers_config": {"default_segment_number": 1},
    }
    server.ask("PUT", f"/collections/{name}", settings)
    rest.create_index(server, name, "user", {"type": "keyword", "is_tenant": is_tenant})
    payloads = [{"user": f"user_{user}"} for user in users]
    rest.upsert(server, name, list(range(len(vectors))), vectors, payloads)
    rest.wait_until_optimized(server, name, timeout_s=3600)


def search(server: Server, name: str, query: np.ndarray, user: int | None) -> tuple[list[int], float]:
    body = {"query": query.tolist(), "limit": K}
    if user is not None:
        body["filter"] = {"must": [{"key": "user", "match": {"value": f"user_{user}"}}]}
    start = time.perf_counter()
    hits = server.ask("POST", f"/collections/{name}/points/query", body)["points"]
    return [hit["id"] for hit in hits], time.perf_counter() - start


class Searches:
    """Queries, each within one user or among all, and their exact answers."""

    def __init__(self, vectors: np.ndarray, queries: np.ndarray, users: np.ndarray, of: np.ndarray | None):
        self.vectors, self.queries = vectors, queries
        self.of = [None] * len(queries) if of is None else [int(user) for user in of]
        self.kth, self.wanted = [], 0
        for query, user in zip(queries, self.of, strict=True):
            rows = vectors if user is None else vectors[users == user]
            count = min(K, len(rows))
            self.wanted += count
            self.kth.append(np.sort(rows @ query)[-count])

    def run(self, server: Server) -> dict[str, tuple[float, float, float]]:
        """Of each collection: median and 95th percentile in ms, and recall."""
        times = {name: [] for name in COLLECTIONS}
        reached = dict.fromkeys(COLLECTIONS, 0)
        for query, user, kth in zip(self.queries, self.of, self.kth, strict=True):
            for name in COLLECTIONS:
                ids, seconds = search(server, name, query, user)
                times[name].append(seconds * 1e3)
                reached[name] += int((self.vectors[ids] @ query >= kth - 1e-6).sum())
        return {
            name: (*np.percentile(times[name], (50, 95)), reached[name] / self.wanted) for name in COLLECTIONS
        }


def print_rows(memory: str, what: str, found: dict[str, tuple[float, float, float]]) -> None:
    for name, (median, high, recall) in found.items():
        print(f"| {memory} | {what} | {name} | {median:.2f} | {high:.2f} | {recall:.4f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--queries", type=int, default=300)
    args = parser.parse_args()
    folder = datasets.LARGE_DIRECTORY
    vectors = datasets.normalized(np.load(folder / "vectors.npy")[: args.count])
    queries = datasets.normalized(np.load(folder / "queries.npy")[: args.queries])
    random = np.random.default_rng(1)
    # A third of the points in 10 users, a third in 100, a third in 1,000.
    size = random.integers(0, 3, len(vectors))
    users = np.where(size == 0, random.integers(0, 10, len(vectors)),
                     np.where(size == 1, random.integers(10, 110, len(vectors)), random.integers(110, 1110, len(vectors))))  # fmt: skip
    kinds = {
        f"a user of {args.count // 30:,} points": random.integers(0, 10, len(queries)),
        f"a user of {args.count // 300:,} points": random.integers(10, 110, len(queries)),
        f"a user of {args.count // 3000:,} points": random.integers(110, 1110, len(queries)),
        "all points": None,
    }
    searches = {what: Searches(vectors, queries, users, of) for what, of in kinds.items()}
    print(f"CPU: {cpu_description()}\n{len(vectors):,} x {vectors.shape[1]}, limit {K}, REST, one connection, ms\n")
    print("| memory | searched | index | p50 | p95 | recall@10 |\n|---|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory), Path(directory, "storage")).start()
        for name, is_tenant in COLLECTIONS.items():
            load(server, name, is_tenant, vectors, users)
        server.restart()
        for what, some in searches.items():
            some.run(server)  # warms up
            print_rows("not limited", what, some.run(server))
        assert server.stop() == 0
        memory_limits.drop_cached_pages(Path(directory, "storage"))
        with memory_limits.memory_cgroup() as group:
            # Both collections have codes, links and tables in memory: about 700 bytes a vector.
            limit = len(COLLECTIONS) * (vectors.nbytes // 10 + 700 * len(vectors))
            server.limit_memory(group, limit)
            server.start()
            for what, some in searches.items():
                print_rows(f"{limit >> 20} MiB", what, some.run(server))
            server.stop()


if __name__ == "__main__":
    os.environ.setdefault("SEXTANT_BINARY", str(ROOT / "build/release/src/app/sextant"))
    main()
