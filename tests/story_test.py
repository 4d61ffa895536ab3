"""A user's collections and searches, with the newest official client and with one that was never updated."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import datasets
import user_story
from server import ROOT, Server

POINTS, QUERIES = 20_000, 100
CLIENTS = {
    "newest client": Path(sys.executable),
    "client 1.9": ROOT / ".venv" / "client-1.9" / "bin" / "python",
}


@pytest.fixture(scope="module")
def articles() -> dict[str, np.ndarray]:
    """768 dimensions: each vector is two rows of the data set, joined and normalised."""
    data = datasets.load_debian() if datasets.DEBIAN_DIRECTORY.is_dir() else datasets.load_sample()
    random = np.random.default_rng(768)
    left, right = random.integers(len(data.vectors), size=(2, POINTS))
    query_left, query_right = random.integers(len(data.queries), size=(2, QUERIES))
    return {
        "vectors": datasets.normalized(np.hstack([data.vectors[left], data.vectors[right]])),
        "queries": datasets.normalized(np.hstack([data.queries[query_left], data.queries[query_right]])),
    }


def published_articles() -> list[int]:
    """What the two conditions of the story select."""
    payloads = [user_story.payload_of(point) for point in range(POINTS)]
    wanted = {"user_id": user_story.FILTERED_USER, "is_published": True}
    return [point for point, payload in enumerate(payloads) if payload.items() >= wanted.items()]


def recall(articles: dict[str, np.ndarray], returned: list[list[int]], allowed: np.ndarray) -> float:
    shares = []
    for query, ids in zip(articles["queries"], returned, strict=True):
        assert len(ids) == len(set(ids)) == 10
        assert np.isin(ids, allowed).all()
        tenth = np.sort(articles["vectors"][allowed] @ query)[-10]
        shares.append(np.count_nonzero(articles["vectors"][ids] @ query >= tenth - datasets.SCORE_TOLERANCE) / 10)
    return float(np.mean(shares))


def check_searches(articles: dict[str, np.ndarray], answers: dict) -> None:
    everything = np.arange(POINTS)
    published = np.array(published_articles())
    for name, searches in answers["searches"].items():
        assert recall(articles, searches["plain"], everything) >= 0.97, name
        assert recall(articles, searches["ef_256"], everything) >= 0.99, name
        assert recall(articles, searches["filtered"], published) >= 0.97, name


def check_edits(edits: dict) -> None:
    changed = (user_story.UNPUBLISHED, user_story.DELETED)
    left = [point for point in published_articles() if point not in changed]
    assert edits == {
        "unpublished": {**user_story.payload_of(user_story.UNPUBLISHED), "is_published": False},
        "deleted": 0,
        "count": POINTS - 1,
        "filtered_count": len(left),
        "page": left[:5],
        "next": left[5],
    }


@pytest.mark.parametrize("transport", ["rest", "grpc"])
@pytest.mark.parametrize("name", CLIENTS)
def test_the_story_runs_unchanged(name: str, transport: str, articles: dict, make_server, tmp_path: Path) -> None:
    server: Server = make_server().start()
    data, output = tmp_path / "articles.npz", tmp_path / "answers.json"
    np.savez(data, **articles)
    script = ROOT / "tests" / "user_story.py"
    command = [CLIENTS[name], script, server.url, data, output]
    if transport == "grpc":
        command.append(str(server.grpc_port))
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers = json.loads(output.read_text())

    assert answers["collections"] == ["articles_int8", "articles_mmap"]
    assert answers["memmap_threshold"] == 20000
    scalar = answers["quantization"]["scalar"]
    assert (scalar["type"], scalar["always_ram"]) == ("int8", True)
    assert scalar["quantile"] == pytest.approx(0.99)  # a 32-bit number over gRPC
    best = articles["vectors"] @ articles["queries"][0]
    assert answers["first_hit"]["id"] == int(best.argmax())
    assert answers["first_hit"]["score"] == pytest.approx(float(best.max()), abs=1e-5)
    assert answers["first_hit"]["payload"] == user_story.payload_of(int(best.argmax()))
    check_searches(articles, answers)
    check_edits(answers["edits"])
