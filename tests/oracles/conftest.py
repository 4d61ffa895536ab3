"""What the oracle tests share."""

import pytest

import datasets


@pytest.fixture(scope="module")
def texts(request: pytest.FixtureRequest) -> list[str]:
    """As many descriptions of the Debian data set, evenly spread over it, as the module's TEXTS says."""
    if not datasets.DEBIAN_DIRECTORY.is_dir():
        pytest.skip(f"the Debian data set, which has texts, is not at {datasets.DEBIAN_DIRECTORY}")
    lines = datasets.read_payloads(datasets.DEBIAN_DIRECTORY / "payload.jsonl.zst")
    count = request.module.TEXTS
    step = len(lines) // count
    return [line["text"] for line in lines[: count * step : step]]
