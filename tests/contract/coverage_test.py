"""Every operation, parameter, condition and kind of query of the API is used by some test of the whole quick run."""

import pytest

from contract import coverage
from contract.record import Record


def test_no_cell_is_empty(api_record: Record, request: pytest.FixtureRequest) -> None:
    if not request.config.stash[coverage.WHOLE_RUN]:
        pytest.skip("only a run of all test files can tell")
    exceptions = coverage.read_exceptions()
    empty, idle = coverage.judge(api_record.cells.sections(), api_record.tests.keys(), exceptions)
    assert not empty, f"no test uses {len(empty)} cells; the first are {empty[:20]} ({coverage.EXCEPTIONS} lists the others)"
    assert not idle, f"{coverage.EXCEPTIONS}: no empty cell is like {idle}: take them out"


def test_exceptions_are_judged() -> None:
    sections = {"A": ["A.one", "A.two"], "B": ["B: C"]}
    exceptions = [("A.*", "later"), ("D", "never")]
    assert coverage.judge(sections, {"A.one"}, exceptions) == (["B: C"], ["D"])
    assert coverage.judge(sections, {"A.one", "A.two", "B: C"}, exceptions) == ([], ["A.*", "D"])
