"""Disk use follows live bytes; a full disk refuses writes clearly and recovers by itself."""

import json
import time
from pathlib import Path

import pytest

import collections_rest as rest
from datasets import Dataset
from server import Server
from storage_files import FIXED_BYTES, disk_bytes, fill_disk, live_bytes

WAIT_S = 60
RATIO = 1.3


def wait_for_disk_use(directory: Path, most: float) -> None:
    end = time.monotonic() + WAIT_S
    while (used := disk_bytes(directory)) > most:
        assert time.monotonic() < end, f"{used} bytes on disk after {WAIT_S} s, at most {most:.0f} allowed"
        time.sleep(0.2)


def load(server: Server, name: str, data: Dataset) -> int:
    """Loads the whole data set in small segments and waits for the merges; returns its payload bytes."""
    rest.create(server, name, data.dim, optimizers_config={"indexing_threshold": 1000, "default_segment_number": 1})
    rest.upsert(server, name, list(range(len(data.vectors))), data.vectors, data.payloads)
    rest.wait_until_optimized(server, name)
    return sum(len(json.dumps(payload, separators=(",", ":")).encode()) for payload in data.payloads)


def test_disk_use_follows_live_bytes(make_server, sample: Dataset, tmp_path: Path) -> None:
    server: Server = make_server().start()
    storage = tmp_path / "storage"
    payload_bytes = load(server, "first", sample)
    one = live_bytes(sample, len(sample.vectors), payload_bytes)
    wait_for_disk_use(storage, RATIO * one + FIXED_BYTES)

    # Every row rewritten: the old ones must not stay.
    rest.upsert(server, "first", list(range(len(sample.vectors))), sample.vectors[::-1], sample.payloads)
    rest.wait_until_optimized(server, "first")
    wait_for_disk_use(storage, RATIO * one + FIXED_BYTES)

    load(server, "second", sample)
    wait_for_disk_use(storage, RATIO * 2 * one + 2 * FIXED_BYTES)
    server.ask("DELETE", "/collections/second")
    wait_for_disk_use(storage, RATIO * one + FIXED_BYTES)

    # Most points deleted: a vacuum follows.
    server.ask("POST", "/collections/first/points/delete?wait=true", {"filter": {"must_not": [{"has_id": [0, 1, 2]}]}})
    wait_for_disk_use(storage, RATIO * live_bytes(sample, 3, 3 * 1024) + FIXED_BYTES)
    assert server.ask("POST", "/collections/first/points/count", {}) == {"count": 3}


def write_until_refused(server: Server, name: str, data: Dataset) -> int:
    """Writes batches until one is refused; how many points were acknowledged."""
    for start in range(0, 100_000, 200):
        rows = [row % len(data.vectors) for row in range(start, start + 200)]
        batch = {"ids": list(range(start, start + 200)), "vectors": data.vectors[rows].tolist()}
        response = server.call("PUT", f"/collections/{name}/points?wait=true", {"batch": batch})
        if response.status_code != 200:
            assert response.status_code == 507, response.text
            error = response.json()["status"]["error"].lower()
            assert "storage" in error or "space" in error, error
            return start
    raise AssertionError("the disk never filled")


def test_full_disk_refuses_writes_and_recovers(make_server, sample: Dataset, small_disk: Path) -> None:
    server: Server = make_server(storage=small_disk / "storage").start()
    name = "filled"
    rest.create(server, name, sample.dim)
    rest.upsert(server, name, list(range(500)), sample.vectors[:500])
    filler = fill_disk(small_disk)
    acknowledged = max(500, write_until_refused(server, name, sample))

    # Reading goes on, and shows nothing of what was refused.
    assert server.ask("POST", f"/collections/{name}/points/count", {}) == {"count": acknowledged}
    hits = server.ask("POST", f"/collections/{name}/points/query", {"query": sample.vectors[0].tolist(), "limit": 1})
    assert hits["points"][0]["score"] == pytest.approx(1, abs=1e-5)

    filler.unlink()
    end = time.monotonic() + 30
    while True:
        extra = {"batch": {"ids": [10**6], "vectors": sample.vectors[:1].tolist()}}
        response = server.call("PUT", f"/collections/{name}/points?wait=true", extra)
        if response.status_code == 200:
            break
        assert time.monotonic() < end, f"writes did not resume: {response.text}"
        time.sleep(0.2)
    assert server.ask("POST", f"/collections/{name}/points/count", {}) == {"count": acknowledged + 1}
    rest.wait_until_optimized(server, name)
    server.restart()
    assert server.ask("POST", f"/collections/{name}/points/count", {}) == {"count": acknowledged + 1}
