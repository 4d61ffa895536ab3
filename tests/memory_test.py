"""What vectors cost in memory: after a load, in ephemeral mode, and under a limit that the rows exceed twice."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

import collections_rest as rest
import datasets
import memory_limits
from datasets import Dataset
from server import Server

EPHEMERAL_RATIO = 1.8
EPHEMERAL_POINTS = 30_000
# Growing rows, codes and links of a vector, with room for buffers that the load left behind.
RESIDENT_RATIO = 2.2
LARGE_POINTS = 500_000


def many(data: Dataset, points: int, seed: int) -> tuple[np.ndarray, list[dict]]:
    """More points than the sample has: its rows again, each moved a little."""
    random = np.random.default_rng(seed)
    rows = np.arange(points) % len(data.vectors)
    noise = random.standard_normal((points, data.dim), dtype=np.float32) * np.float32(0.01)
    return datasets.normalized(data.vectors[rows] + noise), [data.payloads[row] for row in rows]


def payload_bytes(payloads: list[dict]) -> int:
    return sum(len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()) for payload in payloads)


@pytest.mark.parametrize(("mode", "ratio"), [("on disk", RESIDENT_RATIO), ("ephemeral", EPHEMERAL_RATIO)])
def test_resident_bytes_per_vector(make_server, sample: Dataset, mode: str, ratio: float, record_property) -> None:
    vectors, payloads = many(sample, EPHEMERAL_POINTS, seed=3)
    server: Server = (make_server() if mode == "on disk" else make_server(storage=None)).start()
    rest.create(server, "many", sample.dim)
    empty = server.resident_bytes()
    rest.upsert(server, "many", list(range(len(vectors))), vectors, payloads)
    rest.wait_until_optimized(server, "many", timeout_s=300)
    needed = vectors.nbytes + payload_bytes(payloads)
    end = time.monotonic() + 30
    while (used := server.resident_bytes() - empty) > ratio * needed and time.monotonic() < end:
        time.sleep(0.5)  # memory of finished work goes back in the background
    per_vector = used / len(vectors)
    record_property("resident_bytes_per_vector", round(per_vector))
    print(f"{mode}: {per_vector:.0f} resident bytes a vector ({sample.dim * 4} are its f32 row)")
    assert used <= ratio * needed, f"{used} bytes for {needed}: {used / needed:.2f}"


@pytest.mark.full
def test_a_load_at_full_speed_stays_within_its_memory(memory_cgroup: Path, make_server, sample: Dataset) -> None:
    """The rows of the load are three quarters of all there is: writes wait for seals, and none is lost."""
    server: Server = make_server()
    server.limit_memory(memory_cgroup, 1 << 30)
    server.start()
    rest.create(server, "fast", sample.dim)
    asked = np.random.default_rng(5).integers(0, LARGE_POINTS, 200).tolist()
    kept = {}
    for first in range(0, LARGE_POINTS, 50_000):
        vectors, _ = many(sample, 50_000, seed=first)
        rest.upsert(server, "fast", list(range(first, first + len(vectors))), vectors)
        kept |= {i: vectors[i - first] for i in asked if first <= i < first + len(vectors)}
    assert server.running()
    assert server.ask("POST", "/collections/fast/points/count", {"exact": True})["count"] == LARGE_POINTS
    for point in server.ask("POST", "/collections/fast/points", {"ids": asked, "with_vector": True}):
        assert np.allclose(point["vector"], kept[point["id"]], atol=1e-5)
    found = rest.search_all(server, "fast", np.array(list(kept.values())), params={"hnsw_ef": 128})
    assert np.mean([own in ids for own, ids in zip(kept, found, strict=True)]) >= 0.98
    assert server.stop() == 0


def test_half_the_memory_is_enough(memory_cgroup: Path, make_server, tmp_path: Path) -> None:
    if not (datasets.LARGE_DIRECTORY / "vectors.npy").exists():
        pytest.skip(f"no large data set at {datasets.LARGE_DIRECTORY} (SEXTANT_LARGE_DIR names another place)")
    vectors = datasets.normalized(np.load(datasets.LARGE_DIRECTORY / "vectors.npy", mmap_mode="r")[:LARGE_POINTS])
    queries = datasets.normalized(np.load(datasets.LARGE_DIRECTORY / "queries.npy")[:100])
    server: Server = make_server().start()
    settings = {
        "vectors": {"size": vectors.shape[1], "distance": "Cosine", "on_disk": True},
        "hnsw_config": {"on_disk": True},
    }
    server.ask("PUT", "/collections/large", settings)
    rest.upsert(server, "large", list(range(len(vectors))), vectors)
    rest.wait_until_optimized(server, "large", timeout_s=3600)
    assert server.stop() == 0
    memory_limits.drop_cached_pages(tmp_path / "storage")

    server.limit_memory(memory_cgroup, vectors.nbytes // 2)
    server.start()
    found = rest.search_all(server, "large", queries, params={"hnsw_ef": 256})
    large = Dataset(vectors, queries, [], np.empty(0), np.empty(0), [])
    assert datasets.recall(large, found, datasets.exact_answers(large, np.arange(len(vectors)), len(queries))) >= 0.97
    assert rest.mean_rows_scored(server, "large", queries, {}) < 0.03 * len(vectors)
    # The kernel holds the limit. Resident bytes count library pages that others have paid for, too.
    print(f"{server.resident_bytes() / len(vectors):.0f} resident bytes a vector of {vectors.nbytes // len(vectors)}")
    assert server.running()
    assert server.stop() == 0
