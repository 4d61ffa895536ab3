#!/usr/bin/env python3
"""The engine inside a Python process: beside the official client's local mode, and its arrays beside other libraries.

Two tables, each of one run. The first: the official client on the engine and on its own local mode, the same calls,
60,000 points of the Debian set. The second: `sextant.Collection` beside hnswlib, faiss, usearch and the real Qdrant
engine (qdrant-edge-py): inserting an array, building until nothing is left to do, single queries from one thread, and
batches on all cores, at equal recall. Searches of the systems are interleaved and repeated, medians are printed.

Needs the environment of bench/requirements.txt and the target `sextant_shared`; `bench/run` makes both.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("SEXTANT_LIBRARY", str(ROOT / "build/release/src/c_api/libsextant.so"))
sys.path += [str(ROOT / "tests"), str(ROOT / "python" / "src")]

import numpy as np  # noqa: E402
import qdrant_client  # noqa: E402
from qdrant_client import models  # noqa: E402

import datasets  # noqa: E402
import sextant  # noqa: E402
from compare import EFS, K, M, EF_CONSTRUCTION, at_recall, cpu_description, kth_scores, recall  # noqa: E402

POINTS = 60_000
BATCH = 256
CLIENT_QUERIES = 10
SECTIONS = ("games", "python", "libs")
SCORE_TOLERANCE = 1e-5


def timed(call) -> tuple[float, object]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


# The official client on both.


def client_upserts(client, points: list[models.PointStruct]) -> float:
    client.create_collection("c", vectors_config=models.VectorParams(size=len(points[0].vector), distance="Cosine"))

    def upsert() -> None:
        for begin in range(0, len(points), BATCH):
            client.upsert("c", points=points[begin : begin + BATCH], wait=True)

    return timed(upsert)[0]


def client_uploads(client, data: datasets.Dataset, count: int) -> float:
    client.create_collection("u", vectors_config=models.VectorParams(size=data.dim, distance="Cosine"))
    vectors, payload = data.vectors[:count], data.payloads[:count]
    options = {"ids": range(count), "batch_size": BATCH, "wait": True}
    seconds = timed(lambda: client.upload_collection("u", vectors=vectors, payload=payload, **options))[0]
    assert client.count("u").count == count
    client.delete_collection("u")
    return seconds


def client_searches(client, queries: np.ndarray, section: str | None) -> tuple[float, list[list[float]]]:
    wanted = None
    if section is not None:
        wanted = models.Filter(must=[models.FieldCondition(key="section", match=models.MatchValue(value=section))])
    vectors = queries.tolist()

    def search() -> list:
        return [client.query_points("c", query=one, query_filter=wanted, limit=K).points for one in vectors]

    seconds, answers = timed(search)
    return seconds / len(vectors), [[hit.score for hit in hits] for hits in answers]


def found_of(ours: list[list[float]], exact: list[list[float]]) -> float:
    """The share of hits whose scores reach the exact last one; equal vectors do not matter."""
    shares = [
        sum(score >= best[-1] - SCORE_TOLERANCE for score in scores) / len(best) for scores, best in zip(ours, exact)
    ]
    return statistics.mean(shares)


def print_row(label: str, ours: float, theirs: float, ratio: float, recall: str) -> None:
    print(f"| {label} | {ours:,.2f} | {theirs:,.2f} | {ratio:.1f} | {recall} |")


def compare_clients(data: datasets.Dataset, repeats: int) -> None:
    """Local mode is exact: what it finds is what recall is measured against."""
    count = min(POINTS, len(data.vectors))
    rows = zip(data.vectors[:count].tolist(), data.payloads)
    points = [models.PointStruct(id=id, vector=vector, payload=payload) for id, (vector, payload) in enumerate(rows)]
    queries = data.queries[:CLIENT_QUERIES]
    engine, local = sextant.QdrantClient(":memory:"), qdrant_client.QdrantClient(":memory:")
    uploads = [count / client_uploads(client, data, count) for client in (engine, local)]
    upserts = [count / client_upserts(client, points) for client in (engine, local)]
    engine.engine.collection("c").wait_until_optimized()
    print(f"\nThe official client, {count:,} x {data.dim} points with payloads, in memory; upserts of {BATCH}\n")
    print("| what | sextant | local mode | ratio | recall@10 |\n|---|---:|---:|---:|---:|")
    print_row("upload_collection of an array, points/s", *uploads, uploads[0] / uploads[1], "-")
    print_row("upsert, points/s", *upserts, upserts[0] / upserts[1], "-")
    for section in (None, *SECTIONS):
        runs = [(client_searches(engine, queries, section), client_searches(local, queries, section))
                for _ in range(repeats)]  # fmt: skip
        ours, theirs = (1e3 * statistics.median(run[side][0] for run in runs) for side in (0, 1))
        found = found_of(runs[0][0][1], runs[0][1][1])
        label = "query, ms" if section is None else f"query, section = {section}, ms"
        print_row(label, ours, theirs, theirs / ours, f"{found:.3f}")
    engine.close()


# Arrays.


class Sextant:
    name = "sextant"

    def __init__(self, folder: str):
        self.engine = sextant.Engine(Path(folder) / "sextant")

    def insert(self, vectors):
        self.collection = self.engine.create_collection("c", vectors.shape[1], "Dot")
        self.collection.insert(vectors, progress=False)

    def build(self):
        self.collection.wait_until_optimized()

    def search(self, queries, ef):
        return self.collection.search(queries, K, params={"hnsw_ef": ef}).ids

    search_one = search


class Hnswlib:
    def __init__(self, _folder: str):
        import hnswlib

        self.library, self.name = hnswlib, "hnswlib"

    def insert(self, vectors):
        self.index = self.library.Index("ip", vectors.shape[1])
        self.index.init_index(len(vectors), M=M, ef_construction=EF_CONSTRUCTION)
        self.index.add_items(vectors, num_threads=os.cpu_count())

    def build(self):
        pass

    def search(self, queries, ef, threads=None):
        self.index.set_ef(ef)
        return self.index.knn_query(queries, K, num_threads=threads or os.cpu_count())[0]

    def search_one(self, queries, ef):
        return self.search(queries, ef, 1)


class Faiss:
    def __init__(self, _folder: str):
        import faiss

        self.library, self.name = faiss, "faiss HNSW"

    def insert(self, vectors):
        self.library.omp_set_num_threads(os.cpu_count())
        self.index = self.library.IndexHNSWFlat(vectors.shape[1], M, self.library.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.add(vectors)

    def build(self):
        pass

    def search(self, queries, ef, threads=None):
        self.library.omp_set_num_threads(threads or os.cpu_count())
        self.index.hnsw.efSearch = ef
        return self.index.search(queries, K)[1]

    def search_one(self, queries, ef):
        return self.search(queries, ef, 1)


class Usearch:
    name = "usearch f32"

    def __init__(self, _folder: str):
        from usearch.index import Index

        self.kind = Index

    def insert(self, vectors):
        dim = vectors.shape[1]
        self.index = self.kind(ndim=dim, metric="ip", dtype="f32", connectivity=M, expansion_add=EF_CONSTRUCTION)
        self.index.add(np.arange(len(vectors)), vectors, threads=os.cpu_count())

    def build(self):
        pass

    def search(self, queries, ef, threads=None):
        self.index.expansion_search = ef
        return self.index.search(queries, K, threads=threads or os.cpu_count()).keys.reshape(len(queries), -1)

    def search_one(self, queries, ef):
        return self.search(queries, ef, 1)


class Edge:
    """It takes points as objects and answers one query a call; making the objects is a part of inserting an array."""

    name = "qdrant-edge"

    def __init__(self, folder: str):
        import qdrant_edge as edge

        self.edge, self.folder = edge, Path(folder) / "edge"
        self.folder.mkdir()

    def insert(self, vectors):
        params = self.edge.EdgeVectorParams(size=vectors.shape[1], distance=self.edge.Distance.Dot)
        self.shard = self.edge.EdgeShard.create(str(self.folder), self.edge.EdgeConfig(vectors=params))
        for first in range(0, len(vectors), 1000):
            block = enumerate(vectors[first : first + 1000].tolist())
            points = [self.edge.Point(first + i, vector, {}) for i, vector in block]
            self.shard.update(self.edge.UpdateOperation.upsert_points(points))
        self.shard.flush()

    def build(self):
        self.shard.optimize()

    def search(self, queries, ef):
        import edge_requests

        calls = [edge_requests.query({"query": one, "limit": K, "params": {"hnsw_ef": ef}}) for one in queries.tolist()]
        return np.array([[hit.id for hit in call(self.shard)] for call in calls])

    search_one = search


def measure(system, kind: str, data, ef: int) -> tuple[float, float]:
    """(recall, queries a second)."""
    vectors, queries, kth = data
    if kind == "batch":
        seconds, found = timed(lambda: system.search(queries, ef))
    else:
        seconds, parts = timed(lambda: [system.search_one(one[None], ef) for one in queries])
        found = np.vstack(parts)
    return recall(found, vectors, queries, kth), len(queries) / seconds


def compare_arrays(vectors: np.ndarray, queries: np.ndarray, args: argparse.Namespace) -> None:
    data = vectors, queries, kth_scores(vectors, queries)
    with tempfile.TemporaryDirectory() as folder:
        kinds = [
            kind for kind in (Sextant, Hnswlib, Faiss, Usearch, Edge) if re.search(args.peers, kind.__name__, re.I)
        ]
        systems, built = [kind(folder) for kind in kinds], {}
        for system in systems:
            insert, _ = timed(lambda system=system: system.insert(vectors))
            built[system.name] = insert, insert + timed(system.build)[0]
            print(f"built {system.name}: {built[system.name]}", file=sys.stderr)
        curves = {}
        for kind in ("single", "batch"):
            runs = {(system.name, ef): [] for system in systems for ef in EFS}
            for _ in range(args.repeats):
                for ef in EFS:
                    for system in systems:
                        runs[system.name, ef].append(measure(system, kind, data, ef))
            for system in systems:
                of = [tuple(statistics.median(column) for column in zip(*runs[system.name, ef])) for ef in EFS]
                curves[system.name, kind] = of
    print(
        f"\nArrays, {len(vectors):,} x {vectors.shape[1]}, {len(queries)} queries; rates are queries/s at a recall@10\n"
    )
    targets = [(kind, target) for kind in ("single", "batch") for target in (0.95, 0.99)]
    titles = " | ".join(f"{kind} at {target} | ratio" for kind, target in targets)
    print(f"| system | insert s | ratio | built s | ratio | {titles} |\n|---|{'---:|' * (4 + 2 * len(targets))}")
    ours = built["sextant"]
    for system in systems:
        cells = [system.name]
        for seconds, own in zip(built[system.name], ours):
            cells += [f"{seconds:.2f}", f"{seconds / own:.2f}"]
        for kind, target in targets:
            rate, own = at_recall(curves[system.name, kind], target), at_recall(curves["sextant", kind], target)
            cells += [f"{rate:,.0f}" if rate else "not reached", f"{own / rate:.2f}" if rate and own else "-"]
        print("| " + " | ".join(cells) + " |")
    print("\nRatios above 1: sextant is better. Insert: until every point is found; sextant's are on disk then, as the")
    print("engine's are. Built: until nothing is left to do in the background.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--peers", default="", help="those of the second table whose name matches this expression")
    parser.add_argument("--only", choices=("clients", "arrays"))
    args = parser.parse_args()
    warnings.filterwarnings("ignore", "Local mode")
    data = datasets.load_debian() if datasets.DEBIAN_DIRECTORY.is_dir() else datasets.load_sample()
    print(f"CPU: {cpu_description()}, {os.cpu_count()} cores; median of {args.repeats} interleaved repeats")
    if args.only != "arrays":
        compare_clients(data, args.repeats)
    if args.only != "clients":
        compare_arrays(data.vectors, data.queries[: args.queries], args)


if __name__ == "__main__":
    main()
