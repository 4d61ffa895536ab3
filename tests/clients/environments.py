"""Python environments with packages of the tests' choice, kept between runs, and programs run in them."""

import os
import subprocess
import venv
from functools import cache
from pathlib import Path

from server import ROOT

WORKSPACES = ROOT / "build" / "clients"
# The last release of each minor version since 1.7; the newest is in the environment of the tests.
PYTHON_VERSIONS = (ROOT / "tests" / "clients" / "python" / "versions.txt").read_text().split()
BUILD_TIMEOUT_S, RUN_TIMEOUT_S = 1800, 300
# A package, and the program that uses it.
INTEGRATIONS = [
    ("langchain-qdrant==1.1.0", "langchain_store.py"),
    ("llama-index-vector-stores-qdrant==0.10.4", "llama_index_store.py"),
    ("qdrant-haystack==13.1.0", "haystack_store.py"),
]


def run(command: list[str | Path], directory: Path = ROOT, timeout_s: int = RUN_TIMEOUT_S, **environment: str) -> str:
    variables = {**os.environ, **environment}
    done = subprocess.run(command, cwd=directory, env=variables, capture_output=True, text=True, timeout=timeout_s)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@cache
def python_with(*packages: str) -> Path:
    """The interpreter of an environment with these packages, kept between runs."""
    directory = WORKSPACES / packages[0].replace("==", "-")
    python, finished = directory / "bin" / "python", directory / "finished"
    if not finished.exists():
        venv.create(directory, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*install, *packages], timeout_s=BUILD_TIMEOUT_S)
        finished.touch()
    return python
