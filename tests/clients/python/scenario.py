"""The scenario of README.md through the official Python client, of any minor version since 1.7.

    python scenario.py HOST HTTP_PORT GRPC_PORT NAME [KINDS] [--grpc] [--async]
    python -m sextant scenario.py :memory: 0 0 NAME [KINDS] [--async]        (or a path with a slash)

What a version does not have yet is left out; the names of the steps that ran are printed.
"""

import argparse
import asyncio
import json
import sys
import warnings
from datetime import datetime, timezone
from importlib.metadata import version

from qdrant_client import AsyncQdrantClient, QdrantClient, grpc, models

VERSION = tuple(int(part) for part in version("qdrant-client").split(".")[:2])
U8 = "00000000-0000-0000-0000-000000000008"
CITIES = ["Berlin", "London", "Moscow"]
FIRST_AXIS = [1.0, 0.0, 0.0, 0.0]
INDEXES = {
    "city": "keyword",
    "price": "float",
    "count": "integer",
    "ok": "bool",
    "when": "datetime",
    "place": "geo",
    "title": "text",
    "uid": "uuid",
}


def point_id(number):
    return U8 if number == 8 else number


def payload_of(number):
    return {
        "city": CITIES[number % 3],
        "count": number,
        "price": number + 0.25,
        "ok": number % 2 == 0,
        "when": f"2024-01-0{number}T00:00:00Z",
        "place": {"lon": 10 + number, "lat": 50},
        "tags": ["all", "odd" if number % 2 else "even"],
        "title": f"Point number {number} größer",
        "uid": f"00000000-0000-0000-0000-00000000000{number}",
        "meta": {"deep": {"level": number}},
        "parts": [{"kind": "a", "size": number}, {"kind": "b", "size": -number}],
        "nothing": None,
    }


def vectors_of(number):
    return {"image": [float(number), float(number % 3), 1.0, 0.0], "text": [float(number), 0.0, 0.0]}


def point(number, payload=None):
    return models.PointStruct(id=point_id(number), vector=vectors_of(number), payload=payload or payload_of(number))


def expect(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def expect_close(what, got, wanted):
    if len(got) != len(wanted) or any(abs(one - other) > 1e-5 for one, other in zip(got, wanted)):
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def expect_payload(what, got, wanted):
    """Strict about types: 1, 1.0 and true are three values."""
    expect(what, json.dumps(got, sort_keys=True), json.dumps(wanted, sort_keys=True))


def ids(hits):
    return [hit.id for hit in hits]


def match(key, value):
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def must(*conditions):
    return models.Filter(must=list(conditions))


class Blocking:
    """An asynchronous client whose calls wait for their answers, so that one scenario serves both kinds."""

    def __init__(self, client):
        self._client = client
        self._loop = asyncio.new_event_loop()

    def __getattr__(self, name):
        method = getattr(self._client, name)
        return lambda *args, **named: self._loop.run_until_complete(method(*args, **named))


class Scenario:
    def __init__(self, client, name, kinds, reads_vectors):
        self.client = client
        self.reads_vectors = reads_vectors
        self.name = name
        self.alias = f"{name}-alias"
        self.kinds = kinds

    def run(self):
        steps = [
            self.create,
            self.create_indexes,
            self.upsert,
            self.upsert_conditionally,
            self.count_by_filters,
            self.search,
            self.recommend_as_before,
            self.query,
            self.query_by_formula,
            self.group,
            self.facet,
            self.matrix,
            self.scroll,
            self.scroll_in_order,
            self.change_payloads,
            self.change_vectors,
            self.batch_of_updates,
            self.delete_points,
            self.refuse,
            self.sparse,
            self.multi,
            self.drop,
        ]
        done = [step.__name__ for step in steps if step() is not NotImplemented]
        print(" ".join(done))

    def count(self, query_filter=None):
        return self.client.count(self.name, count_filter=query_filter, exact=True).count

    # --- collections

    def create(self):
        listed = [one.name for one in self.client.get_collections().collections]
        expect("listed before", self.name in listed, False)
        self.client.create_collection(
            self.name,
            vectors_config={
                "image": models.VectorParams(size=4, distance=models.Distance.DOT),
                "text": models.VectorParams(size=3, distance=models.Distance.EUCLID),
            },
        )
        if hasattr(self.client, "collection_exists"):
            expect("exists", self.client.collection_exists(self.name), True)
        if VERSION >= (1, 8):  # the one before refuses infos with fields that it does not know
            vectors = self.client.get_collection(self.name).config.params.vectors
            expect("sizes", {name: params.size for name, params in vectors.items()}, {"image": 4, "text": 3})
            expect("distance", vectors["text"].distance, models.Distance.EUCLID)
        listed = [one.name for one in self.client.get_collections().collections]
        expect("listed", self.name in listed, True)
        alias = models.CreateAlias(collection_name=self.name, alias_name=self.alias)
        self.client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])
        aliases = self.client.get_collection_aliases(self.name).aliases
        expect("aliases", [one.alias_name for one in aliases], [self.alias])

    def create_indexes(self):
        known = {kind.value for kind in models.PayloadSchemaType}
        if VERSION < (1, 9):
            known -= {"datetime"}  # it has the name, but cannot send it over gRPC
        indexed = {field: kind for field, kind in INDEXES.items() if kind in known}
        for field, kind in indexed.items():
            self.client.create_payload_index(self.name, field, field_schema=models.PayloadSchemaType(kind), wait=True)
        if VERSION >= (1, 8):
            schema = self.client.get_collection(self.name).payload_schema
            expect("indexes", {field: one.data_type.value for field, one in schema.items()}, indexed)

    # --- points

    def upsert(self):
        result = self.client.upsert(self.name, [point(number) for number in range(1, 9)], wait=True)
        expect("upsert", result.status, models.UpdateStatus.COMPLETED)
        expect("count", self.count(), 8)
        records = self.client.retrieve(self.name, [1, U8], with_payload=True, with_vectors=True)
        expect("retrieved", sorted(ids(records), key=str), sorted([1, U8], key=str))
        for record in records:
            number = 8 if record.id == U8 else record.id
            expect_payload("payload", record.payload, payload_of(number))
            if self.reads_vectors:
                expect("vectors", record.vector, vectors_of(number))

    def city_of_1(self):
        return self.client.retrieve(self.name, [1])[0].payload["city"]

    def upsert_conditionally(self):
        if not hasattr(models, "UpdateMode"):
            paris = models.PointStruct(id=1, vector=vectors_of(1), payload={**payload_of(1), "city": "Paris"})
            self.client.upsert(self.name, [paris], wait=True)
            return NotImplemented
        paris = [point(1, {**payload_of(1), "city": "Paris"})]
        self.client.upsert(self.name, paris, update_filter=must(match("count", 1000)))
        expect("city after a condition that fails", self.city_of_1(), "London")
        self.client.upsert(self.name, paris, update_filter=must(match("count", 1)))
        expect("city after a condition that holds", self.city_of_1(), "Paris")
        self.client.upsert(self.name, [point(1)], update_mode=models.UpdateMode.INSERT_ONLY)
        expect("city after insert only", self.city_of_1(), "Paris")
        self.client.upsert(self.name, [point(9)], update_mode=models.UpdateMode.UPDATE_ONLY)
        expect("count after update only", self.count(), 8)

    def count_by_filters(self):
        circle = models.GeoRadius(center=models.GeoPoint(lon=12, lat=50), radius=100_000)
        above = models.Range(gt=6)
        nested = models.Nested(key="parts", filter=must(match("kind", "a"), models.FieldCondition(key="size", range=above)))
        wanted = [
            (must(match("city", "Moscow")), 3),
            (must(match("uid", payload_of(3)["uid"])), 1),
            (must(models.FieldCondition(key="tags", match=models.MatchAny(any=["odd", "none"]))), 4),
            (must(models.FieldCondition(key="count", match=models.MatchExcept(**{"except": [1, 2]}))), 6),
            (must(models.FieldCondition(key="title", match=models.MatchText(text="number 3"))), 1),
            (must(models.FieldCondition(key="price", range=models.Range(gte=5.25, lt=7.25))), 2),
            (must(models.FieldCondition(key="place", geo_radius=circle)), 3),
            (must(models.FieldCondition(key="tags", values_count=models.ValuesCount(gte=2))), 8),
            (must(models.IsNullCondition(is_null=models.PayloadField(key="nothing"))), 8),
            (must(models.IsEmptyCondition(is_empty=models.PayloadField(key="city"))), 0),
            (must(models.HasIdCondition(has_id=[1, 2, U8, 77])), 3),
            (must(models.NestedCondition(nested=nested)), 2),
            (must(models.FieldCondition(key="meta.deep.level", range=above)), 2),
            (models.Filter(must_not=[match("ok", True)]), 4),
            (models.Filter(should=[match("count", 1), match("city", "Berlin")]), 3),
        ]
        if hasattr(models, "DatetimeRange"):
            later = models.DatetimeRange(gte=datetime(2024, 1, 5, tzinfo=timezone.utc))
            wanted.append((must(models.FieldCondition(key="when", range=later)), 4))
        if hasattr(models, "MinShould"):
            some = models.MinShould(conditions=[match("count", 3), match("city", "Berlin"), match("ok", True)], min_count=2)
            wanted.append((models.Filter(min_should=some), 2))
        if hasattr(models, "HasVectorCondition"):
            wanted.append((must(models.HasVectorCondition(has_vector="text")), 8))
        for condition, count in wanted:
            expect(f"count of {condition!r}", self.count(condition), count)

    # --- reads

    def nearest(self, vector, using, limit, condition=None, collection=None):
        """`search` where the client still has it, `query_points` in newer ones."""
        if hasattr(self.client, "search"):
            named = models.NamedVector(name=using, vector=vector)
            hits = self.client.search(collection or self.name, named, query_filter=condition, limit=limit)
        else:
            options = {"query": vector, "using": using, "query_filter": condition, "limit": limit}
            hits = self.client.query_points(collection or self.name, **options).points
        return hits

    def search(self):
        hits = self.nearest(FIRST_AXIS, "image", 3)
        expect("nearest", ids(hits), [U8, 7, 6])
        expect_close("scores", [hit.score for hit in hits], [8, 7, 6])
        expect_payload("payload of a hit", hits[1].payload, payload_of(7))
        hits = self.nearest([5.2, 0.0, 0.0], "text", 2)
        expect("nearest by distance", ids(hits), [5, 6])
        expect_close("distances", [hit.score for hit in hits], [0.2, 0.8])
        condition = must(match("city", "Berlin"), models.FieldCondition(key="price", range=models.Range(gte=5.0)))
        expect("filtered, by alias", ids(self.nearest(FIRST_AXIS, "image", 10, condition, self.alias)), [6])

    def recommend_as_before(self):
        if not hasattr(self.client, "recommend"):
            return NotImplemented
        hits = self.client.recommend(self.name, positive=[1], using="image", limit=2)
        expect("recommend", ids(hits), [U8, 7])
        context = [models.ContextExamplePair(positive=7, negative=1)]
        hits = self.client.discover(self.name, target=FIRST_AXIS, context=context, using="image", limit=1)
        expect("discover", ids(hits), [U8])
        request = models.SearchRequest(vector=models.NamedVector(name="image", vector=FIRST_AXIS), limit=1)
        answers = self.client.search_batch(self.name, [request, request])
        expect("search_batch", [ids(answer) for answer in answers], [[U8], [U8]])

    def query(self):
        if not hasattr(self.client, "query_points"):
            return NotImplemented
        prefetch = [
            models.Prefetch(query=FIRST_AXIS, using="image", limit=3),
            models.Prefetch(query=[6.2, 0.0, 0.0], using="text", limit=3),
        ]
        fusion = models.FusionQuery(fusion=models.Fusion.RRF)
        hits = self.client.query_points(self.name, prefetch=prefetch, query=fusion).points
        expect("fused", ids(hits), [6, 7, U8, 5])
        expect_close("fused scores", [hit.score for hit in hits], [0.75, 2 / 3, 0.5, 0.25])
        recommend = models.RecommendQuery(recommend=models.RecommendInput(positive=[1], negative=[]))
        hits = self.client.query_points(self.name, query=recommend, using="image", limit=2).points
        expect("recommend", ids(hits), [U8, 7])
        expect_close("recommend scores", [hit.score for hit in hits], [11, 9])
        pair = models.ContextPair(positive=7, negative=1)
        discover = models.DiscoverQuery(discover=models.DiscoverInput(target=FIRST_AXIS, context=[pair]))
        expect("discover", ids(self.client.query_points(self.name, query=discover, using="image", limit=1).points), [U8])
        order = models.OrderByQuery(order_by=models.OrderBy(key="count", direction=models.Direction.DESC, start_from=5))
        expect("order_by", ids(self.client.query_points(self.name, query=order, limit=2).points), [5, 4])
        requests = [models.QueryRequest(query=2, using="text", limit=1), models.QueryRequest(limit=2)]
        answers = self.client.query_batch_points(self.name, requests=requests)
        expect("batch", ids(answers[1].points), [1, 2])
        expect("batch by id", ids(answers[0].points)[0] in (1, 3), True)

    def query_by_formula(self):
        if not hasattr(models, "FormulaQuery"):
            return NotImplemented
        boost = models.MultExpression(mult=[10.0, match("ok", False)])
        formula = models.FormulaQuery(formula=models.SumExpression(sum=["$score", boost]))
        prefetch = models.Prefetch(query=FIRST_AXIS, using="image", limit=8)
        hits = self.client.query_points(self.name, prefetch=prefetch, query=formula, limit=2).points
        expect("formula", ids(hits), [7, 5])
        expect_close("formula scores", [hit.score for hit in hits], [17, 15])

    def group(self):
        options = {"group_by": "city", "limit": 2, "group_size": 1}
        if hasattr(self.client, "query_points_groups"):
            groups = self.client.query_points_groups(self.name, query=FIRST_AXIS, using="image", **options).groups
        else:
            named = models.NamedVector(name="image", vector=FIRST_AXIS)
            groups = self.client.search_groups(self.name, query_vector=named, **options).groups
        expect("groups", [(group.id, ids(group.hits)) for group in groups], [("Moscow", [U8]), ("London", [7])])

    def facet(self):
        if not hasattr(self.client, "facet"):
            return NotImplemented
        hits = self.client.facet(self.name, key="city", exact=True).hits
        wanted = [("Moscow", 3), ("Berlin", 2), ("London", 2), ("Paris", 1)]
        expect("facet", [(hit.value, hit.count) for hit in hits], wanted)

    def matrix(self):
        if not hasattr(self.client, "search_matrix_pairs"):
            return NotImplemented
        only = must(models.HasIdCondition(has_id=[1, 2, U8]))
        options = {"query_filter": only, "using": "image", "limit": 1, "sample": 10}
        pairs = self.client.search_matrix_pairs(self.name, **options).pairs
        expect("matrix", [(pair.a, pair.b) for pair in pairs], [(1, U8), (2, U8), (U8, 2)])

    def scroll(self):
        records, following = self.client.scroll(self.name, limit=5, with_payload=["count"])
        expect("first page", (ids(records), following), ([1, 2, 3, 4, 5], 6))
        expect_payload("selected payload", records[4].payload, {"count": 5})
        records, following = self.client.scroll(self.name, limit=5, offset=following, with_payload=False)
        expect("last page", (ids(records), following), ([6, 7, U8], None))

    def scroll_in_order(self):
        if not hasattr(models, "OrderBy"):
            return NotImplemented
        order = models.OrderBy(key="count", direction=models.Direction.DESC)
        records, following = self.client.scroll(self.name, order_by=order, limit=3)
        expect("in order", (ids(records), following), ([U8, 7, 6], None))

    # --- changes

    def change_payloads(self):
        red = must(match("color", "red"))
        self.client.set_payload(self.name, payload={"color": "red"}, points=[2, 3], wait=True)
        expect("red", self.count(red), 2)
        self.client.set_payload(self.name, payload={"color": "red"}, points=must(match("city", "Berlin")), wait=True)
        expect("red by filter", self.count(red), 3)
        self.client.delete_payload(self.name, keys=["color"], points=[3, 6], wait=True)
        expect("red after delete", self.count(red), 1)
        self.client.overwrite_payload(self.name, payload={"count": 4}, points=[4], wait=True)
        expect_payload("overwritten", self.client.retrieve(self.name, [4])[0].payload, {"count": 4})
        self.client.clear_payload(self.name, points_selector=[5], wait=True)
        expect_payload("cleared", self.client.retrieve(self.name, [5])[0].payload, {})

    def change_vectors(self):
        moved = models.PointVectors(id=1, vector={"text": [100.0, 0.0, 0.0]})
        self.client.update_vectors(self.name, points=[moved])
        expect("moved", ids(self.nearest([99.0, 0.0, 0.0], "text", 1)), [1])
        self.client.delete_vectors(self.name, vectors=["text"], points=[2])
        record = self.client.retrieve(self.name, [2], with_vectors=True)[0]
        expect("vectors left", list(record.vector), ["image"])

    def batch_of_updates(self):
        operations = [
            models.UpsertOperation(upsert=models.PointsList(points=[point(9)])),
            models.SetPayloadOperation(set_payload=models.SetPayload(payload={"color": "blue"}, points=[9])),
            models.DeleteOperation(delete=models.PointIdsList(points=[9])),
            models.SetPayloadOperation(set_payload=models.SetPayload(payload={"color": "blue"}, points=[7])),
        ]
        results = self.client.batch_update_points(self.name, update_operations=operations, wait=True)
        expect("results", [result.status for result in results], [models.UpdateStatus.COMPLETED] * 4)
        expect("blue", self.count(must(match("color", "blue"))), 1)

    def delete_points(self):
        self.client.delete(self.name, points_selector=[1], wait=True)
        selector = models.FilterSelector(filter=must(match("city", "Berlin")))
        self.client.delete(self.name, points_selector=selector, wait=True)
        expect("left", ids(self.client.scroll(self.name)[0]), [2, 4, 5, 7, U8])

    def refused(self, call):
        """The message of the error that a call must end with."""
        try:
            call()
        except Exception as error:  # each transport has exceptions of its own
            return str(error)
        raise AssertionError("a request that must fail did not")

    def refuse(self):
        message = self.refused(lambda: self.nearest([1.0], "image", 1))
        expect(f"the dimension in: {message}", "expected dim: 4, got 1" in message, True)
        message = self.refused(lambda: self.client.count("no-such-collection"))
        expect(f"the collection in: {message}", "no-such-collection" in message, True)

    # --- other kinds of vectors

    def with_collection(self, suffix, vectors, sparse, points, check):
        name = f"{self.name}-{suffix}"
        self.client.create_collection(name, vectors_config=vectors, sparse_vectors_config=sparse)
        self.client.upsert(name, points, wait=True)
        check(name)
        self.client.delete_collection(name)

    def sparse(self):
        if "sparse" not in self.kinds:
            return NotImplemented
        rows = {1: ([1, 5], [1.0, 2.0]), 2: ([5, 9], [3.0, 1.0]), 3: ([7], [1.0])}
        points = [
            models.PointStruct(id=number, vector={"words": models.SparseVector(indices=where, values=what)}, payload={})
            for number, (where, what) in rows.items()
        ]

        def check(name):
            query = models.SparseVector(indices=[5], values=[2.0])
            if hasattr(self.client, "search"):
                named = models.NamedSparseVector(name="words", vector=query)
                hits = self.client.search(name, named)
            else:
                hits = self.client.query_points(name, query=query, using="words").points
            expect("sparse", ids(hits), [2, 1])
            expect_close("sparse scores", [hit.score for hit in hits], [6, 4])
            if self.reads_vectors:
                vector = self.client.retrieve(name, [2], with_vectors=True)[0].vector["words"]
                expect("sparse vector", (vector.indices, vector.values), rows[2])

        self.with_collection("sparse", {}, {"words": models.SparseVectorParams()}, points, check)

    def multi(self):
        if "multi" not in self.kinds or not hasattr(models, "MultiVectorComparator"):
            return NotImplemented
        config = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
        params = models.VectorParams(size=2, distance=models.Distance.DOT, multivector_config=config)
        rows = {1: [[1.0, 0.0], [0.0, 1.0]], 2: [[0.9, 0.9]]}
        points = [models.PointStruct(id=number, vector=row, payload={}) for number, row in rows.items()]

        def check(name):
            hits = self.client.query_points(name, query=[[1.0, 0.0], [0.0, 1.0]]).points
            expect("multivectors", ids(hits), [1, 2])
            expect_close("multivector scores", [hit.score for hit in hits], [2, 1.8])
            if self.reads_vectors:
                expect("multivector", self.client.retrieve(name, [1], with_vectors=True)[0].vector, rows[1])

        self.with_collection("multi", params, None, points, check)

    def drop(self):
        alias = models.DeleteAlias(alias_name=self.alias)
        self.client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=alias)])
        expect("aliases", self.client.get_collection_aliases(self.name).aliases, [])
        expect("dropped", self.client.delete_collection(self.name), True)
        expect("listed", self.name in [one.name for one in self.client.get_collections().collections], False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("http_port", type=int)
    parser.add_argument("grpc_port", type=int)
    parser.add_argument("name")
    parser.add_argument("kinds", nargs="?", default="")
    parser.add_argument("--grpc", action="store_true")
    parser.add_argument("--async", dest="asynchronous", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # about what newer versions of the client call otherwise
    if arguments.host == ":memory:" or "/" in arguments.host:  # `python -m sextant scenario.py` has the engine inside
        options = {"location" if arguments.host == ":memory:" else "path": arguments.host}
    else:
        options = {"host": arguments.host, "port": arguments.http_port, "grpc_port": arguments.grpc_port, "timeout": 60}
        options["prefer_grpc"] = arguments.grpc
    client = Blocking(AsyncQdrantClient(**options)) if arguments.asynchronous else QdrantClient(**options)
    # The server, as its reference, leaves out the flat lists that older clients look for in answers of gRPC.
    reads_vectors = not arguments.grpc or hasattr(getattr(grpc, "VectorOutput", grpc.Vector)(), "dense")
    Scenario(client, arguments.name, arguments.kinds.split(","), reads_vectors).run()
    client.close()


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failed:
        sys.exit(f"scenario failed: {failed}")
