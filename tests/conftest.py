"""Fixtures and options of the product tests. They need the release build (see ./test)."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import datasets
import memory_limits
from contract import coverage, hooks
from contract.record import Record
from server import Server

# Their assertions tell what they compared, as those of the tests do.
pytest.register_assert_rewrite("differential.compare")

TESTS = Path(__file__).resolve().parent
# Of every quick run, so that what fails there fails again. The long runs take new ones.
DEFAULT_SEED = 261294
SMALL_DISK_BYTES = 96 << 20


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sextant")
    group.addoption("--seed", default=DEFAULT_SEED, help="seed of the random tests: a number, or `new` for a new one")
    group.addoption("--ops", type=int, default=None, help="operations of each differential run")
    group.addoption("--engine-requests", type=int, default=2000, help="requests to compare with the reference's engine")
    group.addoption("--rounds", type=int, default=None, help="kills of each crash test")
    group.addoption("--points", type=int, default=300_000, help="points that are changed at once, and killed meanwhile")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before any is deselected. The test of what all others used comes last."""
    collected = {item.path for item in items}
    chosen = config.option.keyword or any("::" in argument for argument in config.args)
    config.stash[coverage.WHOLE_RUN] = not chosen and set(TESTS.rglob("*_test.py")) <= collected
    items.sort(key=lambda item: item.path.name == "coverage_test.py")


@pytest.fixture(scope="session")
def api_record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Fed by every exchange over REST; a whole run writes down what requests used, for scripts/api_coverage.py."""
    record = Record()
    with pytest.MonkeyPatch.context() as patch:
        hooks.watch(patch, record.see)
        yield record
    if request.config.stash[coverage.WHOLE_RUN]:
        record.write()


@pytest.fixture(autouse=True)
def every_answer_fits_the_schema(api_record: Record) -> Iterator[None]:
    yield
    problems = api_record.take_problems()
    assert not problems, "\n".join(problems[:5])


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Printed with every failing test, so that a run can be repeated with --seed."""
    given = request.config.getoption("--seed")
    return int.from_bytes(os.urandom(4)) if given == "new" else int(given)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed and "seed" in getattr(item, "funcargs", {}):
        report.sections.append(("repeat with", f"--seed {item.funcargs['seed']}"))
    for fixture in getattr(item, "funcargs", {}).values():
        if report.failed and isinstance(fixture, Server):
            report.sections.append(("server log", fixture.log_tail()))


def finish(server: Server) -> None:
    """A server that a test leaves running must still be alive and stop cleanly."""
    if server.process is None:
        return
    died = server.process.poll()
    if died is None:
        code = server.stop()
        assert code == 0, f"the server stopped with {code}:\n{server.log_tail()}"
    else:
        assert died in (0, -9), f"the server died with {died}:\n{server.log_tail()}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One running server, shared by the tests of a file: each uses collections of its own."""
    directory = tmp_path_factory.mktemp("server")
    running = Server(directory, directory / "storage").start()
    yield running
    finish(running)


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers that are not yet started; stops what still runs at the end."""
    made = []

    def make(storage: Path | None = tmp_path / "storage", environment: dict[str, str] | None = None) -> Server:
        directory = tmp_path / f"server-{len(made)}"
        directory.mkdir()
        made.append(Server(directory, storage, environment))
        return made[-1]

    yield make
    for one in made:
        finish(one)


@pytest.fixture
def memory_cgroup() -> Iterator[Path]:
    """An empty memory cgroup of this test's own."""
    with contextlib.ExitStack() as stack:
        try:
            group = stack.enter_context(memory_limits.memory_cgroup())
        except OSError as error:
            pytest.skip(f"no memory cgroup can be made here: {error}")
        yield group


@pytest.fixture(scope="session")
def sample() -> datasets.Dataset:
    return datasets.load_sample()


@pytest.fixture(scope="session")
def debian() -> datasets.Dataset:
    return datasets.load_debian()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    mount = tmp_path / "small"
    mount.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", mount]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)
