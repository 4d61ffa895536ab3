"""Random calls of the official client, and what is left out because the two sides are allowed to differ there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from qdrant_client import models

from differential import compare
from differential.payloads import COLORS, INDEXABLE, NUMBERS, ORDERED, PRICES, FilterMaker, random_payload
from differential.queries import QueryMaker
from differential.spaces import Space

IDS = [*range(60), 2**63, 2**64 - 1, *(str(UUID(int=number)) for number in (0, 7, 2**64, 2**128 - 1))]
SELECTORS = [["color"], ["meta.x", "tags"], ["items[].kind"], ['"a.b"'], ["meta", "meta.deep"], ["absent"], []]
ABSENT_IDS = [10**9, str(UUID(int=10**9))]


@dataclass(frozen=True)
class Operation:
    method: str
    arguments: dict
    check: Callable[[object, object], None]


@dataclass(frozen=True)
class Limits:
    """What the other side cannot be compared in."""

    feedback_on_all_kinds: bool = True  # otherwise on plain dense vectors alone
    diverse_sparse: bool = True  # maximal marginal relevance among sparse vectors, too
    datatypes: bool = True  # otherwise no averages of vectors, which these would round
    sparse_deletions: bool = True  # of the sparse vectors of a point that stays
    global_idf: bool = True  # otherwise each IDF is counted in a corpus that the query names


class OperationMaker:
    """`existing` says which ids there are now, with their payloads; `limits`, what is not asked for."""

    def __init__(self, random: Random, space: Space, existing: Callable[[], dict], limits: Limits):
        self.random = random
        self.space = space
        self.existing = existing
        self.limits = limits
        self.names = list(space.vectors)
        self.filters = FilterMaker(random, IDS, self.names)
        self.indexed: set[str] = set()
        self.makers = [
            (20, self.upsert),
            (3, self.upsert_columns),
            (6, self.conditional_upsert),
            (5, self.update_vectors),
            (3, self.delete_vectors),
            (4, self.batch),
            (4, self.delete),
            (6, self.set_payload),
            (3, self.set_payload_at_key),
            (3, self.overwrite_payload),
            (3, self.delete_payload),
            (2, self.clear_payload),
            (4, self.create_index),
            (2, self.delete_index),
            (10, self.scroll),
            (6, self.scroll_ordered),
            (8, self.count),
            (6, self.retrieve),
            (20, self.query),
            (5, self.query_by_id),
            (3, self.query_without_vector),
            (25, QueryMaker(self, Operation).any),
        ]

    def next(self) -> Operation:
        weights, makers = zip(*self.makers, strict=True)
        return self.random.choices(makers, weights)[0]()

    # --- parts of requests

    def vector(self, name: str) -> list[float] | list[list[float]] | models.SparseVector:
        return self.space.vectors[name].vector(self.random)

    def point_vectors(self) -> list | dict[str, list | models.SparseVector]:
        if self.names == [""]:
            return self.vector("")
        return {name: self.vector(name) for name in self.names if self.random.random() < 0.8}

    def maybe_filter(self, share: float = 0.6) -> models.Filter | None:
        return self.filters.filter() if self.random.random() < share else None

    def some_existing(self, most: int = 5) -> list:
        ids = list(self.existing())
        return self.random.sample(ids, min(len(ids), self.random.randint(1, most)))

    def selection(self) -> list | models.Filter:
        """Existing ids or a filter: what happens to the others of a request with a missing id may differ."""
        ids = self.some_existing()
        return ids if ids and self.random.random() < 0.6 else self.filters.filter()

    def with_payload(self) -> object:
        keys = self.random.choice(SELECTORS)
        return self.random.choice(
            [
                True,
                False,
                keys,
                models.PayloadSelectorInclude(include=keys),
                models.PayloadSelectorExclude(exclude=keys),
            ]
        )

    def with_vectors(self) -> object:
        return self.random.choice([True, False, self.random.sample(self.names, self.random.randint(1, len(self.names)))])

    # --- writes

    def upsert(self) -> Operation:
        points = [
            models.PointStruct(
                id=self.random.choice(IDS),
                vector=self.point_vectors(),
                payload=random_payload(self.random) if self.random.random() < 0.9 else None,
            )
            for _ in range(self.random.randint(1, 6))
        ]
        return Operation("upsert", {"points": points}, compare.nothing)

    def upsert_columns(self) -> Operation:
        ids = self.random.sample(IDS, self.random.randint(1, 6))
        if self.names == [""]:
            vectors = [self.vector("") for _ in ids]
        else:
            vectors = {name: [self.vector(name) for _ in ids] for name in self.names}
        payloads = [random_payload(self.random) for _ in ids]
        return Operation("upsert", {"points": models.Batch(ids=ids, vectors=vectors, payloads=payloads)}, compare.nothing)

    def points(self, ids: list) -> list[models.PointStruct]:
        return [
            models.PointStruct(id=point, vector=self.point_vectors(), payload=random_payload(self.random)) for point in ids
        ]

    def condition(self) -> dict:
        """When a point is written: a mode and a filter on what is there."""
        modes = [None, models.UpdateMode.UPSERT, models.UpdateMode.INSERT_ONLY, models.UpdateMode.UPDATE_ONLY]
        return {"update_mode": self.random.choice(modes), "update_filter": self.maybe_filter(0.7)}

    def conditional_upsert(self) -> Operation:
        points = self.points(self.random.sample(IDS, self.random.randint(1, 6)))
        return Operation("upsert", {"points": points, **self.condition()}, compare.nothing)

    def point_updates(self) -> list[models.PointVectors]:
        updates = []
        for point in self.some_existing():
            names = self.random.sample(self.names, self.random.randint(1, len(self.names)))
            vector = self.vector("") if names == [""] else {name: self.vector(name) for name in names}
            updates.append(models.PointVectors(id=point, vector=vector))
        return updates

    def update_vectors(self) -> Operation:
        updates = self.point_updates()
        if not updates:
            return self.upsert()
        return Operation("update_vectors", {"points": updates, "update_filter": self.maybe_filter(0.4)}, compare.nothing)

    def vector_names(self) -> list[str]:
        """Of vectors to delete."""
        names = self.names if self.limits.sparse_deletions else list(self.space.dense())
        return self.random.sample(names, self.random.randint(1, len(names)))

    def delete_vectors(self) -> Operation:
        arguments = {"vectors": self.vector_names(), "points": self.selection()}
        return Operation("delete_vectors", arguments, compare.nothing)

    def batch(self) -> Operation:
        """Existing points are named by the first operation only: the ones before it may delete them."""
        updates = self.point_updates()
        operations = []
        if updates and self.random.random() < 0.5:
            operations.append(models.UpdateVectorsOperation(update_vectors=models.UpdateVectors(points=updates)))
        operations += [self.random.choice(BATCHED)(self) for _ in range(self.random.randint(1, 5))]
        return Operation("batch_update_points", {"update_operations": operations}, compare.nothing)

    def delete(self) -> Operation:
        selector = self.random.choice([self.random.sample(IDS, self.random.randint(1, 4)), self.filters.filter(1)])
        if isinstance(selector, models.Filter):
            # Keep it from emptying the collection.
            keep = models.HasIdCondition(has_id=IDS[::2])
            selector = models.Filter(must=[selector], must_not=[keep])
        return Operation("delete", {"points_selector": selector}, compare.nothing)

    def set_payload(self) -> Operation:
        payload = random_payload(self.random)
        selection = self.selection()
        if not isinstance(selection, list) or not all(self.existing()[point] for point in selection):
            payload = {key: value for key, value in payload.items() if value is not None}
        return Operation("set_payload", {"payload": payload, "points": selection}, compare.nothing)

    def set_payload_at_key(self) -> Operation:
        key = self.random.choice(["meta", "meta.deep", "items[]", "items[0]", "new.path", "mixed"])
        payload = {"x": self.random.choice(NUMBERS), "y": self.random.choice(COLORS)}
        arguments = {"payload": payload, "points": self.selection(), "key": key}
        return Operation("set_payload", arguments, compare.nothing)

    def overwrite_payload(self) -> Operation:
        arguments = {"payload": random_payload(self.random), "points": self.selection()}
        return Operation("overwrite_payload", arguments, compare.nothing)

    def delete_payload(self) -> Operation:
        keys = self.random.sample(["color", "meta.x", "items[].count", "tags[]", "tags[0]", "absent", "mixed"], 2)
        return Operation("delete_payload", {"keys": keys, "points": self.selection()}, compare.nothing)

    def clear_payload(self) -> Operation:
        return Operation("clear_payload", {"points_selector": self.selection()}, compare.nothing)

    def create_index(self) -> Operation:
        field = self.random.choice(list(INDEXABLE))
        self.indexed.add(field)
        arguments = {"field_name": field, "field_schema": INDEXABLE[field]}
        return Operation("create_payload_index", arguments, compare.nothing)

    def delete_index(self) -> Operation:
        field = self.random.choice(list(INDEXABLE))
        self.indexed.discard(field)
        return Operation("delete_payload_index", {"field_name": field}, compare.nothing)

    # --- reads

    def scroll(self) -> Operation:
        arguments = {
            "scroll_filter": self.maybe_filter(),
            "limit": self.random.choice([1, 3, 10, 100]),
            "offset": self.random.choice([None, None, *self.random.sample(IDS, 2)]),
            "with_payload": self.with_payload(),
            "with_vectors": self.with_vectors(),
        }
        return Operation("scroll", arguments, compare.pages)

    def scroll_ordered(self) -> Operation:
        fields = [field for field in ORDERED if field in self.indexed]
        if not fields:
            return self.create_index()
        key = self.random.choice(fields)
        starts = [datetime(2024, 1, 31, microsecond=1)] if key == "when" else NUMBERS + PRICES
        order_by = models.OrderBy(
            key=key,
            direction=self.random.choice([None, models.Direction.ASC, models.Direction.DESC]),
            start_from=self.random.choice([None, None, *self.random.sample(starts, min(2, len(starts)))]),
        )
        arguments = {
            "scroll_filter": self.maybe_filter(),
            "limit": self.random.choice([1, 5, 20, 500]),
            "order_by": order_by,
            "with_payload": True,
        }
        return Operation("scroll", arguments, compare.ordered_pages)

    def count(self) -> Operation:
        return Operation("count", {"count_filter": self.maybe_filter(0.9), "exact": True}, compare.values)

    def retrieve(self) -> Operation:
        arguments = {
            "ids": self.random.sample(IDS + ABSENT_IDS, self.random.randint(1, 8)),
            "with_payload": self.with_payload(),
            "with_vectors": self.with_vectors(),
        }
        return Operation("retrieve", arguments, compare.records)

    def params(self, name: str | None = None) -> models.SearchParams | None:
        """Of a query for the vectors of that name."""
        exact = self.random.choice([None, True]) if self.space.always_scanned() else True
        idf = None
        if name is not None and getattr(self.space.vectors[name], "idf", False):
            corpora = [None, self.filters.filter()] if self.limits.global_idf else [models.Filter(), self.filters.filter()]
            corpus = self.random.choice(corpora)
            idf = corpus and models.IdfCorpusParams(corpus=corpus)
        return models.SearchParams(exact=exact, idf=idf) if exact or idf else None

    def nearest(self, query: object, name: str) -> Operation:
        arguments = {
            "query": query,
            "using": name or None,
            "query_filter": self.maybe_filter(),
            "search_params": self.params(name),
            "limit": self.random.choice([1, 3, 10, 100]),
            "offset": self.random.choice([None, 0, 2, 30]),
            "with_payload": self.with_payload(),
            "with_vectors": self.with_vectors(),
            "score_threshold": self.random.choice([None, None, self.random.uniform(-1, 6)]),
        }
        return Operation("query_points", arguments, compare.ranked(self.space.vectors[name].larger_first))

    def query(self) -> Operation:
        name = self.random.choice(self.names)
        return self.nearest(self.vector(name), name)

    def query_by_id(self) -> Operation:
        return self.nearest(self.random.choice(IDS + ABSENT_IDS), self.random.choice(self.names))

    def query_without_vector(self) -> Operation:
        arguments = {
            "query_filter": self.maybe_filter(),
            "limit": self.random.choice([1, 10, 100]),
            "with_payload": self.with_payload(),
        }
        return Operation("query_points", arguments, compare.unscored_hits)


def payload_without_nulls(maker: OperationMaker) -> dict:
    return {key: value for key, value in random_payload(maker.random).items() if value is not None}


# Operations of a batch, each on points that a filter selects or that need not be there.
BATCHED: list[Callable[[OperationMaker], object]] = [
    lambda maker: models.UpsertOperation(
        upsert=models.PointsList(points=maker.points(maker.random.sample(IDS, 3)), **maker.condition())
    ),
    lambda maker: models.DeleteOperation(delete=models.PointIdsList(points=maker.random.sample(IDS, 2))),
    lambda maker: models.SetPayloadOperation(
        set_payload=models.SetPayload(
            payload=payload_without_nulls(maker),
            filter=maker.filters.filter(),
            key=maker.random.choice([None, "meta", "items[]", "new.path"]),
        )
    ),
    lambda maker: models.OverwritePayloadOperation(
        overwrite_payload=models.SetPayload(payload=random_payload(maker.random), filter=maker.filters.filter())
    ),
    lambda maker: models.DeletePayloadOperation(
        delete_payload=models.DeletePayload(keys=["color", "tags[]"], filter=maker.filters.filter())
    ),
    lambda maker: models.ClearPayloadOperation(clear_payload=models.FilterSelector(filter=maker.filters.filter())),
    lambda maker: models.DeleteVectorsOperation(
        delete_vectors=models.DeleteVectors(vector=maker.vector_names(), filter=maker.filters.filter())
    ),
]
