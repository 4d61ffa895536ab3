"""Opening and closing: the server and the process by turns, other processes, forks, the end of the interpreter."""

import contextlib
import gc
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import qdrant_client
from qdrant_client import models

from storage_files import fill_disk

DIM = 8


def vectors(count: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(count, DIM)).astype(np.float32)


def test_server_and_process_open_the_same_directory_by_turns(tmp_path: Path, make_server) -> None:
    import sextant

    data = vectors(500)
    with sextant.Engine(tmp_path / "storage") as engine:
        engine.create_collection("c", DIM).insert(data, payloads=[{"row": row} for row in range(500)])
        engine.client().create_payload_index("c", "row", models.PayloadSchemaType.INTEGER)
    server = make_server().start()
    assert server.ask("POST", "/collections/c/points/count", {"exact": True})["count"] == 500
    assert server.ask("GET", "/collections/c/points/7")["payload"] == {"row": 7}
    with pytest.raises(sextant.SextantError, match="in use by another running server or client") as refused:
        sextant.Engine(tmp_path / "storage")
    assert refused.value.status == 503
    server.ask("PUT", "/collections/c/points?wait=true", {"points": [{"id": 500, "vector": [1.0] * DIM}]})
    server.stop()
    with sextant.Engine(tmp_path / "storage") as engine:
        collection = engine.collection("c")
        assert collection.count() == 501
        only = models.Filter(must=[models.FieldCondition(key="row", range=models.Range(lt=3))])
        ids, _ = collection.search(data[0], 5, filter=only)
        assert set(ids[:3].tolist()) == {0, 1, 2}
    sextant.Engine(tmp_path / "storage").close()


def test_a_full_disk_refuses_writes_and_recovers(small_disk: Path) -> None:
    import sextant

    data = np.random.default_rng(5).normal(size=(2000, 384)).astype(np.float32)
    with sextant.Engine(small_disk / "data") as engine:
        collection = engine.create_collection("c", 384)
        collection.insert(data[:500])
        filler = fill_disk(small_disk)
        acknowledged = 500
        with pytest.raises(sextant.SextantError, match="(?i)storage|space") as refused:
            for begin in range(500, 200_000, 500):
                collection.insert(data[:500], ids=range(begin, begin + 500))
                acknowledged = begin + 500
        assert refused.value.status == 507
        client = engine.client()
        with pytest.raises(Exception, match="(?i)storage|space"):
            client.upsert("c", points=[models.PointStruct(id=10**6, vector=[1.0] * 384)])
        assert collection.count() == acknowledged
        ids, scores = collection.search(data[7], 1)
        assert ids[0] % 500 == 7 and scores[0] == pytest.approx(1, abs=1e-5)

        filler.unlink()
        give_up = time.monotonic() + 30
        while True:
            try:
                collection.insert(data[:1], ids=[10**6])
                break
            except sextant.SextantError as error:
                assert error.status == 507 and time.monotonic() < give_up
                time.sleep(0.2)
        client.close()
    with sextant.Engine(small_disk / "data") as engine:
        assert engine.collection("c").count() == acknowledged + 1


def test_a_second_process_is_refused_and_names_the_path(tmp_path: Path, run_python) -> None:
    import sextant

    program = (
        "import sextant, sys\ntry: sextant.QdrantClient(path=sys.argv[1])\nexcept sextant.SextantError as e: print(e)"
    )
    with sextant.Engine(tmp_path / "data"):
        told = run_python(program, tmp_path / "data")
    assert str(tmp_path / "data") in told and "in use by another" in told
    assert run_python(program, tmp_path / "data") == ""


def test_one_process_may_open_a_path_twice(tmp_path: Path) -> None:
    """As a notebook does whose cell is run again."""
    import sextant

    one = sextant.QdrantClient(path=str(tmp_path / "data"))
    other = sextant.QdrantClient(path=str(tmp_path / "data"))
    one.create_collection("c", vectors_config=models.VectorParams(size=DIM, distance=models.Distance.DOT))
    assert other.collection_exists("c")
    one.close()
    assert other.collection_exists("c")
    with pytest.raises(ValueError, match="other settings"):
        sextant.Engine(tmp_path / "data", sync=False)
    other.close()
    sextant.Engine(tmp_path / "data", sync=False).close()


def test_garbage_collection_closes(tmp_path: Path) -> None:
    import sextant

    client = sextant.QdrantClient(path=str(tmp_path / "data"))
    client.itself = client  # a cycle
    del client
    gc.collect()
    engine = sextant.Engine(tmp_path / "data", sync=False)  # other settings: it would be refused
    del engine
    gc.collect()
    sextant.Engine(tmp_path / "data").close()


WRITES_AND_LEAVES = """
import numpy as np, sextant, sys
engine = sextant.Engine(sys.argv[1])
engine.create_collection("c", 8).insert(np.ones((100, 8), np.float32))
client = sextant.QdrantClient(engine=engine)
{leave}
"""


@pytest.mark.parametrize("leave", ["", "sys.exit(0)", "import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"])
def test_what_was_written_outlives_the_interpreter(tmp_path: Path, package: Path, leave: str) -> None:
    import sextant

    command = [sys.executable, "-c", WRITES_AND_LEAVES.format(leave=leave), tmp_path / "data"]
    done = subprocess.run(command, env={"PYTHONPATH": str(package)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == (-9 if "kill" in leave else 0) and done.stderr == "", done.stderr
    with sextant.Engine(tmp_path / "data") as engine:
        assert engine.collection("c").count() == 100


LEAVES_WHILE_THREADS_WORK = """
import threading, time, numpy as np, sextant
engine = sextant.Engine()
collection = engine.create_collection("c", 8)
collection.insert(np.random.rand(5000, 8))
def work():
    while True:
        collection.search(np.random.rand(100, 8), 10, params={"exact": True})
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
"""


def test_interpreter_may_end_while_daemon_threads_search(run_python) -> None:
    run_python(LEAVES_WHILE_THREADS_WORK)


FORKS = """
import os, sys, sextant
before = os.fork()
if before == 0:  # forked before any engine: it may open one
    engine = sextant.Engine(sys.argv[1] + "/child")
    engine.create_collection("c", 8)
    sys.exit(0)
engine = sextant.Engine(sys.argv[1] + "/parent")
engine.create_collection("c", 8)
client = sextant.QdrantClient(engine=engine)
after = os.fork()
if after == 0:
    for call in (lambda: engine.collections(), client.get_collections, lambda: sextant.Engine()):
        try:
            call()
        except Exception as error:
            print(error)
    client.close()
    engine.close()
    sys.exit(0)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in (before, after)]
engine.create_collection("d", 8)
print(codes, engine.collections())
"""


def test_forks(tmp_path: Path, run_python) -> None:
    told = run_python(FORKS, tmp_path).splitlines()
    assert told[-1] == "[0, 0] ['c', 'd']"
    assert len(told) == 4 and all("fork" in line for line in told[:3]), told


def test_close_waits_for_running_calls() -> None:
    import sextant

    engine = sextant.Engine()
    collection = engine.create_collection("c", DIM)
    collection.insert(vectors(20_000))
    outcomes = []

    def search() -> None:
        try:
            while True:
                collection.search(vectors(300), 5, params={"exact": True})
                outcomes.append("found")
        except RuntimeError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    while len(outcomes) < 3:
        pass
    engine.close()
    for thread in threads:
        thread.join()
    assert outcomes.count("this engine is closed") == 3


def test_requests_of_the_rest_interface() -> None:
    import sextant

    with sextant.Engine() as engine:
        answer = engine.request("GET", "/")
        assert answer.status == 200 and json.loads(answer.body)["version"]
        assert engine.request("PUT", "/collections/c", b"{").status == 400
        with pytest.raises(sextant.SextantError, match="doesn't exist") as absent:
            engine.collection("c")
        assert absent.value.status == 404
        assert repr(engine) == "<sextant.Engine in memory>"
    assert repr(engine) == "<sextant.Engine in memory, closed>"
    with pytest.raises(RuntimeError, match="closed"):
        engine.collections()
    assert sextant.version().count(".") == 2
    with pytest.raises(ValueError, match="loud"):
        sextant.set_log_level("loud")


def local_store(path: Path) -> dict[str, list]:
    """What the local mode of the official client writes."""
    client = qdrant_client.QdrantClient(path=str(path))
    client.create_collection(
        "texts",
        vectors_config={"a": models.VectorParams(size=DIM, distance=models.Distance.COSINE)},
        sparse_vectors_config={"s": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    points = [
        models.PointStruct(
            id=row,
            vector={"a": vector, "s": models.SparseVector(indices=[row % 7, 10], values=[1.0, 2.0])},
            payload={"row": row, "nested": {"list": [row, None]}},
        )
        for row, vector in enumerate(vectors(300).tolist())
    ]
    client.upsert("texts", points=points)
    client.create_collection("empty", vectors_config=models.VectorParams(size=2, distance=models.Distance.EUCLID))
    creation = models.CreateAlias(collection_name="texts", alias_name="words")
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=creation)])
    records, _ = client.scroll("texts", limit=1000, with_payload=True, with_vectors=True)
    client.close()
    return {"texts": records}


def test_stores_of_local_mode_are_recognised_and_imported(tmp_path: Path) -> None:
    import sextant

    expected = local_store(tmp_path / "local")["texts"]
    with pytest.raises(sextant.LocalStoreError, match="import_local_store"):
        sextant.QdrantClient(path=str(tmp_path / "local"))
    with pytest.raises(ValueError, match="no meta.json"):
        sextant.import_local_store(tmp_path / "nothing", tmp_path / "x")
    with contextlib.closing(sextant.import_local_store(tmp_path / "local", tmp_path / "data")) as client:
        assert {entry.name for entry in client.get_collections().collections} == {"texts", "empty"}
        records, _ = client.scroll("words", limit=1000, with_payload=True, with_vectors=True)
    assert [record.id for record in records] == [record.id for record in expected]
    for ours, theirs in zip(records, expected, strict=True):
        assert ours.payload == theirs.payload
        np.testing.assert_allclose(ours.vector["a"], theirs.vector["a"], rtol=1e-5, atol=1e-6)
        assert ours.vector["s"] == theirs.vector["s"]
    with contextlib.closing(qdrant_client.QdrantClient(path=str(tmp_path / "local"))) as unchanged:
        assert unchanged.count("texts").count == 300
    assert not os.path.exists(tmp_path / "x")
