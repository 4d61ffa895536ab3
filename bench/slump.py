#!/usr/bin/env python3
"""How searches fare during a load: their latencies while vectors come in at a fixed rate, and when all is sealed.

load_bench and the server's writing and building threads share one core, protocol_bench and all other threads of the
server (searches, connections) the other. Latencies are of queries over gRPC, one after the other, in slices of --seconds;
recall@10 is that of queries asked meanwhile, over the points acknowledged before each was asked. The large set; see
docs/benchmarks.md.

Needs: taskset, two cores, and the release builds of the server, load_bench and protocol_bench.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from compare import ROOT, cpu_description, kth_scores, recall
from protocols import BENCH, rest
from rest import datasets
from server import Server

LOAD_BENCH = ROOT / "build" / "release" / "bench" / "load_bench"
COLLECTION = "bench"
LOAD_CORE, SEARCH_CORE = 0, 1
FEWEST_POINTS = 5000  # that are searched
# Threads of the server that write, build and tidy up, by name.
BUILDERS = re.compile(r"writer|sealer|optimizer|tidier|indexes|columns|closer|catalog|rocksdb")


def pin(process: int) -> None:
    """Every thread of the server to its core."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        try:
            core = LOAD_CORE if BUILDERS.match((thread / "comm").read_text()) else SEARCH_CORE
            os.sched_setaffinity(int(thread.name), {core})
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended


class Load:
    """A running load_bench, and how far it has come."""

    def __init__(self, server: Server, vectors: Path, count: int, rate: float):
        command = ["taskset", "-c", str(LOAD_CORE), LOAD_BENCH, "--vectors", vectors, "--collection", COLLECTION]
        command += ["--target", f"127.0.0.1:{server.grpc_port}", "--count", str(count), "--rate", str(rate)]
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        self.last = {"acknowledged": 0, "seconds": 0.0, "seconds_behind": 0.0}
        self.most_behind = 0.0
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self) -> None:
        for line in self.process.stdout:
            self.last = json.loads(line)
            self.most_behind = max(self.most_behind, self.last["seconds_behind"])

    def running(self) -> bool:
        return self.process.poll() is None

    def finish(self) -> None:
        self.reader.join()
        if self.process.wait() != 0:
            raise SystemExit("the load failed")


def ask(server: Server, queries: Path, seconds: int) -> dict:
    command = ["taskset", "-c", str(SEARCH_CORE), BENCH, "--queries", queries, "--collection", COLLECTION]
    command += ["--seconds", str(seconds), "--target", f"127.0.0.1:{server.grpc_port}"]
    return json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout)


def recall_during(server: Server, vectors: np.ndarray, queries: np.ndarray, before: int) -> float:
    """How many of the returned are as near as the K-th among the first `before` points; later points may be too."""
    found = np.array(rest.search_all(server, COLLECTION, queries))
    return recall(found, vectors, queries, kth_scores(vectors[:before], queries))


def print_row(server: Server, state: str, points: int, latencies: list[dict], found: float) -> None:
    info = server.ask("GET", f"/collections/{COLLECTION}")
    growing = info["points_count"] - info["indexed_vectors_count"]
    values = {name: [slice_[name] for slice_ in latencies] for name in ("p50", "p95", "p99")}
    cells = [f"{np.median(values[name]):.2f}" for name in values] + [f"{max(values['p95']):.2f}"]
    parts = f"{points:,} | {info['segments_count']} | {growing:,}"
    print(f"| {state} | {parts} | {' | '.join(cells)} | {found:.4f} |", flush=True)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=2000, help="vectors a second")
    parser.add_argument("--seconds", type=int, default=5, help="of a slice")
    parser.add_argument("--queries", type=int, default=200, help="of which the recall is taken")
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    folder = datasets.LARGE_DIRECTORY
    vectors = datasets.normalized(np.load(folder / "vectors.npy")[: args.count])
    queries = datasets.normalized(np.load(folder / "queries.npy"))
    asked = queries[: args.queries]
    print(f"CPU: {cpu_description()}\n{len(vectors):,} x {vectors.shape[1]}, {args.rate:,.0f} vectors a second, ms\n")
    print("| state | points | segments | growing | p50 | p95 | p99 | worst p95 of a slice | recall@10 |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as directory:
        query_file = Path(directory, "queries.npy")
        np.save(query_file, queries.astype(np.float32))
        server = Server(Path(directory), Path(directory, "storage")).start()
        rest.create(server, COLLECTION, vectors.shape[1])
        load = Load(server, folder / "vectors.npy", len(vectors), args.rate)
        slices, tenth = [], 0
        while load.running() and load.last["acknowledged"] < FEWEST_POINTS:
            time.sleep(0.2)
        while load.running():
            pin(server.process.pid)
            slices.append(ask(server, query_file, args.seconds))
            before = load.last["acknowledged"]
            if 10 * before // len(vectors) > tenth:
                tenth = 10 * before // len(vectors)
                found = recall_during(server, vectors, asked, before)
                print_row(server, "during the load", before, slices, found)
                slices = []
        load.finish()
        print(f"\nThe load was at most {load.most_behind:.1f} s behind its rate.\n")
        states = {"right after": 0, "sealed": 1}
        for state, wait in states.items():
            if wait:
                rest.wait_until_optimized(server, COLLECTION, timeout_s=3600)
            pin(server.process.pid)
            slices = [ask(server, query_file, args.seconds) for _ in range(3)]
            found = recall_during(server, vectors, asked, len(vectors))
            print_row(server, state, len(vectors), slices, found)
        assert server.stop() == 0


if __name__ == "__main__":
    os.environ.setdefault("SEXTANT_BINARY", str(ROOT / "build/release/src/app/sextant"))
    main()
