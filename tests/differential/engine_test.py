"""Random operations on the server and on the reference's own engine, from its package, must answer the same."""

import importlib
import math
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel, ValidationError
from qdrant_client import models

from differential.engine import Engine
from differential.operations import Limits, Operation
from differential.spaces import ROUNDED, SPACES
from differential.twins import Twins, run
from server import ROOT, Server

PACKAGE, VERSION = "qdrant-edge-py", "0.9.0"
DIRECTORY = ROOT / "build" / f"{PACKAGE}-{VERSION}"
LONG_REQUESTS = 20_000
KINDS = {**SPACES, "rounded": ROUNDED}
# Where the package is allowed to differ, why, and how the operations keep away from it.
DIVERGENCES = [
    ("the count of documents of an IDF without a corpus", "the package goes on counting deleted points; the server, as"
     " local mode, counts those that live", "each query names a corpus, often that of all"),
    ("a sparse vector that is deleted and set again", "the package adds what the deleted one held to its scores", "no"
     " deletions of sparse vectors"),
    ("maximal marginal relevance among sparse vectors", "the package finds no distance for them and fails", "not asked"),
    ("a page in the order of a field with several values in a point", "the package's page is short by the values that"
     " are equal in one point", "its pages are asked for longer and cut"),
    ("a box across the 180th meridian, of an indexed field", "the package does not find all points where both ends lie in"
     " one cell of its index", "see can_be_asked"),
    ("True and False in a match", "the package takes them for the numbers 1 and 0", "see can_be_asked"),
    ("a formula over an indexed field with a value that its index does not hold", "the package takes the default, the"
     " server refuses a value of the wrong type", "see can_be_asked"),
]  # fmt: skip
# What the package has not, as it holds one shard and no collections.
WITHOUT = {"query_points_groups", "search_matrix_offsets"}


def parts(value: object) -> Iterator[object]:
    """Everything inside the arguments of an operation."""
    yield value
    if isinstance(value, BaseModel):
        value = vars(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from parts(one)


def variables(expression: object) -> Iterator[str]:
    """The names in a formula, but for those in its conditions."""
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, BaseModel) and not isinstance(expression, (models.FieldCondition, models.Filter)):
        expression = list(vars(expression).values())
    if isinstance(expression, list):
        for one in expression:
            yield from variables(one)


def can_be_asked(operation: Operation, indexed: set[str]) -> bool:
    """Whether both sides must answer alike; `indexed` are the fields with an index."""

    def differs(part: object) -> bool:
        if isinstance(part, models.GeoDistance):
            return part.geo_distance.to in indexed
        if isinstance(part, models.FieldCondition) and part.geo_bounding_box and part.key in indexed:
            return part.geo_bounding_box.top_left.lon > part.geo_bounding_box.bottom_right.lon
        if isinstance(part, models.FormulaQuery):
            return not indexed.isdisjoint(variables(part.formula))
        return isinstance(part, models.MatchValue) and isinstance(part.value, bool)

    return operation.method not in WITHOUT and not any(map(differs, parts(operation.arguments)))


@cache
def package() -> ModuleType:
    """Installed in a folder of its own: it is no part of the environment of the tests."""
    if not (DIRECTORY / "qdrant_edge").is_dir():
        target = ["--target", DIRECTORY, "--no-deps", "--quiet", "--disable-pip-version-check"]
        subprocess.run([sys.executable, "-m", "pip", "install", *target, f"{PACKAGE}=={VERSION}"], check=True)
    sys.path.append(str(DIRECTORY))
    return importlib.import_module("qdrant_edge")


class EngineTwins(Twins):
    """The engine in the place of local mode."""

    limits = Limits(diverse_sparse=False, global_idf=False, sparse_deletions=False)

    def __init__(self, server: Server, name: str, kind: str, directory: Path):
        super().__init__(server.client(), name, KINDS[kind])
        self.local.close()
        self.local = Engine(package(), directory, KINDS[kind])
        self.indexed: set[str] = set()

    def call(self, client: object, operation: Operation) -> tuple[object, Exception | None]:
        answer, error = super().call(client, operation)
        if client is self.local and isinstance(error, (AttributeError, TypeError, KeyError, ValidationError)):
            raise error  # not the engine's
        return answer, error

    def comparable(self, operation: Operation) -> bool:
        return can_be_asked(operation, self.indexed)

    def apply(self, operation: Operation) -> None:
        super().apply(operation)
        if operation.method == "create_payload_index":
            self.indexed.add(operation.arguments["field_name"])
        elif operation.method == "delete_payload_index":
            self.indexed.discard(operation.arguments["field_name"])


def compare(server: Server, directory: Path, seed: int, kind: str, requests: int) -> None:
    twins = EngineTwins(server, f"engine-{kind}-{requests}", kind, directory)
    run(twins, KINDS[kind], seed, requests)
    twins.close()


@pytest.mark.parametrize("kind", KINDS)
def test_answers_as_the_engine(
    server: Server, seed: int, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    total = request.config.getoption("--engine-requests")
    compare(server, tmp_path, seed, kind, math.ceil(total / len(KINDS)))


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_answers_as_the_engine_for_long(server: Server, seed: int, kind: str, tmp_path: Path) -> None:
    compare(server, tmp_path, seed + 1, kind, LONG_REQUESTS // len(KINDS))
