"""Memory goes back to the system: after many collections, and after opening and closing again and again."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from server import ROOT

MANY_COLLECTIONS = """
import sys, time, numpy as np, sextant

def anonymous_mib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:")) / 1024

def settle(below_mib):
    end = time.monotonic() + 20
    while anonymous_mib() > below_mib and time.monotonic() < end:
        time.sleep(0.1)
    return anonymous_mib()

count = int(sys.argv[1])
engine = sextant.Engine(sys.argv[2] if len(sys.argv) > 2 else None, sync=False)
vectors = np.random.default_rng(0).random((100, 256), dtype=np.float32)
payloads = [{"row": row} for row in range(100)]

def fill_and_drop(count):
    made = [engine.create_collection(f"c{i}", 256) for i in range(count)]
    for collection in made:
        collection.insert(vectors, payloads=payloads)
    full = anonymous_mib()
    for collection in made:
        collection.drop()
    return full

fill_and_drop(100)
time.sleep(2)
before = anonymous_mib()
full = fill_and_drop(count)
after = settle(before + 16)  # the rest is in pages that something else is on, and does not grow
print(before, full, after)
"""


FEW, MANY = 200, 1000


@pytest.mark.parametrize(
    ("count", "where"),
    [(FEW, "memory"), *(pytest.param(MANY, where, marks=pytest.mark.full) for where in ("memory", "path"))],
)
def test_dropped_collections_leave_nothing_behind(run_python, tmp_path: Path, count: int, where: str) -> None:
    places = [tmp_path / "data"] if where == "path" else []
    told = run_python(MANY_COLLECTIONS, str(count), *places, timeout_s=400)
    before, full, after = map(float, told.split())
    assert full > before + 0.2 * count, "the collections took memory"
    assert after - before < 0.1 * (full - before), (
        f"{before:.0f} MiB before, {full:.0f} with {count} collections, {after:.0f} after"
    )


CYCLES = """
import gc, os, sys, numpy as np, sextant
from qdrant_client import models

def state():
    gc.collect()
    with open("/proc/self/status") as status:
        values = dict(line.split(":") for line in status)
    return int(values["RssAnon"].split()[0]) / 1024, int(values["Threads"]), len(os.listdir("/proc/self/fd"))

vectors = np.random.default_rng(0).random((200, 32), dtype=np.float32)

def cycle(number):
    client = sextant.QdrantClient(path=sys.argv[1]) if number % 2 else sextant.QdrantClient(":memory:")
    if not client.collection_exists("c"):
        client.create_collection("c", vectors_config=models.VectorParams(size=32, distance=models.Distance.COSINE))
    collection = client.engine.collection("c")
    collection.insert(vectors, ids=range(200), payloads=[{"row": row} for row in range(200)])
    collection.search(vectors, 5)
    client.query_points("c", query=vectors[0].tolist())
    client.close()

for number in range(20):
    cycle(number)
before = state()
for number in range({cycles}):
    cycle(number)
print(*before, *state())
"""


def test_opening_and_closing_leaks_nothing(run_python, tmp_path: Path) -> None:
    told = run_python(CYCLES.replace("{cycles}", "100"), tmp_path / "data", timeout_s=300)
    memory, threads, files, memory_after, threads_after, files_after = map(float, told.split())
    assert (threads_after, files_after) == (threads, files)
    assert memory_after < memory + 8, f"{memory:.1f} MiB grew to {memory_after:.1f} over 100 cycles"


LEAKS = """
import ctypes, sextant
from sextant import _library
engine = sextant.Engine()
request = _library.Request(method=b"GET", target=b"/collections")
handle = engine._enter()
for _ in range(3):
    _library.library().sextant_send(handle, ctypes.byref(request), ctypes.byref(ctypes.c_void_p()))
engine._storage.leave()
"""


def leaks(program: str, package: Path, data: Path) -> list[str]:
    """What AddressSanitizer says our library left behind in a run of the program; the interpreter's own is left out.
    An error of memory fails the run."""
    asan = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    variables = {
        **os.environ,
        "PYTHONPATH": str(package),
        "SEXTANT_LIBRARY": str(ROOT / "build" / "asan" / "src" / "c_api" / "libsextant.so"),
        "LD_PRELOAD": asan.stdout.strip(),
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=1",
        "LSAN_OPTIONS": "exitcode=0",
    }
    command = [sys.executable, "-c", program, data]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-6000:]
    return [
        block for block in done.stderr.split("\n\n") if "leak of" in block and re.search(r" in sextant(::|_)", block)
    ]


@pytest.mark.full
def test_address_sanitizer_finds_nothing(package: Path, tmp_path: Path) -> None:
    subprocess.run([ROOT / "scripts" / "build", "asan", "sextant_shared"], check=True)
    assert leaks(LEAKS, package, tmp_path / "none"), "it would find what is left behind"
    found = leaks(CYCLES.replace("{cycles}", "100"), package, tmp_path / "data")
    assert not found, found[0]
