#!/usr/bin/env python3
"""Sextant's index beside hnswlib, faiss (HNSW; inverted lists of codes, refined) and usearch: same data, same run.

All build on two threads, graphs with M=16 and ef_construction=200, and search on one thread; measurements of the systems
are interleaved and repeated, medians are printed. Throughput is interpolated at a recall, because equal parameters do
not mean equal answers, along the settings that no other beats. The build time is that of the very index whose recall is
printed. Recall counts a hit when its true score reaches the k-th true score minus 1e-6, so that equal vectors do not
matter.

Needs the environment of bench/requirements.txt and the program `index_bench`; `bench/run` makes both.
"""

import argparse
import itertools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import faiss
import hnswlib
import numpy as np
import usearch
from usearch.index import Index

K = 10
M = 16
EF_CONSTRUCTION = 200
BUILD_THREADS = 2
EFS = (10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
ROOT = Path(__file__).resolve().parent.parent


class Clock:
    """Wall time, or CPU time where other work shares the machine."""

    def __init__(self, kind):
        self.kind = kind

    def search(self):
        return time.thread_time() if self.kind == "cpu" else time.perf_counter()

    def build(self):
        return time.process_time() / BUILD_THREADS if self.kind == "cpu" else time.perf_counter()


class Hnswlib:
    settings = EFS
    name = f"hnswlib {getattr(hnswlib, '__version__', '')}".strip()

    def build(self, vectors):
        self.index = hnswlib.Index("ip", vectors.shape[1])
        self.index.init_index(len(vectors), M=M, ef_construction=EF_CONSTRUCTION)
        self.index.add_items(vectors, num_threads=BUILD_THREADS)

    def search(self, queries, ef):
        self.index.set_ef(ef)
        return self.index.knn_query(queries, K, num_threads=1)[0]

    def bytes(self):
        return self.index.index_file_size()


class FaissHnsw:
    settings = EFS
    name = f"faiss HNSWFlat {faiss.__version__}"

    def build(self, vectors):
        faiss.omp_set_num_threads(BUILD_THREADS)
        self.index = faiss.IndexHNSWFlat(vectors.shape[1], M, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.add(vectors)

    def search(self, queries, ef):
        faiss.omp_set_num_threads(1)
        self.index.hnsw.efSearch = ef
        return self.index.search(queries, K)[1]

    def bytes(self):
        return len(faiss.serialize_index(self.index))


class FaissLists:
    """Inverted lists of codes; the best of those probed are scored with the f32 rows."""

    settings = tuple((probes, factor) for probes in (4, 8, 16, 32, 64, 128, 256, 512, 1024) for factor in (4, 16))

    def __init__(self, name, codes):
        self.name = f"faiss {name}, refined"
        self.codes = codes

    def build(self, vectors):
        faiss.omp_set_num_threads(BUILD_THREADS)
        lists = 2 ** round(math.log2(4 * math.sqrt(len(vectors))))
        codes = self.codes.format(half=vectors.shape[1] // 2)
        self.index = faiss.index_factory(vectors.shape[1], f"IVF{lists},{codes},RFlat", faiss.METRIC_INNER_PRODUCT)
        self.index.train(vectors[: 64 * lists])
        self.index.add(vectors)

    def search(self, queries, setting):
        faiss.omp_set_num_threads(1)
        probes, factor = setting
        lists = faiss.SearchParametersIVF(nprobe=probes)
        params = faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=lists)
        return self.index.search(queries, K, params=params)[1]

    def bytes(self):
        return len(faiss.serialize_index(self.index))


class Usearch:
    settings = EFS

    def __init__(self, dtype):
        self.dtype = dtype
        self.name = f"usearch {usearch.__version__} {dtype}"

    def build(self, vectors):
        self.index = Index(
            ndim=vectors.shape[1], metric="ip", dtype=self.dtype, connectivity=M, expansion_add=EF_CONSTRUCTION
        )
        self.index.add(np.arange(len(vectors)), vectors, threads=BUILD_THREADS)

    def search(self, queries, ef):
        self.index.expansion_search = ef
        return self.index.search(queries, K, threads=1).keys.reshape(len(queries), -1)

    def bytes(self):
        return self.index.memory_usage


class Sextant:
    """Our program, in a process of its own that is asked for one measurement at a time."""

    settings = EFS
    name = "sextant"

    def __init__(self, program, vectors_path, queries_path, args):
        command = [program, "--vectors", vectors_path, "--queries", queries_path, "--interactive"]
        command += ["--threads", str(BUILD_THREADS), "--m", str(M), "--ef-construct", str(EF_CONSTRUCTION)]
        command += ["--query-count", str(args.queries)]
        self.clock = args.clock
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.build_report = json.loads(self.process.stdout.readline())

    def build_seconds(self):
        if self.clock == "cpu":
            return self.build_report["build_cpu_seconds"] / BUILD_THREADS
        return self.build_report["build_seconds"]

    def bytes(self):
        return self.build_report["resident_bytes_per_vector"] * self.build_report["rows"]

    def measure(self, ef):
        self.process.stdin.write(f"{ef}\n")
        self.process.stdin.flush()
        report = json.loads(self.process.stdout.readline())
        return report["recall"], report["cpu_qps" if self.clock == "cpu" else "qps"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def joined_pairs(folder, count, queries):
    """Vectors of twice the dimensions: two rows of the same text side by side; other pairs as queries."""
    rows, texts = np.load(folder / "vectors.npy", mmap_mode="r"), np.load(folder / "text_of.npy")
    order = np.argsort(texts, kind="stable")
    firsts = np.flatnonzero(texts[order[:-1]] == texts[order[1:]])
    chosen = np.random.default_rng(5).permutation(firsts)[: queries + count]
    joined = np.concatenate([rows[order[chosen]], rows[order[chosen + 1]]], axis=1).astype(np.float32)
    return joined[queries:], joined[:queries]


def load(args):
    folder = Path(args.data)
    if args.set == "joined":
        vectors, queries = joined_pairs(folder, args.count or 300_000, args.queries)
    else:
        vectors = np.load(folder / "vectors.npy", mmap_mode="r")[: args.count].astype(np.float32)
        queries = np.load(folder / "queries.npy")[: args.queries].astype(np.float32)
    for array in (vectors, queries):
        array /= np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-30)
    return vectors, queries


def kth_scores(vectors, queries):
    """The true k-th best score of each query."""
    best = np.full((len(queries), 0), -np.inf, np.float32)
    for begin in range(0, len(vectors), 50_000):
        scores = queries @ vectors[begin : begin + 50_000].T
        best = np.concatenate([best, -np.partition(-scores, K - 1, axis=1)[:, :K]], axis=1)
        best = -np.partition(-best, K - 1, axis=1)[:, :K]
    return best.min(axis=1)


def recall(found, vectors, queries, kth):
    hits = 0
    for query, ids, floor in zip(queries, found.astype(np.int64), kth):
        ids = np.unique(ids[(ids >= 0) & (ids < len(vectors))])
        hits += min(K, int((vectors[ids] @ query >= floor - 1e-6).sum()))
    return hits / (K * len(queries))


def measure_peer(peer, data, setting, clock):
    vectors, queries, kth = data
    begin = clock.search()
    found = peer.search(queries, setting)
    seconds = clock.search() - begin
    return recall(found, vectors, queries, kth), len(queries) / seconds


def at_recall(points, target):
    """Queries a second at this recall, interpolated between the settings that no other beats; None: not reached."""
    points = [point for point in sorted(points) if not any(r >= point[0] and q > point[1] for r, q in points)]
    for (low_recall, low_qps), (high_recall, high_qps) in zip(points, points[1:]):
        if low_recall <= target <= high_recall and high_recall > low_recall:
            share = (target - low_recall) / (high_recall - low_recall)
            return low_qps ** (1 - share) * high_qps**share
    return points[0][1] if points[0][0] >= target else None


def cpu_description():
    model, flags = "unknown", set()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            model = value.strip()
        elif key.strip() == "flags":
            flags = set(value.split())
    wanted = ("avx2", "fma", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    return f"{model} [{' '.join(flag for flag in wanted if flag in flags)}]"


def build_all(args, clock):
    vectors, queries = load(args)
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/vectors.npy", vectors)
        np.save(f"{folder}/queries.npy", queries)
        sextant = Sextant(args.program, f"{folder}/vectors.npy", f"{folder}/queries.npy", args)
    builds = {sextant.name: (sextant.build_seconds(), sextant.bytes() / len(vectors))}
    lists = [FaissLists("IVF-PQ fast scan", "PQ{half}x4fs"), FaissLists("IVF-RaBitQ", "RaBitQfs")]
    peers = [Hnswlib(), FaissHnsw(), *lists, Usearch("f32"), Usearch("i8")]
    peers = [peer for peer in peers if re.search(args.peers, peer.name)]
    for peer in peers:
        begin = clock.build()
        peer.build(vectors)
        builds[peer.name] = (clock.build() - begin, peer.bytes() / len(vectors))
        print(f"built {peer.name}: {builds[peer.name][0]:.1f} s", file=sys.stderr)
    return sextant, peers, builds, (vectors, queries, kth_scores(vectors, queries))


def sweep(sextant, peers, data, args):
    """{system: [(recall, median qps) of each setting]}"""
    clock = Clock(args.clock)
    runs = {system.name: {setting: [] for setting in system.settings} for system in [sextant, *peers]}
    for repeat in range(args.repeats):
        for step in itertools.zip_longest(*(system.settings for system in [sextant, *peers])):
            for system, setting in zip([sextant, *peers], step, strict=True):
                if setting is None:
                    continue
                measured = sextant.measure(setting) if system is sextant else measure_peer(system, data, setting, clock)
                runs[system.name][setting].append(measured)
        print(f"repeat {repeat + 1} of {args.repeats} done", file=sys.stderr)
    return {
        name: [(statistics.median(r for r, _ in of), statistics.median(q for _, q in of)) for of in by_setting.values()]
        for name, by_setting in runs.items()
    }


def print_table(curves, builds, sextant_name):
    print("| system | qps at 0.95 | ratio | qps at 0.99 | ratio | build s | ratio | bytes/vector | best recall |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    ours = {target: at_recall(curves[sextant_name], target) for target in (0.95, 0.99)}
    for name, points in curves.items():
        cells = [name]
        for target in (0.95, 0.99):
            qps = at_recall(points, target)
            ratio = f"{ours[target] / qps:.2f}" if qps and ours[target] else "-"
            cells += [f"{qps:,.0f}" if qps else "not reached", ratio]
        seconds, size = builds[name]
        cells += [f"{seconds:.1f}", f"{seconds / builds[sextant_name][0]:.2f}", f"{size:,.0f}", f"{max(points)[0]:.4f}"]
        print("| " + " | ".join(cells) + " |")
    print("\nRatios of throughput: sextant / system. Ratios of build: system / sextant. Above 1 sextant is better.\n")
    for name, points in curves.items():
        print(f"{name}: " + ", ".join(f"{r:.4f} @ {q:,.0f}" for r, q in points))


def parse_args():
    sets = {
        "debian": os.environ.get("SEXTANT_DATA_DIR", ROOT.parent / "shared/data/debian"),
        "large": os.environ.get("SEXTANT_LARGE_DIR", ROOT.parent / "data/large"),
        "joined": os.environ.get("SEXTANT_LARGE_DIR", ROOT.parent / "data/large"),
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=sets, default="debian", help="which data set; joined: pairs of the large one")
    parser.add_argument("--data", help="folder with vectors.npy and queries.npy, instead of --set")
    parser.add_argument("--count", type=int, default=None, help="use the first COUNT vectors")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: where others use the machine too")
    parser.add_argument("--peers", default="", help="those whose name matches this expression")
    parser.add_argument("--program", default=str(ROOT / "build/release/bench/index_bench"))
    args = parser.parse_args()
    args.data = args.data or str(sets[args.set])
    return args


def main():
    args = parse_args()
    sextant, peers, builds, data = build_all(args, Clock(args.clock))
    curves = sweep(sextant, peers, data, args)
    sextant.close()
    vectors, queries, _ = data
    print(f"CPU: {cpu_description()}; kernels {sextant.build_report['kernels']}")
    print(f"Data: {args.data}, {len(vectors):,} x {vectors.shape[1]}, {len(queries)} queries, recall@{K}")
    print(f"M={M}, ef_construction={EF_CONSTRUCTION}, build on {BUILD_THREADS} threads, search on one; {args.clock} time")
    print(f"median of {args.repeats} interleaved repeats\n")
    print_table(curves, builds, sextant.name)


if __name__ == "__main__":
    main()
