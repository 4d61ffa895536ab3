"""A damaged shard is named and set aside; nothing of it is deleted; the others are served."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import collections_rest as rest
from datasets import Dataset
from server import Server

DIM, POINTS, GROWING = 32, 1200, 50
# RocksDB's own notes and files that it writes anew at every start: nothing is lost with them.
NOT_DATA = re.compile(r"^(LOG|LOG\.old.*|LOCK|OPTIONS-.*|IDENTITY|\.lock)$")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(data)


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


DAMAGES: dict[str, Callable[[Path], None]] = {"flipped": flip, "truncated": truncate, "removed": Path.unlink}


def kind_of(path: Path) -> str:
    """Files of one kind differ in their numbers only."""
    return re.sub(r"\d+", "N", path.name)


def files_below(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def load(server: Server, name: str, vectors: np.ndarray) -> None:
    rest.create(server, name, DIM, optimizers_config={"indexing_threshold": 50, "default_segment_number": 1})
    payloads = [{"n": point} for point in range(len(vectors))]
    rest.upsert(server, name, list(range(len(vectors)))[:-GROWING], vectors[:-GROWING], payloads[:-GROWING])
    rest.create_index(server, name, "n", "integer")
    rest.wait_until_optimized(server, name)
    rest.upsert(server, name, list(range(len(vectors)))[-GROWING:], vectors[-GROWING:], payloads[-GROWING:])


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, sample: Dataset) -> tuple[Path, str]:
    """A stopped server's storage with two collections, and the directory of the one to be damaged."""
    directory = tmp_path_factory.mktemp("pristine")
    storage = directory / "storage"
    server = Server(directory, storage).start()
    vectors = sample.vectors[:POINTS, :DIM]
    load(server, "intact", vectors)
    before = {path for path in (storage / "collections").iterdir()}
    load(server, "victim", vectors)
    (victim,) = set((storage / "collections").iterdir()) - before
    # A restart moves what was in the log into tables, so that both kinds of file hold data; then a few more writes.
    server.restart()
    rest.upsert(server, "victim", [10_000], vectors[:1], [{"n": 10_000}])
    server.kill()
    return storage, str(victim.relative_to(storage))


def answers(server: Server, name: str) -> list[str]:
    """Everything the collection says, or the error it gives."""
    calls = [
        ("GET", "", None),
        ("POST", "/points/count", {"exact": True}),
        ("POST", "/points/scroll", {"limit": 2 * POINTS, "with_payload": True, "with_vector": True}),
        ("POST", "/points/query", {"query": [1.0] * DIM, "limit": POINTS, "params": {"exact": True}}),
        ("POST", "/points/query", {"query": [1.0] * DIM, "limit": 10}),
        ("POST", "/points/count", {"filter": {"must": [{"key": "n", "range": {"lt": 100}}]}}),
    ]
    said = []
    for method, path, body in calls:
        response = server.call(method, f"/collections/{name}{path}", body)
        if response.status_code != 200:
            return [response.json()["status"]["error"]]
        if method == "POST":  # the info's counters of queues and segments may move
            said.append(str(response.json()["result"]))
    return said


def kinds(directory: Path) -> list[Path]:
    """One file of each kind; the largest, so that it holds something."""
    found: dict[str, Path] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not NOT_DATA.match(path.name) and path.stat().st_size > 0:
            known = found.get(kind_of(path))
            if known is None or path.stat().st_size > known.stat().st_size:
                found[kind_of(path)] = path
    return list(found.values())


def check_set_aside(server: Server, target: Path) -> None:
    said = answers(server, "victim")
    assert len(said) == 1, f"damage to {target.name} went unnoticed"
    name = target.name
    if not target.exists():
        # RocksDB looks for a missing table under an older suffix too, and does not know the name of a missing log.
        name = str(target.parent) if target.suffix == ".log" else target.stem
    for text in (said[0], server.log_tail(200)):
        assert "victim" in text and name in text, text
    assert "victim" in [entry["name"] for entry in server.ask("GET", "/collections")["collections"]]


def check_damage(server: Server, target: Path, damage: Callable[[Path], None], healthy: dict[str, list[str]]) -> None:
    original = target.read_bytes()
    damage(target)
    shard = target.parent
    while not (shard / "segments").is_dir():
        shard = shard.parent
    segments = files_below(shard / "segments")
    server.start()
    assert answers(server, "intact") == healthy["intact"], "the other collection suffers"
    check_set_aside(server, target)
    server.kill()
    assert files_below(shard / "segments") == segments, "files of the damaged shard were touched"
    # Nothing is lost: with the one file back, everything is there.
    target.write_bytes(original)
    server.start()
    assert answers(server, "victim") == healthy["victim"]
    server.kill()


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_kind_of_file(pristine: tuple[Path, str], make_server, tmp_path: Path, damage: str) -> None:
    storage, victim = pristine
    server = make_server(storage=shutil.copytree(storage, tmp_path / "healthy")).start()
    healthy = {name: answers(server, name) for name in ("intact", "victim")}
    assert len(healthy["victim"]) > 1
    server.stop()
    problems = []
    for number, original in enumerate(kinds(storage / victim)):
        copy = shutil.copytree(storage, tmp_path / f"copy-{number}")
        server = make_server(storage=copy)
        try:
            check_damage(server, copy / original.relative_to(storage), DAMAGES[damage], healthy)
        except AssertionError as problem:
            problems.append(f"{original.relative_to(storage / victim)} {damage}: {problem}")
        if server.running():
            server.kill()
        shutil.rmtree(copy)
    assert not problems, "\n".join(problems)
