#!/usr/bin/env python3
"""What a query costs over gRPC and over REST beside the same query inside the process.

Loads the Debian set (or the committed sample where that is absent) into a server, asks it for the same queries over REST
(wrk) and over gRPC (protocol_bench), and then opens its data in protocol_bench and asks the service layer directly, on one
thread. What counts is the CPU time per request: a core answers one over it. Recall@10 is printed beside it.

Needs: wrk; the release builds of the server and of protocol_bench. `bench/run` installs and builds what is needed.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from rest import ROOT, cpu_description, cpu_seconds, datasets, load_data, load_server, rest, run_wrk
from server import Server

BENCH = ROOT / "build" / "release" / "bench" / "protocol_bench"
COLLECTION = "bench"


def run_bench(queries: Path, seconds: int, *place: str) -> dict:
    command = [BENCH, "--queries", queries, "--collection", COLLECTION, "--seconds", str(seconds), *place]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3, help="the median counts")
    args = parser.parse_args()
    data = load_data()
    queries = data.queries[:500]
    exact = datasets.exact_answers(data, np.arange(len(data.vectors)), len(queries))
    micros: dict[str, list[float]] = {"inside the process": [], "gRPC": [], "REST, JSON": []}
    with tempfile.TemporaryDirectory() as folder:
        file, storage = Path(folder, "queries.npy"), Path(folder, "storage")
        np.save(file, queries.astype(np.float32))
        bodies = [json.dumps({"query": query.tolist(), "limit": 10}).encode() for query in queries]
        server = Server(Path(folder), storage).start()
        load_server(server, data)
        recall = datasets.recall(data, rest.search_all(server, COLLECTION, queries), exact)
        for repeat in range(args.repeats):
            if repeat:
                server.start()
            micros["REST, JSON"].append(run_wrk(server, bodies, args.seconds, args.connections)[2])
            before = cpu_seconds(server.process.pid)
            place = ("--target", f"127.0.0.1:{server.grpc_port}", "--connections", str(args.connections))
            asked = run_bench(file, args.seconds, *place)["requests"]
            micros["gRPC"].append((cpu_seconds(server.process.pid) - before) / asked * 1e6)
            server.stop()
            inside = run_bench(file, args.seconds, "--storage", str(storage))
            micros["inside the process"].append(inside["cpu_seconds"] / inside["requests"] * 1e6)
    print(f"CPU: {cpu_description()}\nData: {len(data.vectors):,} x {data.dim}, limit 10, recall@10 {recall:.4f}\n")
    print("| way | CPU µs/request | requests/s of a core | share of the rate inside |\n|---|---:|---:|---:|")
    medians = {way: float(np.median(values)) for way, values in micros.items()}
    for way, value in medians.items():
        print(f"| {way} | {value:.0f} | {1e6 / value:,.0f} | {medians['inside the process'] / value:.0%} |")


if __name__ == "__main__":
    main()
