"""The coverage table of the API: which test uses each cell, and which cells are allowed to be empty."""

from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

EXCEPTIONS = Path(__file__).resolve().parent / "not_covered.txt"
# Set in conftest.py: whether all files of tests were collected, and nothing chosen among them by name.
WHOLE_RUN = pytest.StashKey[bool]()


def read_exceptions() -> list[tuple[str, str]]:
    """(pattern of cells, reason), one a line, as `pattern | reason`."""
    lines = [line for line in EXCEPTIONS.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(part.strip() for part in line.split(" | ", 1)) for line in lines]


def exception(cell: str, exceptions: list[tuple[str, str]]) -> str | None:
    return next((reason for pattern, reason in exceptions if fnmatchcase(cell, pattern)), None)


def judge(
    sections: dict[str, list[str]], used: Collection[str], exceptions: list[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """The empty cells without a reason, and the patterns of exceptions that no empty cell needs."""
    empty = [cell for cells in sections.values() for cell in cells if cell not in used]
    unexplained = [cell for cell in empty if exception(cell, exceptions) is None]
    idle = [pattern for pattern, _ in exceptions if not any(fnmatchcase(cell, pattern) for cell in empty)]
    return unexplained, idle


def table(sections: dict[str, list[str]], tests: dict[str, str], exceptions: list[tuple[str, str]]) -> str:
    """Markdown; a cell that no test uses tells why, or that it is empty."""
    lines = [
        "# What the tests use of the API",
        "",
        "Made by `scripts/api_coverage.py` after a run of `./test`; `tests/contract` keeps the table without empty cells.",
        "Each line is something that a request over REST may have, with the first test whose request had it and succeeded.",
        "",
    ]
    for section, cells in sections.items():
        lines += [f"## {section}", "", "| cell | test |", "|---|---|"]
        for cell in cells:
            reason = exception(cell, exceptions)
            shown = tests.get(cell) or (f"– {reason}" if reason else "**none**")
            lines.append(f"| `{cell}` | {shown} |")
        lines.append("")
    return "\n".join(lines)
