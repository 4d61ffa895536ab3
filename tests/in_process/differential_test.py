"""The data plane's random operations, on the engine inside this process and on local mode."""

import pytest

from differential.spaces import SPACES
from differential.twins import Twins, run

QUICK_OPS, LONG_OPS = 1_200, 20_000


@pytest.mark.parametrize("kind", SPACES)
def test_answers_as_local_mode(seed: int, kind: str, request: pytest.FixtureRequest) -> None:
    from sextant import QdrantClient

    operations = request.config.getoption("--ops") or QUICK_OPS // len(SPACES)
    twins = Twins(QdrantClient(":memory:"), f"in-process-{kind}", SPACES[kind])
    run(twins, SPACES[kind], seed, operations)
    twins.close()


@pytest.mark.full
@pytest.mark.parametrize("kind", SPACES)
def test_answers_as_local_mode_for_long(seed: int, kind: str, request: pytest.FixtureRequest, tmp_path) -> None:
    from sextant import QdrantClient

    operations = request.config.getoption("--ops") or LONG_OPS // len(SPACES)
    twins = Twins(QdrantClient(path=str(tmp_path / "data")), f"long-in-process-{kind}", SPACES[kind])
    run(twins, SPACES[kind], seed + 2, operations)
    twins.close()
