"""The interface for arrays."""

import datetime
import io
import uuid

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from qdrant_client import models

DIM = 12


@pytest.fixture
def engine():
    import sextant

    with sextant.Engine() as opened:
        yield opened


def vectors(count: int, dim: int = DIM, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)


@pytest.mark.parametrize("distance", ["Cosine", "Dot", "Euclid", "Manhattan"])
def test_finds_what_brute_force_finds(engine, distance: str) -> None:
    data, queries = vectors(2000), vectors(50, seed=1)
    collection = engine.create_collection("c", DIM, distance)
    assert collection.insert(data) == len(collection) == 2000
    ids, scores = collection.search(queries, 10, params=models.SearchParams(exact=True))
    differences = queries[:, None] - data[None]
    exact = {
        "Dot": lambda: queries @ data.T,
        "Cosine": lambda: (queries @ data.T) / np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(data, axis=1),
        "Euclid": lambda: -np.linalg.norm(differences, axis=2),
        "Manhattan": lambda: -np.abs(differences).sum(axis=2),
    }[distance]()
    assert ids.dtype == np.uint64 and ids.shape == scores.shape == (50, 10)
    np.testing.assert_array_equal(ids, np.argsort(-exact, axis=1)[:, :10])
    best = -np.sort(-exact, axis=1)[:, :10]
    np.testing.assert_allclose(scores if distance in ("Dot", "Cosine") else -scores, best, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.astype(np.float64),
        lambda a: a.astype(np.float16),
        lambda a: np.asfortranarray(a),
        lambda a: a[::-1],
        lambda a: np.hstack([a, a])[:, :DIM],
        lambda a: np.repeat(a, 2, axis=1)[:, ::2],
        lambda a: a.tolist(),
    ],
)
def test_takes_arrays_of_any_layout(engine, change) -> None:
    data = vectors(100).astype(np.float16).astype(np.float32)
    given = change(data)
    collection = engine.create_collection("c", DIM, "Dot")
    collection.insert(given)
    expected = np.asarray(given, dtype=np.float32)
    records = engine.client().retrieve("c", range(100), with_vectors=True)
    np.testing.assert_array_equal(np.array([record.vector for record in records], np.float32), expected)
    ids, _ = collection.search(given, 1, params={"exact": True})
    np.testing.assert_array_equal(ids[:, 0], np.argmax(expected @ expected.T, axis=1))


def test_integers_are_vectors_too(engine) -> None:
    collection = engine.create_collection("c", 3, "Dot")
    collection.insert(np.arange(6).reshape(2, 3))
    assert collection.search([1, 0, 0], 2).scores.tolist() == [3.0, 0.0]


def test_large_arrays_go_in_parts(engine, monkeypatch) -> None:
    import sextant.collection

    monkeypatch.setattr(sextant.collection, "_CHUNK_BYTES", 4 * DIM * 37)
    data = vectors(1000)
    frame = polars.DataFrame({"row": range(1000)})
    collection = engine.create_collection("c", DIM)
    for payloads in (frame, frame.to_dicts(), polars.concat([frame[:10], frame[10:500], frame[500:]], rechunk=False)):
        collection.insert(data, ids=range(1000), payloads=payloads)
        assert collection.payloads([0, 37, 499, 999]) == [{"row": row} for row in (0, 37, 499, 999)]


def test_ids(engine) -> None:
    data = vectors(4)
    collection = engine.create_collection("c", DIM)
    names = [uuid.uuid4() for _ in range(4)]
    collection.insert(data, ids=[str(name) for name in names])
    collection.insert(data, ids=names)
    collection.insert(data[:2], ids=np.array([2**64 - 2, 7], np.uint64))
    found = collection.search(data, 6)
    assert found.ids.dtype == object
    assert {str(names[0]), 2**64 - 2} == set(found.ids[0, :2])
    assert found.ids[0].tolist().count(None) == 0 and found.counts.tolist() == [6] * 4
    collection.delete([names[0], 7])
    assert collection.count() == 4
    with pytest.raises(ValueError, match="needed, the collection has points"):
        collection.insert(data)
    for ids, error in (
        ([1, 2, 3], "3 for 4 vectors"),
        ([1, 2, 3, -4], "between 0"),
        (np.array([1, 2, 3, -4]), "-4 is negative"),
        (np.ones(4), "integers of shape"),
        (["x"] * 4, "UUID"),
    ):
        with pytest.raises(ValueError, match=error):
            collection.insert(data, ids=ids)
    with pytest.raises(TypeError, match="all must be integers"):
        collection.insert(data, ids=[1, 2, 3, names[0]])


def test_what_stands_behind_the_last_hit(engine) -> None:
    collection = engine.create_collection("c", DIM)
    collection.insert(vectors(3))
    found = collection.search(vectors(2), 5)
    assert found.counts.tolist() == [3, 3]
    assert (found.ids[:, 3:] == 2**64 - 1).all() and np.isnan(found.scores[:, 3:]).all()
    one = collection.search(vectors(1)[0], 5)
    assert one.ids.shape == one.scores.shape == (5,)
    assert collection.search(np.empty((0, DIM)), 5).ids.shape == (0, 5)


def test_filters_params_and_named_vectors(engine) -> None:
    client = engine.client()
    client.create_collection(
        "c",
        vectors_config={
            "a": models.VectorParams(size=DIM, distance=models.Distance.DOT),
            "b": models.VectorParams(size=3, distance=models.Distance.EUCLID),
        },
    )
    a, b = vectors(200), vectors(200, 3)
    collection = engine.collection("c")
    collection.insert({"a": a, "b": b}, payloads=[{"even": row % 2 == 0} for row in range(200)])
    even = models.Filter(must=[models.FieldCondition(key="even", match=models.MatchValue(value=True))])
    assert collection.count(even) == 100
    for filter in (even, even.model_dump(exclude_none=True)):
        ids, scores = collection.search(b[7], 4, filter=filter, using="b", params={"exact": True})
        expected = [row for row in np.argsort(np.linalg.norm(b - b[7], axis=1)) if row % 2 == 0][:4]
        assert ids.tolist() == expected
    hits = client.query_points("c", query=b[7].tolist(), using="b", query_filter=even, limit=4).points
    assert [hit.id for hit in hits] == expected
    np.testing.assert_allclose([hit.score for hit in hits], scores, rtol=1e-6)


def test_refuses_wrong_arrays(engine) -> None:
    import sextant

    collection = engine.create_collection("c", DIM)
    for wrong in (np.ones(DIM), np.ones((2, 3, 4)), np.array([["a"]]), np.ones((2, 2), bool)):
        with pytest.raises(ValueError, match="shape"):
            collection.insert(wrong)
    with pytest.raises(ValueError, match="different lengths"):
        collection.insert({"a": np.ones((2, 3)), "b": np.ones((3, 3))})
    for data, status, message in (
        (np.ones((2, 3)), 400, "expected dim: 12, got 3"),
        (np.full((2, DIM), np.nan), 422, "row 0 has a value that is not a finite number"),
    ):
        with pytest.raises(sextant.SextantError, match=message) as refused:
            collection.insert(data)
        assert refused.value.status == status
    with pytest.raises(ValueError, match="limit"):
        collection.search(vectors(1), 0)
    with pytest.raises(sextant.SextantError, match="got 3"):
        collection.search(np.ones((1, 3)))
    with pytest.raises(sextant.SextantError, match="nothing"):
        collection.search(vectors(1), using="nothing")
    assert collection.insert(np.empty((0, DIM))) == 0 == collection.count()
    collection.drop()
    with pytest.raises(sextant.SextantError) as gone:
        collection.count()
    assert gone.value.status == 404


ROWS = [
    {"text": "häuser\n\"x\"", "number": 1, "share": 0.5, "flag": True, "tags": ["a", "b"], "inner": {"x": 1}},
    {"text": None, "number": -(2**62), "share": None, "flag": None, "tags": [], "inner": {"x": 2}},
    {"text": "a text that is longer than twelve bytes", "number": 3, "share": 2.0, "flag": False, "tags": None,
     "inner": {"x": None}},
]  # fmt: skip


def without_nulls(row: dict) -> dict:
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if value is not None
    }


FRAMES = {
    "dicts": lambda rows: [without_nulls(row) for row in rows],
    "polars": polars.DataFrame,
    "pyarrow": pyarrow.Table.from_pylist,
    "record batch": pyarrow.RecordBatch.from_pylist,
    "pandas": lambda rows: pyarrow.Table.from_pylist(rows).to_pandas(types_mapper=pandas.ArrowDtype),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_payloads(engine, kind: str) -> None:
    collection = engine.create_collection("c", DIM)
    collection.insert(vectors(3), payloads=FRAMES[kind](ROWS))
    assert collection.payloads([0, 1, 2, 3]) == [*(without_nulls(row) for row in ROWS), None]


def test_columns_of_pandas_with_nan_categories_and_times(engine) -> None:
    times = pandas.to_datetime(["2024-05-01 12:30:00", "2024-05-02 00:00:00.5", None], format="ISO8601")
    frame = pandas.DataFrame(
        {
            "price": [1.5, np.nan, 3.0],
            "color": pandas.Categorical(["red", "blue", "red"]),
            "when": times,
            "zoned": times.tz_localize("UTC"),
            "day": [datetime.date(2024, 1, 31)] * 3,
        }
    )
    collection = engine.create_collection("c", DIM)
    collection.insert(vectors(3), payloads=frame)
    day = {"day": "2024-01-31"}
    assert collection.payloads(range(3)) == [
        {"price": 1.5, "color": "red", "when": "2024-05-01T12:30:00", "zoned": "2024-05-01T12:30:00Z", **day},
        {"color": "blue", "when": "2024-05-02T00:00:00.500000000", "zoned": "2024-05-02T00:00:00.500000000Z", **day},
        {"price": 3.0, "color": "red", **day},
    ]
    since = models.Filter(
        must=[models.FieldCondition(key="when", range=models.DatetimeRange(gte="2024-05-02T00:00:00Z"))]
    )
    assert collection.count(since) == 1
    client = engine.client()
    client.create_payload_index("c", "when", models.PayloadSchemaType.DATETIME)
    assert collection.count(since) == 1


def test_refuses_wrong_payloads(engine) -> None:
    import sextant

    collection = engine.create_collection("c", DIM)
    data = vectors(2)
    for payloads, message in (([{}], "1 for 2"), (polars.DataFrame({"a": [1]}), "1 rows for 2")):
        with pytest.raises(ValueError, match=message):
            collection.insert(data, payloads=payloads)
    for payloads in ("text", {"a": [1, 2]}, 7):
        with pytest.raises(TypeError, match="list of dicts, or columns"):
            collection.insert(data, payloads=payloads)
    for payloads, message in (
        ([1, 2], "payloads\\[0\\]"),
        ([{"a": float("nan")}, {}], "JSON"),
        (pyarrow.table({"a": pyarrow.array([b"x", b"y"])}), "`a` is of type binary"),
        (pyarrow.table({"a": pyarrow.array([1, 2], pyarrow.decimal128(5))}), "`a` is of type decimal128"),
    ):
        with pytest.raises(sextant.SextantError, match=message):
            collection.insert(data, payloads=payloads)
    stream = pyarrow.RecordBatchReader.from_batches(
        pyarrow.schema([("a", pyarrow.int64())]), [pyarrow.RecordBatch.from_pydict({"a": [1, 2, 3]})]
    )
    with pytest.raises(ValueError, match="more rows than 2"):
        collection.insert(data, payloads=stream)
    assert collection.count() == 0


def test_reprs(engine) -> None:
    collection = engine.create_collection("c", DIM)
    collection.insert(vectors(1234))
    assert repr(collection).startswith("<sextant.Collection 'c': 1,234 points, 12-d Cosine")
    found = collection.search(vectors(7), 3)
    assert repr(found) == "<sextant.SearchResult of 7 queries: ids [7, 3], scores [7, 3]>"
    table = found._repr_html_()
    assert table.count("<tr>") == 6 and "2 more queries" in table


def test_progress_is_shown_when_asked_for(engine, monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    collection = engine.create_collection("c", DIM)
    collection.insert(vectors(500), progress=True)
    assert "100 %  500 of 500 points" in told.getvalue()
    told.truncate(0)
    collection.insert(vectors(500), ids=range(500))
    assert told.getvalue().strip("\0") == ""


def test_optimized_collections_search_and_keep_their_settings(engine) -> None:
    quantization = models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    )
    collection = engine.create_collection("c", DIM, quantization_config=quantization)
    data = vectors(30_000)
    collection.insert(data)
    collection.wait_until_optimized()
    assert collection.info()["config"]["quantization_config"]["scalar"]["quantile"] == 0.99
    queries = vectors(100, seed=9)
    unit = data / np.linalg.norm(data, axis=1, keepdims=True)
    exact = np.argsort(-queries @ unit.T, axis=1)[:, :10]
    ids, _ = collection.search(queries, 10)
    assert np.mean([np.intersect1d(a, b).size / 10 for a, b in zip(ids, exact)]) >= 0.95
