#!/usr/bin/env python3
"""Searches of rows on disk, with all the memory they like and with a quarter of their bytes: rate and recall of both.

Vectors of 768 dimensions (see compare.py, `joined`), `on_disk`, asked over REST one after the other. The limit is a memory
cgroup's: everything that the server maps and allocates counts. Needs the large set and the right to make such a group.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from compare import K, ROOT, cpu_description, joined_pairs, kth_scores

sys.path.insert(0, str(ROOT / "tests"))

import collections_rest as rest  # noqa: E402
import datasets  # noqa: E402
import memory_limits  # noqa: E402
from server import Server  # noqa: E402

EF = 128


def measure(server: Server, vectors: np.ndarray, queries: np.ndarray, kth: np.ndarray) -> tuple[float, float]:
    """Queries a second and recall. The first half warms up what the limit allows."""
    reached, start = 0, 0.0
    for i, query in enumerate(queries):
        if i == len(queries) // 2:
            start = time.perf_counter()
        body = {"query": query.tolist(), "limit": K, "params": {"hnsw_ef": EF}}
        ids = [hit["id"] for hit in server.ask("POST", "/collections/joined/points/query", body)["points"]]
        reached += int((vectors[ids] @ query >= kth[i] - 1e-6).sum())
    return (len(queries) - len(queries) // 2) / (time.perf_counter() - start), reached / (K * len(queries))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=150_000)
    parser.add_argument("--queries", type=int, default=400)
    args = parser.parse_args()
    vectors, queries = map(datasets.normalized, joined_pairs(datasets.LARGE_DIRECTORY, args.count, args.queries))
    kth = kth_scores(vectors, queries)
    print(f"CPU: {cpu_description()}\n{len(vectors):,} x {vectors.shape[1]}, hnsw_ef {EF}, REST, one connection\n")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), Path(folder) / "storage").start()
        settings = {
            "vectors": {"size": vectors.shape[1], "distance": "Cosine", "on_disk": True},
            "optimizers_config": {"default_segment_number": 1},
        }
        server.ask("PUT", "/collections/joined", settings)
        rest.upsert(server, "joined", list(range(len(vectors))), vectors)
        rest.wait_until_optimized(server, "joined", timeout_s=3600)
        server.restart()
        print("| memory | queries/s | recall |\n|---|---:|---:|")
        rate, recall = measure(server, vectors, queries, kth)
        print(f"| not limited ({server.resident_bytes() / len(vectors):,.0f} bytes a vector) | {rate:,.0f} | {recall:.4f} |")
        assert server.stop() == 0
        memory_limits.drop_cached_pages(Path(folder) / "storage")
        limit = vectors.nbytes // 4
        with memory_limits.memory_cgroup() as group:
            server.limit_memory(group, limit)
            server.start()
            rate, recall = measure(server, vectors, queries, kth)
            print(f"| {limit >> 20} MiB, a quarter of the rows | {rate:,.0f} | {recall:.4f} |")
            server.stop()


if __name__ == "__main__":
    os.environ.setdefault("SEXTANT_BINARY", str(ROOT / "build/release/src/app/sextant"))
    main()
