"""What the check scripts share: which files are ours, and the code of a file without comments and strings."""

import argparse
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ("src", "bench", "fuzz", "python", "tests", "scripts")
CPP_SUFFIXES = (".h", ".cc")


def parse_root(description: str) -> Path:
    """The tree to check: this one, or the one a self-test made."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to check (default: this one)")
    return parser.parse_args().root.resolve()


def our_files(root: Path) -> list[Path]:
    """Every file below our folders, without what tools leave behind."""
    found = []
    for folder in OURS:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts)
            if path.is_file() and not hidden:
                found.append(path)
    return found


def cpp_files(root: Path, folders: tuple[str, ...] = ("src", "bench", "fuzz")) -> list[Path]:
    return [
        path
        for path in our_files(root)
        if path.suffix in CPP_SUFFIXES and path.relative_to(root).parts[0] in folders
    ]


_COMMENT_OR_LITERAL = re.compile(
    r"""
      //[^\n]*                                  # line comment
    | /\*.*?\*/                                 # block comment
    | R"(?P<tag>[^()\\\s]*)\(.*?\)(?P=tag)"     # raw string
    | "(?:\\.|[^"\\\n])*"                       # string
    | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'      # character (not the quote inside 1'000)
    """,
    re.VERBOSE | re.DOTALL,
)


def _blank(match: re.Match) -> str:
    text = match.group(0)
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    return '"' + re.sub(r"[^\n]", "_", text[1:-1]) + '"'


def code_only(text: str) -> str:
    """`text` with comments and the insides of literals blanked; line numbers stay."""
    return _COMMENT_OR_LITERAL.sub(_blank, text)


def report(problems: list[str], what: str) -> int:
    """Prints the problems; the exit code of a check."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s) with {what}")
    return 1 if problems else 0
