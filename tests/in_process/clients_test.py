"""The official client, synchronous and asynchronous, on the engine inside this process."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import qdrant_client
from qdrant_client import models

import user_story
from server import ROOT

SCENARIO = ROOT / "tests" / "clients" / "python" / "scenario.py"
DIM = 16


def vectors(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)


def config() -> dict:
    return {"vectors_config": models.VectorParams(size=DIM, distance=models.Distance.COSINE)}


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("where", ["memory", "path"])
def test_scenario_of_the_clients(package: Path, tmp_path: Path, kind: str, where: str) -> None:
    """The program that every official client runs against the server, with its local mode replaced."""
    location = ":memory:" if where == "memory" else str(tmp_path / "data")
    command = [sys.executable, "-m", "sextant", SCENARIO, location, "0", "0", "scenario", "sparse,multi"]
    command += ["--async"] * (kind == "async")
    done = subprocess.run(command, env={"PYTHONPATH": str(package)}, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert {"upsert_conditionally", "query_by_formula", "matrix", "drop"} <= set(done.stdout.split())


@pytest.mark.parametrize("where", ["memory", "path"])
def test_story(tmp_path: Path, where: str) -> None:
    from sextant import QdrantClient

    data = vectors(3000), vectors(20, 1)
    client = QdrantClient(":memory:") if where == "memory" else QdrantClient(path=str(tmp_path / "data"))
    user_story.create_collections(client, DIM)
    user_story.load(client, data[0])
    answers = user_story.search_everything(client, data[1])
    unit = [values / np.linalg.norm(values, axis=1, keepdims=True) for values in data]
    allowed = np.array([p for p in range(3000) if p % user_story.USERS == user_story.FILTERED_USER and p % 3 != 0])
    for name, searches in answers.items():
        for kind, candidates in (("plain", np.arange(3000)), ("filtered", allowed)):
            exact = [candidates[np.argsort(-unit[0][candidates] @ query)[:10]] for query in unit[1]]
            found = [np.intersect1d(a, b).size / 10 for a, b in zip(exact, searches[kind], strict=True)]
            assert np.mean(found) >= 0.95, (name, kind)
    edits = user_story.edit(client)
    assert edits["unpublished"]["is_published"] is False and edits["deleted"] == 0
    client.close()


def test_is_the_official_client() -> None:
    from sextant import AsyncQdrantClient, QdrantClient

    assert issubclass(QdrantClient, qdrant_client.QdrantClient)
    assert issubclass(AsyncQdrantClient, qdrant_client.AsyncQdrantClient)
    remote = QdrantClient(url="http://127.0.0.1:1", check_compatibility=False)
    assert remote.engine is None
    with pytest.raises(qdrant_client.http.exceptions.ResponseHandlingException):
        remote.get_collections()
    with pytest.raises(ValueError, match="only one of"):
        QdrantClient(":memory:", path="x")


def test_errors_are_those_of_the_rest_interface() -> None:
    from qdrant_client.http.exceptions import UnexpectedResponse

    from sextant import QdrantClient

    client = QdrantClient(":memory:")
    with pytest.raises(UnexpectedResponse) as absent:
        client.count("absent")
    assert absent.value.status_code == 404
    client.create_collection("c", **config())
    with pytest.raises(UnexpectedResponse) as narrow:
        client.upsert("c", points=[models.PointStruct(id=1, vector=[1.0])])
    assert narrow.value.status_code == 400 and b"expected dim: 16, got 1" in narrow.value.content
    with pytest.raises(NotImplementedError, match="gRPC"):
        _ = client.grpc_points
    client.close()
    with pytest.raises(Exception, match="closed"):
        client.get_collections()


def test_plain_points_go_as_arrays_and_the_others_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    from sextant import Engine, QdrantClient

    client = QdrantClient(":memory:")
    client.create_collection("c", **config())
    sent = []
    request = Engine.request
    monkeypatch.setattr(Engine, "request", lambda *call: sent.append(call[1:3]) or request(*call))
    data = vectors(3000)
    plain = [
        models.PointStruct(id=i, vector=row, payload={"row": i, "no": None}) for i, row in enumerate(data.tolist())
    ]
    client.upload_points("c", points=iter(plain), wait=True)
    first = client.upsert("c", points=plain)
    second = client.upsert("c", points=models.Batch(ids=[1, 2], vectors=data[:2].tolist(), payloads=[{"row": 1}, {}]))
    client.upload_collection(
        "c", vectors=data, ids=range(3000, 6000), wait=True, payload=({"row": i} for i in range(3000))
    )
    assert sent == []
    assert first.status == models.UpdateStatus.COMPLETED and second.operation_id == first.operation_id + 1
    assert client.retrieve("c", [7, 2, 5999])[0].payload == {"row": 7, "no": None}
    assert [record.payload for record in client.retrieve("c", [1, 2, 5999])] == [{"row": 1}, {}, {"row": 2999}]
    absent = models.Filter(must=[models.HasIdCondition(has_id=[0])])
    client.upsert("c", points=plain[:2], update_filter=absent)
    client.upsert(
        "c", points=[*plain[:1], models.PointStruct(id="550e8400-e29b-41d4-a716-446655440000", vector=[1.0] * DIM)]
    )
    client.upsert("c", points=plain[:1], wait=False)
    assert len([call for call in sent if call[0] == "PUT"]) == 3


def test_texts_among_plain_points_are_embedded_as_ever() -> None:
    from sextant import QdrantClient

    client = QdrantClient(":memory:")
    client.create_collection("c", **config())
    text = models.Document(text="a text", model="sentence-transformers/all-MiniLM-L6-v2")
    plain = models.PointStruct(id=1, vector=vectors(1)[0].tolist())
    for vector in (text, {"": text}):
        with pytest.raises(Exception, match="fastembed"):
            client.upsert("c", points=[plain, models.PointStruct(id=2, vector=vector)])
        with pytest.raises(Exception, match="fastembed"):
            client.upload_points("c", points=[models.PointStruct(id=2, vector=vector)], wait=True)
    assert client.count("c").count == 0


def test_a_refused_upsert_writes_nothing(tmp_path: Path) -> None:
    from sextant import QdrantClient

    client = QdrantClient(":memory:")
    client.create_collection("c", **config())
    points = [models.PointStruct(id=i, vector=row) for i, row in enumerate(vectors(3000).tolist())]
    for wrong in ([float("nan")] * DIM, [1.0] * (DIM - 1), [1e300] * DIM):
        points[2999] = models.PointStruct(id=2999, vector=wrong)
        with pytest.raises(Exception):  # noqa: B017 (of JSON, of the client or of the engine)
            client.upsert("c", points=points)
        assert client.count("c").count == 0


@pytest.mark.parametrize("parallel", [1, 3])
def test_uploads_in_parallel(parallel: int) -> None:
    from sextant import QdrantClient

    client = QdrantClient(":memory:")
    client.create_collection("c", **config())
    data = vectors(1000)
    payload = ({"row": row} for row in range(1000))
    client.upload_collection("c", vectors=data, payload=payload, ids=range(1000), parallel=parallel, wait=True)
    assert client.count("c").count == 1000
    points = (models.PointStruct(id=row + 1000, vector=data[row].tolist()) for row in range(1000))
    client.upload_points("c", points, parallel=parallel, wait=True)
    assert client.count("c").count == 2000
    assert client.retrieve("c", [999])[0].payload == {"row": 999}
    with pytest.raises(Exception, match="expected dim"):
        client.upload_collection("c", vectors=data[:, :3], parallel=parallel, wait=True, max_retries=0)


def test_an_engine_has_many_clients() -> None:
    import sextant

    engine = sextant.Engine()
    with contextlib.closing(engine.client()) as one:
        one.create_collection("c", **config())
    other = engine.client()

    async def upload() -> int:
        client = engine.async_client()
        points = [models.PointStruct(id=1, vector=[1.0] * DIM)]
        await asyncio.gather(*(client.upsert("c", points=points, wait=True) for _ in range(20)))
        count = (await client.count("c")).count
        await client.close()
        return count

    assert asyncio.run(upload()) == 1
    engine.close()
    assert other.count("c").count == 1  # it keeps the engine open
    other.close()


def test_the_event_loop_goes_on_meanwhile() -> None:
    from sextant import AsyncQdrantClient

    async def ticks() -> int:
        client = AsyncQdrantClient(":memory:")
        await client.create_collection("c", **config())
        points = [models.PointStruct(id=i, vector=row) for i, row in enumerate(vectors(3000).tolist())]
        upload = asyncio.ensure_future(client.upsert("c", points=points, wait=True))
        count = 0
        while not upload.done():
            await asyncio.sleep(0.0005)
            count += 1
        await client.close()
        return count

    assert asyncio.run(ticks()) >= 5


def test_threads_share_a_client() -> None:
    from sextant import QdrantClient

    client = QdrantClient(":memory:")
    client.create_collection("c", **config())
    data = vectors(400)
    failures = []

    def work(begin: int) -> None:
        try:
            for row in range(begin, begin + 100):
                client.upsert("c", points=[models.PointStruct(id=row, vector=data[row].tolist())], wait=True)
                assert client.query_points("c", query=data[row].tolist(), limit=1).points[0].id == row
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    assert client.count("c").count == 400


def test_replaces_local_mode_for_others() -> None:
    import sextant

    with sextant.replace_local_mode():
        client = qdrant_client.QdrantClient(":memory:")
        client.create_collection("c", **config())
        assert client.get_collection("c").config.params.vectors.size == DIM
        assert type(client._client).__module__ == "sextant.local_mode"
        client.close()
    assert type(qdrant_client.QdrantClient(":memory:")._client).__name__ == "QdrantLocal"
