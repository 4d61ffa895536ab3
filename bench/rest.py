#!/usr/bin/env python3
"""Requests a second of the server over REST: single queries, by wrk over kept-alive connections, recall beside them.

Loads the Debian set (or the committed sample where that is absent) into a server of its own, waits until it is sealed,
measures recall@10 of the same queries through the same endpoint, and then lets wrk send them one by one. The server's
CPU time per request is printed too: on a shared machine it says more than the rate.

Needs: wrk; the release build of the server. `bench/run` installs and builds what is needed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import collections_rest as rest  # noqa: E402
import datasets  # noqa: E402
from compare import cpu_description  # noqa: E402
from server import Server  # noqa: E402

WRK_SCRIPT = """
local bodies = {}
for line in io.lines("BODIES") do bodies[#bodies + 1] = line end
local at = 0
wrk.method, wrk.headers["content-type"] = "POST", "application/json"
request = function()
  at = at % #bodies + 1
  return wrk.format(nil, "/collections/bench/points/query", nil, bodies[at])
end
"""


def load_data() -> datasets.Dataset:
    return datasets.load_debian() if datasets.DEBIAN_DIRECTORY.is_dir() else datasets.load_sample()


def load_server(server: Server, data: datasets.Dataset) -> None:
    rest.create(server, "bench", data.dim, optimizers_config={"default_segment_number": 1})
    rest.upsert(server, "bench", list(range(len(data.vectors))), data.vectors)
    rest.wait_until_optimized(server, "bench", timeout_s=600)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_wrk(server: Server, bodies: list[bytes], seconds: int, connections: int) -> tuple[float, str, float]:
    """Requests a second, the latencies that wrk prints, and the server's CPU microseconds per request."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bodies").write_bytes(b"\n".join(bodies) + b"\n")
        script = Path(folder, "script.lua")
        script.write_text(WRK_SCRIPT.replace("BODIES", f"{folder}/bodies"))
        before = cpu_seconds(server.process.pid)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), server.url]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise SystemExit(f"the server refused requests:\n{output}")
    requests = int(re.search(r"(\d+) requests in", output)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    found = {percent: re.search(rf"^\s+{percent}%\s+(\S+)", output, re.M)[1] for percent in (50, 99)}
    latencies = ", ".join(f"p{percent} {latency}" for percent, latency in found.items())
    return rate, latencies, (cpu_seconds(server.process.pid) - before) / requests * 1e6


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    parser.add_argument("--queries", type=int, default=500)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    data = load_data()
    queries = data.queries[: args.queries]
    exact = datasets.exact_answers(data, np.arange(len(data.vectors)), len(queries))
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), Path(folder, "storage")).start()
        load_server(server, data)
        print(f"CPU: {cpu_description()}\nData: {len(data.vectors):,} x {data.dim}, limit 10, JSON over REST\n")
        print("| hnsw_ef | recall@10 | connections | requests/s | latency | server CPU µs/request |")
        print("|---:|---:|---:|---:|---|---:|")
        for ef in (None, 64, 256):
            params = {} if ef is None else {"params": {"hnsw_ef": ef}}
            recall = datasets.recall(data, rest.search_all(server, "bench", queries, **params), exact)
            bodies = [json.dumps({"query": query.tolist(), "limit": 10, **params}).encode() for query in queries]
            for connections in (1, 16):
                rate, latencies, cpu = run_wrk(server, bodies, args.seconds, connections)
                print(f"| {ef or 'default'} | {recall:.4f} | {connections} | {rate:,.0f} | {latencies} | {cpu:.0f} |")
        server.stop()


if __name__ == "__main__":
    main()
