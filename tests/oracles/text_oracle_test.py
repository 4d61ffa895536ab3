"""Text filters over the descriptions of the Debian data set, against an analyser of a few lines and PyPI's stemmer."""

from dataclasses import dataclass, field
from random import Random

import numpy as np
import pytest
import snowballstemmer

import collections_rest as rest
import datasets
from server import Server

TEXTS, QUERIES = 4000, 150
STOPWORDS = ["the", "of", "and", "a", "is", "this", "package", "for"]


@dataclass(frozen=True)
class Analyser:
    """What an index with `options` finds texts by."""

    options: dict = field(default_factory=dict)

    def words(self, text: str) -> list[str]:
        if self.options.get("tokenizer") == "whitespace":
            return text.split()
        return "".join(character if character.isalnum() else " " for character in text).split()

    def tokens(self, text: str) -> list[str]:
        words = self.words(text)
        if self.options.get("lowercase", True):
            words = [word.lower() for word in words]
        if "stopwords" in self.options:
            words = [word for word in words if word not in STOPWORDS]
        if "stemmer" in self.options:
            words = snowballstemmer.stemmer("english").stemWords(words)
        least, most = self.options.get("min_token_len", 1), self.options.get("max_token_len", 10**9)
        return [word for word in words if least <= len(word) <= most]


STEMMER = {"type": "snowball", "language": "english"}
ANALYSERS = {
    "plain": Analyser({"phrase_matching": True}),
    "case": Analyser({"lowercase": False, "phrase_matching": True}),
    "whitespace": Analyser({"tokenizer": "whitespace", "phrase_matching": True}),
    "stopwords": Analyser({"stopwords": {"custom": STOPWORDS}}),
    "stemmed": Analyser({"stemmer": STEMMER, "phrase_matching": True}),
    "lengths": Analyser({"min_token_len": 3, "max_token_len": 9}),
    "all": Analyser({"stopwords": {"custom": STOPWORDS}, "stemmer": STEMMER, "min_token_len": 2, "phrase_matching": True}),
}


@pytest.fixture(scope="module")
def documents(server: Server, texts: list[str]) -> Server:
    """Each text under one name for each analyser."""
    rest.create(server, "texts", 1, "Dot")
    payloads = [dict.fromkeys(ANALYSERS, text) for text in texts]
    rest.upsert(server, "texts", list(range(TEXTS)), np.ones((TEXTS, 1)), payloads)
    for name, analyser in ANALYSERS.items():
        rest.create_index(server, "texts", name, {"type": "text", **analyser.options})
    return server


def some_words(random: Random, analyser: Analyser, texts: list[str]) -> list[str]:
    """A few neighbours in one text, or from two texts, sometimes one that no text has."""
    words = analyser.words(random.choice(texts)) or ["nothing"]
    start, length = random.randrange(len(words)), random.choice([1, 2, 2, 3, 5])
    chosen = words[start : start + length]
    if random.random() < 0.3:
        chosen += random.sample(analyser.words(random.choice(texts)) or ["nothing"], 1)
    if random.random() < 0.1:
        chosen.append("zyzzyva")
    return [word.upper() if random.random() < 0.2 else word for word in chosen]


def has_phrase(tokens: list[str], phrase: list[str]) -> bool:
    return any(tokens[at : at + len(phrase)] == phrase for at in range(len(tokens) - len(phrase) + 1))


def expected(kind: str, query: list[str], documents: list[list[str]]) -> set[int]:
    if not query:
        return set()
    tests = {
        "text": lambda tokens: set(query) <= set(tokens),
        "text_any": lambda tokens: not set(query).isdisjoint(tokens),
        "phrase": lambda tokens: has_phrase(tokens, query),
    }
    return {number for number, tokens in enumerate(documents) if tests[kind](tokens)}


@pytest.mark.parametrize("name", ANALYSERS)
def test_text_filters_find_what_the_analyser_says(documents: Server, texts: list[str], seed: int, name: str) -> None:
    analyser, random = ANALYSERS[name], Random(f"{seed}/{name}")
    tokens = [analyser.tokens(text) for text in texts]
    kinds = ["text", "text_any"] + (["phrase"] if "phrase_matching" in analyser.options else [])
    found = 0
    for _ in range(QUERIES):
        query, kind = " ".join(some_words(random, analyser, texts)), random.choice(kinds)
        request = {"filter": {"must": {"key": name, "match": {kind: query}}}, "limit": TEXTS, "with_payload": False}
        points = documents.ask("POST", "/collections/texts/points/scroll", request)["points"]
        wanted = expected(kind, analyser.tokens(query), tokens)
        assert {point["id"] for point in points} == wanted, f"{kind} {query!r}: {analyser.tokens(query)}"
        found += bool(wanted)
    assert found > QUERIES / 3
