"""The systems that engine.py compares: how each is created, filled, kept on disk, opened again and measured in turns."""

import contextlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson
from engine_data import K, Data
from programs import REQUEST_BENCH, ROOT, RequestProgram

COLLECTION = "c"
BATCH = 1000
EDGE_BENCH = [sys.executable, ROOT / "bench/engine/edge_bench.py"]
ONE_SEGMENT = {"default_segment_number": 1, "max_segment_size": 100_000_000}  # kilobytes
INDEXING_THRESHOLD_KB = 10_000


@dataclass(frozen=True)
class Way:
    """How searches are asked for: ASK leaves the protocol out of ours, POST is the whole REST request."""

    method: str = "ASK"
    params: dict = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    name: str
    command: list
    config: dict = field(default_factory=dict)  # of the request that creates the collection
    ways: dict[str, Way] = field(default_factory=lambda: {"": Way()})

    @property
    def is_ours(self) -> bool:
        return self.command is REQUEST_BENCH


def quantized(kind: str, setting: dict, *oversampling: float) -> System:
    config = {"quantization_config": {kind.split()[0]: {**setting, "always_ram": True}}}
    ways = {f", oversampling {by:g}": Way(params={"quantization": {"rescore": True, "oversampling": by}}) for by in oversampling}
    return System(f"qdrant-edge, {kind}", EDGE_BENCH, config, ways)


SEXTANT = System("Sextant", REQUEST_BENCH, ways={"": Way(), ", JSON": Way("POST")})
SEXTANT_DECODED = System("Sextant, decoded before", REQUEST_BENCH)
EDGE = System("qdrant-edge", EDGE_BENCH)
EDGE_DURABLE = (
    System("qdrant-edge, log and flush", EDGE_BENCH, {"wal_enabled": True}),
    System("qdrant-edge, no log, flush", EDGE_BENCH, {"wal_enabled": False}),
)
QUANTIZED = (
    quantized("scalar", {"type": "int8", "quantile": 0.99}, 1.5, 2.0),
    quantized("turbo 4 bits", {"bits": "bits4"}, 2.0, 3.0),
    quantized("turbo 2 bits", {"bits": "bits2"}, 4.0),
    quantized("binary", {"encoding": "one_bit"}, 8.0),
)


# --- lines of --requests


def line(method: str, path: str, body: dict | None = None, label: str | None = None) -> dict:
    given = {"method": method, "path": f"/collections/{COLLECTION}{path}", "body": body, "label": label}
    return {key: value for key, value in given.items() if value is not None}


def search(label: str, query: np.ndarray, way: Way | None = None, **request: object) -> dict:
    """A search in this way; its `params` and those of the request are put together."""
    way = way or Way()
    body = {"query": query, "limit": K, **request, "params": {**way.params, **request.get("params", {})}}
    return line(way.method, "/points/query", body, label)


def write_lines(folder: Path, lines: Iterable[dict]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "requests").open("wb") as out:
        for one in lines:
            out.write(orjson.dumps(one, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")


def run_requests(system: System, place: Path, clock: str) -> RequestProgram:
    """The system's program with the lines in `place`; a measurement is one round of the requests."""
    return RequestProgram(system.command, place, storage=place / "storage", clock=clock, seconds=0)


# --- stores


class Stores:
    """Where collections lie, one folder for each system and kind; those that are there already are used again."""

    def __init__(self, folder: Path, clock: str):
        self.folder, self.clock = folder, clock

    def place(self, system: System, kind: str) -> Path:
        return self.folder / f"{kind}-{system.name}".replace(", ", "-").replace(" ", "_")

    def build(self, system: System, kind: str, data: Data, vectors: dict | None = None) -> dict:
        """Seconds of load and index, memory afterwards."""
        place = self.place(system, kind)
        report_file = place / "build.json"
        if not report_file.is_file():
            shutil.rmtree(place, ignore_errors=True)  # what an interrupted run has left
            write_lines(place, set_up(system, data, vectors or {}))
            with run_requests(system, place, self.clock) as program:
                steps = program.ready["steps"]
                assert steps[-1]["indexed_vectors"] == len(data.vectors), (system.name, steps)
                report = {"load": steps[0]["seconds"], "index": steps[-1]["seconds"], "memory": program.resident_bytes()}
            report_file.write_text(json.dumps(report))
            print(f"built {kind}, {system.name}: {report}", file=sys.stderr)
        return json.loads(report_file.read_text())

    @contextlib.contextmanager
    def opened(self, systems: list[System], kind: str, lines: dict[str, Iterable]) -> Iterator[list]:
        """The programs of the systems over their stores, each with its lines."""
        with contextlib.ExitStack() as stack:
            programs = []
            for system in systems:
                place = self.place(system, kind)
                write_lines(place, lines[system.name])
                programs.append(stack.enter_context(run_requests(system, place, self.clock)))
            yield programs


def set_up(system: System, data: Data, vectors: dict) -> Iterator[dict]:
    """All rows first, then the index: the peer builds when it is told to, so Sextant is made to wait until then."""
    config = {"vectors": {"size": data.vectors.shape[1], "distance": "Cosine", **vectors}, **system.config}
    waiting = {"indexing_threshold": 0} if system.is_ours else {}
    yield line("PUT", "", {**config, "optimizers_config": {**ONE_SEGMENT, **waiting}})
    for name in data.orders:
        yield line("PUT", "/index?wait=true", {"field_name": name, "field_schema": "float"})
    yield data.load_line(COLLECTION, BATCH)
    if system.is_ours:
        yield line("PATCH", "", {"optimizers_config": {"indexing_threshold": INDEXING_THRESHOLD_KB}})
    yield line("SETTLE", "")
