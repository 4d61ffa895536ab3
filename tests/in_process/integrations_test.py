"""Older clients, and libraries that make or take a client, with the engine inside their process."""

from pathlib import Path

import pytest

from clients.environments import INTEGRATIONS, PYTHON_VERSIONS, python_with, run
from server import ROOT

CLIENTS = ROOT / "tests" / "clients"
NEWEST = ("qdrant-client==1.20.0", "numpy==2.4.6")


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("version", PYTHON_VERSIONS)
def test_older_clients(package: Path, version: str, kind: str) -> None:
    python = python_with(f"qdrant-client=={version}", "numpy==2.4.6")
    program = [CLIENTS / "python" / "scenario.py", ":memory:", "0", "0", "scenario", "sparse,multi"]
    options = ["--async"] * (kind == "async")
    steps = run([python, "-m", "sextant", *program, *options], PYTHONPATH=str(package))
    assert steps.split()[-1] == "drop"


@pytest.mark.full
@pytest.mark.parametrize(("requirement", "script"), INTEGRATIONS)
def test_integrations(package: Path, tmp_path: Path, requirement: str, script: str) -> None:
    python = python_with(requirement, *NEWEST)
    program = [CLIENTS / "integrations" / script, tmp_path / "data", "texts"]
    run([python, "-m", "sextant", *program], PYTHONPATH=str(package))


@pytest.mark.full
def test_mcp_server(package: Path, tmp_path: Path) -> None:
    python = python_with("mcp-server-qdrant==0.8.1")
    program = [CLIENTS / "integrations" / "mcp_server.py", tmp_path / "data", "texts"]
    run([python, "-m", "sextant", *program], PYTHONPATH=str(package))
