"""The model `qdrant/bm25` over the descriptions of the Debian data set, against PyPI's bm25s and a plain analyser.

The server splits the formula: the vector of a document holds n(k+1) / (n + k(1 - b + b·L/avg_len)) for each token, the
search multiplies by ln(1 + (N - df + 0.5) / (df + 0.5)). bm25s with the method `lucene` has the same with k1 = k, but for
the constant factor k+1, and with the mean length of its corpus for avg_len, so the server is told that mean. A token's index
in the vector is |MurmurHash3 x86 32|, which is mmh3.hash with its default seed.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

import bm25s
import mmh3
import numpy as np
import pytest
import snowballstemmer

import datasets
from server import Server

TEXTS, VECTORS, QUERIES = 2000, 100, 50
BATCH = 500
STOPWORDS = ["the", "of", "and", "a", "is", "this", "package", "for"]
STEMMER = {"type": "snowball", "language": "english"}


ENGLISH = snowballstemmer.stemmer("english")


@cache
def stem(word: str) -> str:
    return ENGLISH.stemWord(word)


@dataclass(frozen=True)
class Variant:
    k: float = 1.2
    b: float = 0.75
    stemmed: bool = False

    def tokens(self, text: str) -> list[str]:
        words = "".join(character if character.isalnum() else " " for character in text).lower().split()
        if not self.stemmed:
            return words
        return [stem(word) for word in words if word not in STOPWORDS]

    def options(self, avg_len: float) -> dict:
        analyser = {"stopwords": {"custom": STOPWORDS}, "stemmer": STEMMER} if self.stemmed else {}
        return {"language": "none", "k": self.k, "b": self.b, "avg_len": avg_len, **analyser}


VARIANTS = {
    "default": Variant(),
    "stemmed": Variant(stemmed=True),
    "long-documents": Variant(k=2.5, b=0.3),
    "counts-alone": Variant(k=0.9, b=0.0),
    "occurrence-alone": Variant(k=0.0),
}


class Corpus:
    """The texts under one variant, in a collection and in bm25s; `documents`: the tokens of each, by id."""

    def __init__(self, server: Server, name: str, variant: Variant, texts: list[str]):
        self.server, self.path, self.variant = server, f"/collections/{name}", variant
        self.documents = {number: variant.tokens(text) for number, text in enumerate(texts)}
        self.options = variant.options(float(np.mean([len(tokens) for tokens in self.documents.values()])))
        server.ask("PUT", self.path, {"sparse_vectors": {"text": {"modifier": "idf"}}})
        for start in range(0, len(texts), BATCH):
            part = range(start, min(start + BATCH, len(texts)))
            points = [{"id": number, "vector": {"text": self.document(texts[number])}} for number in part]
            server.ask("PUT", f"{self.path}/points?wait=true", {"points": points})
        self.index()

    def document(self, text: str) -> dict:
        return {"text": text, "model": "qdrant/bm25", "options": self.options}

    def index(self) -> None:
        self.ids = list(self.documents)
        self.bm25 = bm25s.BM25(method="lucene", k1=self.variant.k, b=self.variant.b, dtype="float64")
        self.bm25.index([self.documents[number] for number in self.ids], show_progress=False)
        self.holding = Counter(token for tokens in self.documents.values() for token in set(tokens))

    def delete(self, ids: list[int]) -> None:
        self.server.ask("POST", f"{self.path}/points/delete?wait=true", {"points": ids})
        for number in ids:
            del self.documents[number]
        self.index()

    def scores(self, query: str) -> dict[int, float]:
        """Of the documents that share a token with the query: once each, as the vectors of queries have them."""
        tokens = sorted(set(self.variant.tokens(query)) & self.holding.keys())
        if not tokens:
            return {}
        scores = self.bm25.get_scores(tokens) * (self.variant.k + 1)
        return {self.ids[at]: scores[at] for at in np.nonzero(scores)[0]}

    def weights(self, number: int) -> dict[int, float]:
        """Token by token, what bm25s gives the document without the rarity of the token."""
        at, total, weights = self.ids.index(number), len(self.documents), {}
        for token in set(self.documents[number]):
            df = self.holding[token]
            rarity = math.log(1 + (total - df + 0.5) / (df + 0.5))
            score = self.bm25.get_scores([token])[at] * (self.variant.k + 1)
            weights[abs(mmh3.hash(token))] = score / rarity
        return weights

    def search(self, query: str) -> list[dict]:
        request = {"query": self.document(query), "using": "text", "limit": TEXTS}
        return self.server.ask("POST", f"{self.path}/points/query", request)["points"]


@pytest.fixture(scope="module")
def corpus(server: Server, texts: list[str]) -> Callable[[str], Corpus]:
    made: dict[str, Corpus] = {}

    def get(name: str) -> Corpus:
        if name not in made:
            made[name] = Corpus(server, f"bm25-{name}", VARIANTS[name], texts)
        return made[name]

    return get


def some_query(random: Random, texts: list[str]) -> str:
    """Words of a text, some of another, sometimes one twice, one that no text has, or capitals."""
    words = random.choice(texts).split()
    query = random.sample(words, min(len(words), random.choice([1, 2, 4, 8])))
    query += random.sample(random.choice(texts).split(), 1)
    if random.random() < 0.3:
        query += [query[0].upper(), "zyzzyva"]
    return " ".join(query)


def expect_ranking(found: list[dict], scores: dict[int, float], query: str) -> None:
    assert {hit["id"] for hit in found} == scores.keys(), query
    ranked = [hit["score"] for hit in found]
    assert ranked == sorted(ranked, reverse=True), query
    expected = [scores[hit["id"]] for hit in found]
    np.testing.assert_allclose(ranked, expected, rtol=1e-5, err_msg=query)


@pytest.mark.parametrize("name", VARIANTS)
def test_documents_weigh_what_bm25s_says(corpus: Callable[[str], Corpus], seed: int, name: str) -> None:
    held = corpus(name)
    ids = Random(f"{seed}/{name}").sample(sorted(held.documents), VECTORS)
    request = {"ids": ids, "with_vector": True, "with_payload": False}
    found = {point["id"]: point["vector"]["text"] for point in held.server.ask("POST", f"{held.path}/points", request)}
    for number in ids:
        expected = dict(sorted(held.weights(number).items()))
        assert found[number]["indices"] == list(expected), held.documents[number]
        np.testing.assert_allclose(found[number]["values"], list(expected.values()), rtol=1e-6)


@pytest.mark.parametrize("name", VARIANTS)
def test_searches_rank_and_score_as_bm25s(corpus: Callable[[str], Corpus], texts: list[str], seed: int, name: str) -> None:
    held, random = corpus(name), Random(f"{seed}/{name}")
    hits = 0
    for _ in range(QUERIES):
        query = some_query(random, texts)
        scores = held.scores(query)
        expect_ranking(held.search(query), scores, query)
        hits += len(scores)
    assert hits > QUERIES * 10


def test_rarity_counts_the_documents_that_are_left(server: Server, texts: list[str], seed: int) -> None:
    """Without b, as bm25s measures lengths against the mean of what is left, while the vectors stay as they were."""
    random = Random(seed)
    held = Corpus(server, "bm25-shrinking", VARIANTS["counts-alone"], texts[: TEXTS // 2])
    for _ in range(2):
        held.delete(random.sample(sorted(held.documents), TEXTS // 6))
        for _ in range(QUERIES // 4):
            query = some_query(random, texts)
            expect_ranking(held.search(query), held.scores(query), query)
