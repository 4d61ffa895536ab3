#!/usr/bin/env python3
"""Writes docs/api-coverage.md from what the last run of the tests in tests/ found (run with the tests' environment)."""

import json
import sys

from source_tree import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from contract import coverage, record, schema  # noqa: E402
from contract.cells import Cells  # noqa: E402


def main() -> int:
    if not record.FILE.exists():
        print(f"{record.FILE} is missing: run ./test --only product first")
        return 1
    tests = json.loads(record.FILE.read_text())
    sections = Cells(schema.load()).sections()
    exceptions = coverage.read_exceptions()
    (ROOT / "docs" / "api-coverage.md").write_text(coverage.table(sections, tests, exceptions))
    empty, _ = coverage.judge(sections, tests.keys(), exceptions)
    print(f"{sum(map(len, sections.values()))} cells, {len(tests)} used, {len(empty)} empty without a reason")
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
