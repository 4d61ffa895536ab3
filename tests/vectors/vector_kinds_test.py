"""Dense vectors, multivectors and sparse ones in one collection, through the official client over both transports."""

import math
import re
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

from server import Server

POINTS = 400
DIM = 8
SPARSE_SPACE = 60
RARE = models.Filter(must=[models.FieldCondition(key="group", match=models.MatchValue(value=3))])


class Model:
    """The points of one collection, and every answer by brute force. Some vectors are missing."""

    def __init__(self, seed: int):
        random = np.random.default_rng(seed)
        self.dense, self.multi, self.sparse, self.payloads = {}, {}, {}, {}
        for point in range(1, POINTS + 1):
            self.payloads[point] = {"group": int(random.integers(10))}
            if point % 5:
                self.dense[point] = random.normal(size=DIM).astype(np.float32)
            if point % 7:
                rows = int(random.integers(1, 5))
                self.multi[point] = random.normal(size=(rows, DIM)).astype(np.float32)
            if point % 3:
                self.sparse[point] = self.sparse_vector(random, int(random.integers(0, 9)))
        self.query = random.normal(size=DIM).astype(np.float32)
        self.query_rows = random.normal(size=(3, DIM)).astype(np.float32)
        self.query_sparse = self.sparse_vector(random, 6)

    @staticmethod
    def sparse_vector(random: np.random.Generator, size: int) -> dict[int, float]:
        indices = random.choice(SPARSE_SPACE, size, replace=False)
        return {int(index): float(np.float32(value)) for index, value in zip(indices, random.normal(size=size))}

    def vectors(self, point: int) -> dict:
        vectors = {}
        if point in self.dense:
            vectors["dense"] = self.dense[point].tolist()
        if point in self.multi:
            vectors["multi"] = self.multi[point].tolist()
        if point in self.sparse:
            vectors["sparse"] = to_sparse(self.sparse[point])
        return vectors

    def passes(self, point: int, filtered: bool) -> bool:
        return not filtered or self.payloads[point]["group"] == 3

    def nearest(self, kind: str, filtered: bool = False) -> list[tuple[int, float]]:
        scores = {}
        for point, vector in getattr(self, kind).items():
            score = self.score(kind, vector)
            if score is not None and self.passes(point, filtered):
                scores[point] = score
        return sorted(scores.items(), key=lambda hit: -hit[1])

    def score(self, kind: str, vector: object) -> float | None:
        if kind == "dense":
            return float(self.query @ vector)
        if kind == "multi":
            return float((self.query_rows @ vector.T).max(axis=1).sum())
        return sparse_product(self.query_sparse, vector)


def to_sparse(vector: dict[int, float]) -> models.SparseVector:
    return models.SparseVector(indices=list(vector), values=list(vector.values()))


def sparse_product(a: dict[int, float], b: dict[int, float]) -> float | None:
    shared = a.keys() & b.keys()
    return sum(a[index] * b[index] for index in shared) if shared else None


def expect_hits(hits: list, expected: list[tuple[int, float]]) -> None:
    """The same scores in the same order, and for each point its own; points of nearly equal scores may change places."""
    assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], rel=1e-4, abs=1e-5)


def expect_best(hits: list, ranking: list[tuple[int, float]], limit: int) -> None:
    scores = dict(ranking)
    expect_hits(hits, ranking[:limit])
    for hit in hits:
        assert hit.score == pytest.approx(scores[hit.id], rel=1e-4, abs=1e-5)


@pytest.fixture(scope="module", params=["rest", "grpc"])
def client(server: Server, request: pytest.FixtureRequest):
    made = server.client(prefer_grpc=request.param == "grpc", cloud_inference=True)
    made.transport = request.param
    yield made
    made.close()


@pytest.fixture(scope="module")
def model(seed: int) -> Model:
    return Model(seed)


def create(client: QdrantClient, name: str) -> None:
    client.create_collection(
        name,
        vectors_config={
            "dense": models.VectorParams(size=DIM, distance=models.Distance.DOT),
            "multi": models.VectorParams(
                size=DIM,
                distance=models.Distance.DOT,
                multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            ),
        },
        sparse_vectors_config={"sparse": models.SparseVectorParams()},
    )


def fill(client: QdrantClient, name: str, model: Model) -> None:
    structs = [
        models.PointStruct(id=point, vector=model.vectors(point), payload=model.payloads[point])
        for point in model.payloads
    ]
    client.upsert(name, structs, wait=True)


@pytest.fixture(scope="module")
def filled(client: QdrantClient, model: Model) -> str:
    name = f"kinds-{client.transport}"
    create(client, name)
    fill(client, name, model)
    return name


def expect_vectors(got: dict, model: Model, point: int) -> None:
    expected = model.vectors(point)
    assert got.keys() == expected.keys()
    for name in got.keys() - {"sparse"}:
        np.testing.assert_array_equal(np.float32(got[name]), np.float32(expected[name]))
    if "sparse" in got:
        order = sorted(model.sparse[point])
        assert got["sparse"].indices == order
        np.testing.assert_array_equal(
            np.float32(got["sparse"].values), np.float32([model.sparse[point][index] for index in order])
        )


def test_every_kind_comes_back_as_written(client: QdrantClient, filled: str, model: Model) -> None:
    ids = list(range(1, 40))
    records = client.retrieve(filled, ids, with_vectors=True)
    assert [record.id for record in records] == ids
    for record in records:
        expect_vectors(record.vector, model, record.id)
    chosen = client.retrieve(filled, [1, 3], with_vectors=["sparse", "multi"])
    assert [sorted(record.vector) for record in chosen] == [["multi", "sparse"], ["multi"]]


@pytest.mark.parametrize("kind", ["dense", "multi", "sparse"])
@pytest.mark.parametrize("filtered", [False, True])
def test_nearest_is_brute_force(client: QdrantClient, filled: str, model: Model, kind: str, filtered: bool) -> None:
    query = {
        "dense": model.query.tolist(),
        "multi": model.query_rows.tolist(),
        "sparse": to_sparse(model.query_sparse),
    }[kind]
    chosen = RARE if filtered else None
    for limit in (1, 10, POINTS):
        hits = client.query_points(filled, query=query, using=kind, limit=limit, query_filter=chosen).points
        expect_best(hits, model.nearest(kind, filtered), limit)


def test_a_dense_query_is_one_row_of_a_multivector(client: QdrantClient, filled: str, model: Model) -> None:
    expected = {point: float((rows @ model.query).max()) for point, rows in model.multi.items()}
    hits = client.query_points(filled, query=model.query.tolist(), using="multi", limit=10).points
    expect_best(hits, sorted(expected.items(), key=lambda hit: -hit[1]), 10)
    client.upsert(filled, [models.PointStruct(id=9000, vector={"multi": model.query.tolist()})], wait=True)
    rows = client.retrieve(filled, [9000], with_vectors=True)[0].vector["multi"]
    np.testing.assert_array_equal(np.float32(rows), model.query[np.newaxis])
    client.delete(filled, [9000], wait=True)


def test_recommend_by_average(client: QdrantClient, filled: str, model: Model) -> None:
    def recommend(kind: str, positive: list, negative: list) -> list:
        query = models.RecommendQuery(recommend=models.RecommendInput(positive=positive, negative=negative))
        return client.query_points(filled, query=query, using=kind, limit=10).points

    def ranking(kind: str, score: Callable, used: tuple) -> list[tuple[int, float]]:
        scores = {point: score(vector) for point, vector in getattr(model, kind).items() if point not in used}
        return sorted(((p, s) for p, s in scores.items() if s is not None), key=lambda hit: -hit[1])

    sparse = [point for point in model.sparse if len(model.sparse[point]) > 4][:3]
    average: Counter = Counter()
    for point, weight in zip(sparse, (1.0, 1.0, -1.0)):
        for index, value in model.sparse[point].items():
            average[index] += weight * value
    expected = ranking("sparse", lambda vector: sparse_product(average, vector), tuple(sparse))
    expect_best(recommend("sparse", sparse[:2], sparse[2:]), expected, 10)

    rows = np.concatenate([model.multi[1], model.multi[2], -model.multi[3]])
    expected = ranking("multi", lambda vector: float((rows @ vector.T).max(axis=1).sum()), (1, 2, 3))
    expect_best(recommend("multi", [1, 2], [3]), expected, 10)

    mean = 2 * (model.dense[1] + model.dense[2]) / 2 - model.dense[3]
    expected = ranking("dense", lambda vector: float(mean @ vector), (1, 2, 3))
    expect_best(recommend("dense", [1, 2], [3]), expected, 10)


def test_recommend_by_sum_of_scores(client: QdrantClient, filled: str, model: Model) -> None:
    query = models.RecommendQuery(
        recommend=models.RecommendInput(
            positive=[to_sparse(model.query_sparse)], strategy=models.RecommendStrategy.SUM_SCORES
        )
    )
    scores = {point: sparse_product(model.query_sparse, vector) or 0.0 for point, vector in model.sparse.items()}
    hits = client.query_points(filled, query=query, using="sparse", limit=POINTS).points
    expect_best(hits, sorted(scores.items(), key=lambda hit: -hit[1]), POINTS)


def test_updates_and_deletions_of_one_kind(client: QdrantClient, model: Model) -> None:
    name = f"updates-{client.transport}"
    create(client, name)
    fill(client, name, model)
    client.update_vectors(name, [models.PointVectors(id=1, vector={"sparse": to_sparse({9: 1.0, 4: 2.0})})], wait=True)
    client.delete_vectors(name, ["multi"], points=[1], wait=True)
    vectors = client.retrieve(name, [1], with_vectors=True)[0].vector
    assert sorted(vectors) == ["dense", "sparse"]
    assert (vectors["sparse"].indices, vectors["sparse"].values) == ([4, 9], [2.0, 1.0])
    has = models.Filter(must=[models.HasVectorCondition(has_vector="multi")])
    assert client.count(name, has).count == len(model.multi) - 1
    batch = models.Batch(
        ids=[5000, 5001],
        vectors={"multi": [[[1.0] * DIM], [[2.0] * DIM, [0.0] * DIM]], "sparse": [to_sparse({1: 1.0}), to_sparse({})]},
    )
    client.upsert(name, batch, wait=True)
    records = client.retrieve(name, [5000, 5001], with_vectors=True)
    assert [len(record.vector["multi"]) for record in records] == [1, 2]
    assert records[1].vector["sparse"].indices == []


def test_an_empty_sparse_query_finds_nothing(client: QdrantClient, filled: str) -> None:
    assert client.query_points(filled, query=models.SparseVector(indices=[], values=[]), using="sparse").points == []


def test_kinds_that_do_not_fit_are_refused(server: Server, client: QdrantClient, filled: str) -> None:
    path = f"/collections/{filled}/points"
    sparse = {"indices": [1], "values": [1.0]}
    row = [0.5] * DIM
    for vector, status in (
        ({"dense": [row]}, 400),
        ({"dense": sparse}, 400),
        ({"sparse": row}, 400),
        ({"multi": sparse}, 400),
        ({"multi": [[1.0]]}, 400),
        ({"multi": [row, row[1:]]}, 422),
        ({"multi": [[]]}, 422),
        ({"sparse": {"indices": [1, 1], "values": [1.0, 1.0]}}, 422),
        ({"sparse": {"indices": [1], "values": [1.0, 1.0]}}, 422),
        ({"sparse": {"indices": [-1], "values": [1.0]}}, 400),
        (sparse, 400),
    ):
        answer = server.call("PUT", f"{path}?wait=true", {"points": [{"id": 1, "vector": vector}]})
        assert answer.status_code == status, f"{vector}: {answer.text}"
    for using, query in (("dense", [row]), ("dense", sparse), ("sparse", row), ("sparse", [row]), ("multi", sparse)):
        answer = server.call("POST", f"{path}/query", {"query": query, "using": using})
        assert answer.status_code == 400, f"{using} {query}: {answer.text}"
    answer = server.call("POST", f"{path}/query", {"query": row, "using": "dense", "params": {"idf": "global"}})
    assert answer.status_code == 400


def test_info_shows_every_kind(server: Server, client: QdrantClient) -> None:
    name = f"info-{client.transport}"
    index = models.SparseIndexParams(full_scan_threshold=7, on_disk=True, datatype=models.Datatype.FLOAT16)
    client.create_collection(
        name,
        vectors_config=models.VectorParams(size=4, distance=models.Distance.COSINE, datatype=models.Datatype.UINT8),
        sparse_vectors_config={
            "a": models.SparseVectorParams(index=index, modifier=models.Modifier.IDF),
            "b": models.SparseVectorParams(),
        },
    )
    expected = {
        "a": {"index": {"full_scan_threshold": 7, "on_disk": True, "datatype": "float16"}, "modifier": "idf"},
        "b": {},
    }
    params = server.ask("GET", f"/collections/{name}")["config"]["params"]
    assert params["vectors"] == {"size": 4, "distance": "Cosine", "datatype": "uint8"}
    assert params["sparse_vectors"] == expected
    client.update_collection(
        name, sparse_vectors_config={"b": models.SparseVectorParams(modifier=models.Modifier.IDF)}
    )
    expected["b"] = {"modifier": "idf"}
    assert server.ask("GET", f"/collections/{name}")["config"]["params"]["sparse_vectors"] == expected
    assert client.get_collection(name).config.params.sparse_vectors["b"].modifier == models.Modifier.IDF


def test_vectors_come_and_go_at_run_time(server: Server, client: QdrantClient, seed: int) -> None:
    name = f"run-time-{client.transport}"
    random = np.random.default_rng(seed)
    client.create_collection(name, models.VectorParams(size=DIM, distance=models.Distance.DOT))
    client.upsert(name, [models.PointStruct(id=i, vector=[float(i)] * DIM) for i in range(1, 21)], wait=True)
    sparse = models.SparseVectorNameConfig(sparse=models.SparseVectorConfig())
    dense = models.DenseVectorNameConfig(dense=models.DenseVectorConfig(size=3, distance=models.Distance.DOT))
    for _ in range(2):  # the second time changes nothing
        assert client.create_vector_name(name, "s", sparse).status == models.UpdateStatus.COMPLETED
        client.create_vector_name(name, "d", dense)
    params = server.ask("GET", f"/collections/{name}")["config"]["params"]
    assert params["vectors"] == {
        "": {"size": DIM, "distance": "Dot"},
        "d": {"size": 3, "distance": "Dot"},
    }
    assert params["sparse_vectors"] == {"s": {}}
    with pytest.raises(Exception, match="already exists"):
        client.create_vector_name(name, "s", dense)

    rows = random.normal(size=(21, 3)).astype(np.float32)
    vectors = [
        models.PointVectors(id=i, vector={"d": rows[i].tolist(), "s": to_sparse({i: 1.0, 0: float(i)})})
        for i in range(1, 11)
    ]
    client.update_vectors(name, vectors, wait=True)
    assert [hit.id for hit in client.query_points(name, query=to_sparse({0: 1.0}), using="s", limit=3).points] == [10, 9, 8]
    best = sorted(range(1, 11), key=lambda i: -rows[i] @ rows[0])[:4]
    assert [hit.id for hit in client.query_points(name, query=rows[0].tolist(), using="d", limit=4).points] == best
    assert sorted(client.retrieve(name, [5], with_vectors=True)[0].vector) == ["", "d", "s"]

    client.delete_vector_name(name, "d")
    assert server.ask("GET", f"/collections/{name}")["config"]["params"]["vectors"] == {"": {"size": DIM, "distance": "Dot"}}
    assert sorted(client.retrieve(name, [5], with_vectors=True)[0].vector) == ["", "s"]
    with pytest.raises(Exception, match="Not existing vector name"):
        client.query_points(name, query=rows[0].tolist(), using="d")
    client.create_vector_name(name, "d", dense)  # a new one: what the old one held is gone
    assert client.query_points(name, query=rows[0].tolist(), using="d").points == []
    assert client.query_points(name, query=[1.0] * DIM, limit=1).points[0].id == 20


# --- BM25


WORDS = "ant bee cat dog eel fox gnu hen ibex jay kiwi lynx".split()
PLAIN = {"language": "none"}


def murmur3(data: bytes) -> int:
    """MurmurHash3 x86 32 bit with seed 0."""
    mask, h = 0xFFFFFFFF, 0
    for start in range(0, len(data) - 3, 4):
        k = int.from_bytes(data[start : start + 4], "little") * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) & mask
        h ^= k * 0x1B873593 & mask
        h = (h << 13 | h >> 19) & mask
        h = (h * 5 + 0xE6546B64) & mask
    tail = data[len(data) // 4 * 4 :]
    if tail:
        k = int.from_bytes(tail, "little") * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) & mask
        h ^= k * 0x1B873593 & mask
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & mask
    h = (h ^ h >> 13) * 0xC2B2AE35 & mask
    return h ^ h >> 16


def token_id(token: str) -> int:
    signed = murmur3(token.encode())
    return abs(signed - (1 << 32) if signed >= 1 << 31 else signed)


def bm25_weights(text: str, k: float = 1.2, b: float = 0.75, avg_len: float = 256.0) -> dict[int, float]:
    tokens = re.findall(r"\w+", text.lower())
    norm = k * (1 - b + b * len(tokens) / avg_len)
    return {token_id(token): n * (k + 1) / (n + norm) for token, n in Counter(tokens).items()}


def document(text: str, **options) -> models.Document:
    return models.Document(text=text, model="Qdrant/bm25", options=PLAIN | options)


def ranked(texts: dict[int, str], query: str, corpus: dict[int, str]) -> list[tuple[int, float]]:
    """By BM25, with the rarity of words in the corpus."""
    stored = {point: bm25_weights(text) for point, text in texts.items()}
    among = [bm25_weights(text) for text in corpus.values()]
    scores: dict[int, float] = {}
    for index in {token_id(word) for word in query.split()}:
        df = sum(index in weights for weights in among)
        idf = math.log((len(among) - df + 0.5) / (df + 0.5) + 1)
        for point, weights in stored.items():
            if index in weights:
                scores[point] = scores.get(point, 0.0) + idf * weights[index]
    return sorted(scores.items(), key=lambda hit: -hit[1])


@pytest.fixture(scope="module")
def texts(client: QdrantClient, seed: int) -> tuple[str, dict[int, str]]:
    random = np.random.default_rng(seed)
    chances = np.arange(1, len(WORDS) + 1) / sum(range(1, len(WORDS) + 1))
    made = {point: " ".join(random.choice(WORDS, int(random.integers(1, 40)), p=chances)) for point in range(1, 101)}
    name = f"texts-{client.transport}"
    client.create_collection(
        name, sparse_vectors_config={"text": models.SparseVectorParams(modifier=models.Modifier.IDF)}
    )
    structs = [
        models.PointStruct(id=point, vector={"text": document(text)}, payload={"odd": point % 2})
        for point, text in made.items()
    ]
    client.upsert(name, structs, wait=True)
    return name, made


def test_bm25_makes_the_vectors_of_the_formula(client: QdrantClient, texts: tuple[str, dict[int, str]]) -> None:
    name, made = texts
    for record in client.retrieve(name, [1, 50, 100], with_vectors=True):
        expected = dict(sorted(bm25_weights(made[record.id]).items()))
        assert record.vector["text"].indices == list(expected)
        assert record.vector["text"].values == pytest.approx(list(expected.values()), rel=1e-6)


@pytest.mark.parametrize("query", ["ant", "ant bee bee lynx", "lynx kiwi unicorn", "unicorn"])
def test_bm25_ranks_as_the_formula(client: QdrantClient, texts: tuple[str, dict[int, str]], query: str) -> None:
    name, made = texts
    hits = client.query_points(name, query=document(query), using="text", limit=100).points
    expect_best(hits, ranked(made, query, made), 100)


def test_the_corpus_of_idf_can_be_chosen(client: QdrantClient, texts: tuple[str, dict[int, str]]) -> None:
    name, made = texts
    odd = models.Filter(must=[models.FieldCondition(key="odd", match=models.MatchValue(value=1))])
    corpus = {point: text for point, text in made.items() if point % 2}
    params = models.SearchParams(idf=models.IdfCorpusParams(corpus=odd))
    hits = client.query_points(name, document("ant lynx"), using="text", limit=100, search_params=params).points
    expect_best(hits, ranked(made, "ant lynx", corpus), 100)


def test_words_are_stemmed_by_default(client: QdrantClient) -> None:
    name = f"stems-{client.transport}"
    client.create_collection(name, sparse_vectors_config={"text": models.SparseVectorParams()})
    plain = models.Document(text="The foxes were running", model="bm25")
    client.upsert(name, [models.PointStruct(id=1, vector={"text": plain})], wait=True)
    query = models.Document(text="a fox runs", model="BM25")
    assert [hit.id for hit in client.query_points(name, query=query, using="text").points] == [1]
    client.update_vectors(
        name, [models.PointVectors(id=1, vector={"text": models.Document(text="hens", model="bm25")})], wait=True
    )
    assert client.query_points(name, query=query, using="text").points == []


def test_other_models_and_options_are_refused(server: Server, client: QdrantClient) -> None:
    name = f"stems-{client.transport}"
    path = f"/collections/{name}/points"
    for vector, status in (
        ({"text": "a", "model": "other/model"}, 500),
        ({"image": "a", "model": "bm25"}, 400),
        ({"text": "a", "model": "bm25", "options": {"k": -1}}, 400),
        ({"text": "a", "model": "bm25", "options": {"tokenizer": "none"}}, 400),
        ({"text": 1, "model": "bm25"}, 400),
    ):
        answer = server.call("PUT", f"{path}?wait=true", {"points": [{"id": 2, "vector": {"text": vector}}]})
        assert answer.status_code == status, f"{vector}: {answer.text}"
        answer = server.call("POST", f"{path}/query", {"query": vector, "using": "text"})
        assert answer.status_code == status, f"{vector}: {answer.text}"


# --- restart


def test_a_restart_keeps_everything(make_server: Callable[..., Server], model: Model) -> None:
    server = make_server().start()
    client = server.client(cloud_inference=True)
    create(client, "kept")
    fill(client, "kept", model)
    client.create_vector_name(
        "kept",
        "late",
        models.SparseVectorNameConfig(sparse=models.SparseVectorConfig(modifier=models.Modifier.IDF)),
    )
    client.update_vectors("kept", [models.PointVectors(id=1, vector={"late": document("ant bee")})], wait=True)
    client.delete_vector_name("kept", "dense")
    before = server.ask("GET", "/collections/kept")["config"]
    server.restart()
    assert server.ask("GET", "/collections/kept")["config"] == before
    for record in client.retrieve("kept", list(range(1, 30)), with_vectors=True):
        vectors = dict(record.vector)
        assert ("late" in vectors) == (record.id == 1)
        vectors.pop("late", None)
        if record.id in model.dense:
            vectors["dense"] = model.dense[record.id].tolist()
        expect_vectors(vectors, model, record.id)
    hits = client.query_points("kept", query=to_sparse(model.query_sparse), using="sparse", limit=10).points
    expect_best(hits, model.nearest("sparse"), 10)
    hits = client.query_points("kept", query=model.query_rows.tolist(), using="multi", limit=10).points
    expect_best(hits, model.nearest("multi"), 10)
    assert [hit.id for hit in client.query_points("kept", document("bee"), using="late").points] == [1]
    client.close()
