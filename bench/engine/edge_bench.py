#!/usr/bin/env python3
"""What request_bench does, done by the real Qdrant engine (qdrant-edge-py): the same options, lines and reports.

One collection. Requests are made beforehand, so that only the engine's work counts. LOAD flushes once at the end, and
SETTLE optimises. Needs the environment of bench/requirements.txt.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

import numpy as np
import qdrant_edge as edge

sys.path.append(str(Path(__file__).resolve().parents[1]))

import edge_requests  # noqa: E402


class Clock:
    """Wall time, or CPU time of all threads where other work shares the machine."""

    def __init__(self, kind: str):
        self.now = time.process_time if kind == "cpu" else time.perf_counter
        self.thread_now = time.thread_time if kind == "cpu" else time.perf_counter  # what this thread adds to `now`


class Engine:
    """The shard of a storage directory: opened if it is there, else made by the first request."""

    def __init__(self, storage: Path, clock: Clock):
        self.storage, self.clock = storage, clock
        self.shard = edge.EdgeShard.load(str(storage)) if storage.exists() else None

    def prepare(self, line: dict) -> edge_requests.Call:
        """A request as a call that makes it."""
        method, path, body = line["method"], line["path"].partition("?")[0].split("/")[3:], line.get("body")
        match method, path:
            case "SETTLE", []:
                return lambda shard: shard.optimize()
            case "PUT", ["points"]:
                return edge_requests.upsert(body["points"])
            case "PUT", ["index"]:
                return edge_requests.create_index(body)
            case "POST" | "ASK", ["points", "query"]:
                return edge_requests.query(body)
        raise ValueError(f"not a request of these benchmarks: {line}")

    def set_up(self, line: dict) -> float:
        """Runs one line; what it took."""
        if line["method"] == "LOAD":
            return self.load(**line["body"])
        if line["method"] == "PUT" and line["path"].count("/") == 2:
            self.storage.mkdir(parents=True)
            self.shard = edge.EdgeShard.create(str(self.storage), edge_requests.collection(line["body"]))
            return 0.0
        call, start = self.prepare(line), self.clock.now()
        call(self.shard)
        return self.clock.now() - start

    def load(self, vectors: str, payload: dict, batch: int, count: int | None = None) -> float:
        rows = np.load(vectors, mmap_mode="r")[:count]
        columns = {field: np.load(path, mmap_mode="r")[:count] for field, path in payload.items()}
        start, making = self.clock.now(), 0.0
        for first in range(0, len(rows), batch):
            before = self.clock.thread_now()
            block = rows[first : first + batch].astype(np.float32).tolist()
            values = {field: column[first : first + batch].tolist() for field, column in columns.items()}
            points = [edge.Point(first + i, vector, {field: of[i] for field, of in values.items()})
                      for i, vector in enumerate(block)]  # fmt: skip
            operation = edge.UpdateOperation.upsert_points(points)
            making += self.clock.thread_now() - before
            self.shard.update(operation)
        self.shard.flush()
        return self.clock.now() - start - making


def anonymous_bytes() -> int:
    return int(re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024


def measure(engine: Engine, calls: list, seconds: float) -> tuple[dict, list]:
    """The report of one measurement, and the answers of its first round."""
    answers, latencies, now = [], [], engine.clock.now
    start = before = now()
    while not latencies or before - start < seconds:
        for call in calls:
            answer = call(engine.shard)
            if len(answers) < len(calls):
                answers.append(answer)
            after = now()
            latencies.append(after - before)
            before = after
    rate = len(latencies) / (before - start)
    times = {"first_seconds": latencies[0]}
    latencies.sort()
    times |= {f"p{percent}_seconds": latencies[len(latencies) * percent // 100] for percent in (50, 95)}
    return {"requests_per_second": rate, **times}, answers


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--storage", type=Path, required=True)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--seconds", type=float, default=2)
    return parser.parse_args()


def read_lines(engine: Engine, path: Path) -> tuple[list[dict], dict[str, list]]:
    """Runs the set-up: what its steps took, and the calls to measure by label."""
    steps, kinds = [], {}
    with path.open() as lines:
        for line in map(json.loads, lines):
            if "label" in line:
                kinds.setdefault(line["label"], []).append(engine.prepare(line))
                continue
            seconds = engine.set_up(line)
            if line["method"] in ("LOAD", "SETTLE"):
                indexed = engine.shard.info().indexed_vectors_count
                steps.append({"method": line["method"], "path": line["path"], "seconds": seconds, "indexed_vectors": indexed})
    return steps, kinds


def main() -> None:
    args = parse_args()
    clock, anonymous = Clock(args.clock), anonymous_bytes()
    start = clock.now()
    engine = Engine(args.storage, clock)
    ready = {"open_seconds": clock.now() - start, "anonymous_bytes_before": anonymous}
    steps, kinds = read_lines(engine, args.requests)
    print(json.dumps({**ready, "steps": steps}), flush=True)
    answered = set()
    with args.answers.open("w") as file:
        for label in map(str.rstrip, sys.stdin):
            report, answers = measure(engine, kinds[label], args.seconds)
            if label not in answered:
                file.writelines(json.dumps({"result": edge_requests.result(answer)}) + "\n" for answer in answers)
            answered.add(label)
            print(json.dumps({"label": label, **report}), flush=True)
    engine.shard.close()


if __name__ == "__main__":
    main()
