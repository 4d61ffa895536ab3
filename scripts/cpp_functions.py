"""Finds the functions of a C++ file: a small scanner of declarations, not a compiler.

It walks namespaces and classes statement by statement and skips what is inside functions and initialisers. That is
exact enough for code in this project's style, and needs no compiler, so it runs in milliseconds.
"""

import re
from dataclasses import dataclass, field

from source_tree import code_only

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|\"_*\"|::|->|[^\s\w]")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.MULTILINE)
OPENING = {"(": ")", "{": "}", "[": "]"}
# Words whose parentheses are not a parameter list.
NOT_A_NAME = {"alignas", "__attribute__", "decltype", "noexcept", "requires", "explicit", "throw", "__declspec"}
NEVER_FUNCTIONS = {"using", "typedef", "static_assert", "friend", "enum", "concept"}


@dataclass
class Function:
    name: str
    line: int  # of the name
    parameters: int
    body_lines: int | None  # between the braces; None for a declaration


@dataclass
class Tokens:
    words: list[str]
    lines: list[int]
    closing: dict[int, int] = field(default_factory=dict)  # index of an opening bracket → of its partner


def tokenize(text: str) -> Tokens:
    code = DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), code_only(text))
    words, lines, line, position = [], [], 1, 0
    for match in TOKEN.finditer(code):
        line += code.count("\n", position, match.start())
        position = match.start()
        words.append(match.group(0))
        lines.append(line)
    tokens = Tokens(words, lines)
    open_brackets = []
    for index, word in enumerate(words):
        if word in OPENING:
            open_brackets.append(index)
        elif word in OPENING.values() and open_brackets:
            tokens.closing[open_brackets.pop()] = index
    return tokens


def skip_angles(words: list[str], index: int, end: int) -> int:
    """The index after the `<...>` that starts at `index`."""
    depth = 0
    while index < end:
        depth += {"<": 1, ">": -1}.get(words[index], 0)
        index += 1
        if depth == 0:
            break
    return index


def count_parameters(words: list[str]) -> int:
    if not words or words == ["void"]:
        return 0
    depth, commas = 0, 0
    for word in words:
        depth += 1 if word in "([{<" else -1 if word in ")]}>" else 0
        commas += word == "," and depth == 0
    return commas + 1


class Scanner:
    def __init__(self, text: str):
        self.tokens = tokenize(text)
        self.functions: list[Function] = []

    def scan(self) -> list[Function]:
        self.scan_scope(0, len(self.tokens.words))
        return self.functions

    def scan_scope(self, index: int, end: int) -> None:
        while index < end:
            index = self.scan_statement(index, end)

    def scan_statement(self, start: int, end: int) -> int:
        """Handles the declaration that starts at `start`; returns where the next one does."""
        words = self.tokens.words
        index = start
        while index < end and words[index] == "template":
            index = skip_angles(words, index + 1, end)
        head = index
        while index < end:
            word = words[index]
            if word == ";" or (word == ":" and words[index - 1] in ("public", "private", "protected")):
                if word == ";":
                    self.add_function(head, index, None)
                return index + 1
            if word == "{":
                after = self.enter_braces(head, index)
                if after is not None:
                    return after
                index = self.tokens.closing.get(index, end) + 1
            elif word in OPENING:
                index = self.tokens.closing.get(index, end) + 1
            elif word == "}":
                return index + 1
            else:
                index += 1
        return end

    def enter_braces(self, head: int, brace: int) -> int | None:
        """What follows the declaration whose body opens at `brace`; None when that only initialises something."""
        words = self.tokens.words
        close = self.tokens.closing.get(brace, len(words))
        top = self.top_level(head, brace)
        if "namespace" in top or top[:1] == ["extern"] and len(top) == 2:
            self.scan_scope(brace + 1, close)
            return close + 1
        parameters = self.parameter_list(head, brace)
        if any(word in ("class", "struct", "union") for word in top) and (parameters is None or top[-1] != ")"):
            self.scan_scope(brace + 1, close)
            return None  # up to the `;`
        if parameters is None or self.initialises(head, parameters) or top[0] in NEVER_FUNCTIONS:
            return None
        in_initializers = ":" in self.top_level(self.tokens.closing[parameters], brace)
        if in_initializers and re.match(r"\w|>", words[brace - 1]):
            return None  # member_{value}
        self.add_function(head, brace, close)
        return close + 1

    def initialises(self, start: int, parameters: int) -> bool:
        """Whether the `(` at `parameters` belongs to a value: `int x = F(`, but not `operator=(`."""
        words = self.top_level(start, parameters)
        return "=" in words and "operator" not in words

    def top_level(self, start: int, end: int) -> list[str]:
        """The words outside of brackets."""
        found, index = [], start
        while index < end:
            found.append(self.tokens.words[index])
            partner = self.tokens.closing.get(index)
            if partner is not None and partner < end:
                found.append(self.tokens.words[partner])
                index = partner
            index += 1
        return found

    def parameter_list(self, start: int, end: int) -> int | None:
        """Index of the `(` that opens the parameters of the function declared in [start, end)."""
        words, index = self.tokens.words, start
        while index < end:
            if words[index] == "operator":
                index += 3 if words[index + 1 : index + 3] == ["(", ")"] else 1
                while index < end and words[index] != "(":
                    index += 1
                return index if index < end else None
            if words[index] == "(" and index > start and words[index + 1] != "*":  # not a pointer to a function
                if re.match(r"[A-Za-z_]", words[index - 1]) and words[index - 1] not in NOT_A_NAME:
                    return index
            index = self.tokens.closing.get(index, index) + 1 if words[index] in OPENING else index + 1
        return None

    def add_function(self, head: int, end: int, close: int | None) -> None:
        words, lines = self.tokens.words, self.tokens.lines
        opening = self.parameter_list(head, end)
        if opening is None or words[head] in NEVER_FUNCTIONS or self.initialises(head, opening):
            return
        closing = self.tokens.closing[opening]
        name = words[opening - 1]
        if name.startswith("TEST") or name.startswith("TYPED_TEST"):
            name += "(" + " ".join(words[opening + 1 : closing]) + ")"
        elif opening - 2 > head and words[opening - 2] == "::":
            name = f"{words[opening - 3]}::{name}"
        body_lines = None if close is None else max(0, lines[min(close, len(lines) - 1)] - lines[end] - 1)
        parameters = count_parameters(words[opening + 1 : closing])
        self.functions.append(Function(name, lines[opening], parameters, body_lines))


def find_functions(text: str) -> list[Function]:
    return Scanner(text).scan()
