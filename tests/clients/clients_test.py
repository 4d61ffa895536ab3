"""The scenario of README.md through the official clients of each language, and old versions of the Python one."""

import re
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

from clients.environments import BUILD_TIMEOUT_S, INTEGRATIONS, PYTHON_VERSIONS, WORKSPACES, python_with, run
from server import Server

SOURCES = Path(__file__).resolve().parent
PYTHON_SCENARIO = SOURCES / "python" / "scenario.py"
# What the server has beside dense vectors: a scenario tries no other kinds.
KINDS = "sparse,multi"


def scenario(server: Server, name: str) -> list[str]:
    """The arguments of every program; each run takes a collection of its own."""
    return ["127.0.0.1", str(server.port), str(server.grpc_port), re.sub(r"\W", "-", name), KINDS]


def workspace(language: str) -> Path:
    """A copy of a program's sources where its tools may leave what they make."""
    made = WORKSPACES / language
    shutil.copytree(SOURCES / language, made, dirs_exist_ok=True)
    return made


def need(tool: str, *version: str, least: tuple[int, int] = (0, 0)) -> str:
    """The path of a tool, which tells its version when `version` is added; what the clients cannot use is skipped."""
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed (scripts/install_dependencies full)")
    if version:
        told = re.search(r"(\d+)\.(\d+)", run([found, *version]))
        if (int(told[1]), int(told[2])) < least:
            pytest.skip(f"{tool} {told[0]} is too old for the official client: {least[0]}.{least[1]} would do")
    return found


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("transport", ["rest", "grpc"])
def test_python(server: Server, transport: str, kind: str) -> None:
    options = [f"--{option}" for option in (transport, kind) if option in ("grpc", "async")]
    steps = run([sys.executable, PYTHON_SCENARIO, *scenario(server, f"python-{transport}-{kind}"), *options])
    assert {"upsert_conditionally", "query_by_formula", "matrix", "drop"} <= set(steps.split())


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("transport", ["rest", "grpc"])
@pytest.mark.parametrize("version", PYTHON_VERSIONS)
def test_older_python(server: Server, version: str, transport: str, kind: str) -> None:
    options = [f"--{option}" for option in (transport, kind) if option in ("grpc", "async")]
    python = python_with(f"qdrant-client=={version}", "numpy==2.4.6")
    steps = run([python, PYTHON_SCENARIO, *scenario(server, f"{version}-{transport}-{kind}"), *options])
    assert steps.split()[-1] == "drop"


@cache
def javascript() -> tuple[Path, Path]:
    """The folder of the programs, and the Node.js that the clients ask for, which comes as a package too."""
    npm = need("npm")
    made = workspace("javascript")
    run([npm, "ci", "--no-audit", "--no-fund"], made, BUILD_TIMEOUT_S)
    return made, made / "node_modules" / ".bin" / "node"


@pytest.mark.full
@pytest.mark.parametrize("program", ["rest", "rest_1_18", "grpc"])
def test_javascript(server: Server, program: str) -> None:
    made, node = javascript()
    run([node, f"{program}.js", *scenario(server, f"javascript-{program}")], made)


@pytest.mark.full
def test_rust(server: Server) -> None:
    cargo = need("cargo", "--version", least=(1, 85))
    made = workspace("rust")
    run([cargo, "build", "--quiet"], made, BUILD_TIMEOUT_S)
    run([made / "target" / "debug" / "scenario", *scenario(server, "rust")], made)


@pytest.mark.full
def test_go(server: Server) -> None:
    go = need("go", "version", least=(1, 24))
    made = workspace("go")
    run([go, "build", "-o", "scenario", "."], made, BUILD_TIMEOUT_S)
    run([made / "scenario", *scenario(server, "go")], made)


@pytest.mark.full
def test_java(server: Server) -> None:
    maven = need("mvn")
    made = workspace("java")
    run([maven, "--quiet", "--batch-mode", "compile", "dependency:copy-dependencies"], made, BUILD_TIMEOUT_S)
    classes = f"{made / 'target' / 'classes'}:{made / 'target' / 'dependency'}/*"
    run([need("java"), "-cp", classes, "Scenario", *scenario(server, "java")], made)


@pytest.mark.full
@pytest.mark.parametrize(("package", "script"), INTEGRATIONS)
def test_integrations(server: Server, package: str, script: str) -> None:
    python = python_with(package, "qdrant-client==1.20.0", "numpy==2.4.6")
    run([python, SOURCES / "integrations" / script, server.url, script.removesuffix(".py")])
