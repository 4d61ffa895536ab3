"""Random universal queries: every kind of query, with and without prefetches, groups, facets and matrices."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from qdrant_client import models

from differential import compare
from differential.payloads import NUMBERS
from differential.spaces import BYTE, Dense

if TYPE_CHECKING:
    from differential.operations import Operation, OperationMaker

# Variables of formulas with defaults, so that most points can be scored.
VARIABLES = ["$score", "$score[1]", "n", "price", "meta.x", '"a.b"', "absent", "mixed"]
GROUPED = ["color", "tags", "n", "meta.x", "items[].kind", "mixed", "absent"]
FACETED = ["color", "tags", "n", "ok", "meta.x", "items[].kind"]
PLACES = [(37.6173, 55.7558), (-0.1278, 51.5074), (0.0, 0.0), (180.0, -90.0)]


class QueryMaker:
    """Makes queries over the space of an OperationMaker, whose parts it uses."""

    def __init__(self, parts: OperationMaker, operation: type[Operation]):
        self.parts = parts
        self.operation = operation
        self.random: Random = parts.random
        self.kinds = parts.space.vectors

    # --- vector queries

    def example(self, name: str, ids: bool) -> list | models.SparseVector | int | str:
        existing = self.parts.some_existing(1) if ids and self.random.random() < 0.5 else []
        return existing[0] if existing else self.parts.vector(name)

    def examples(self, name: str, ids: bool, least: int = 0) -> list:
        return [self.example(name, ids) for _ in range(self.random.randint(least, 3))]

    def pairs(self, name: str, ids: bool, least: int) -> list[models.ContextPair]:
        return [
            models.ContextPair(positive=self.example(name, ids), negative=self.example(name, ids))
            for _ in range(self.random.randint(least, 3))
        ]

    def recommend(self, name: str, ids: bool) -> models.RecommendQuery:
        strategies = list(models.RecommendStrategy)
        if self.kinds[name].datatype and not self.parts.limits.datatypes:
            strategies.remove(models.RecommendStrategy.AVERAGE_VECTOR)
        strategy = self.random.choice(strategies)
        least = 1 if strategy == models.RecommendStrategy.AVERAGE_VECTOR else 0
        positive, negative = self.examples(name, ids, least), self.examples(name, ids, 1 - least)
        return models.RecommendQuery(
            recommend=models.RecommendInput(positive=positive, negative=negative, strategy=strategy)
        )

    def discover(self, name: str, ids: bool) -> models.DiscoverQuery:
        target, context = self.example(name, ids), self.pairs(name, ids, 0)
        return models.DiscoverQuery(discover=models.DiscoverInput(target=target, context=context))

    def context(self, name: str, ids: bool) -> models.ContextQuery:
        return models.ContextQuery(context=self.pairs(name, ids, 1))

    def feedback(self, name: str, _ids: bool) -> models.RelevanceFeedbackQuery:
        """By vectors alone: local mode reads the vectors of points in a way of its own."""
        items = [
            models.FeedbackItem(example=example, score=self.random.uniform(-1, 1))
            for example in self.examples(name, False, 1)
        ]
        naive = models.NaiveFeedbackStrategyParams(
            a=self.random.uniform(-1, 2), b=self.random.uniform(0, 2), c=self.random.uniform(-1, 2)
        )
        strategy = models.NaiveFeedbackStrategy(naive=naive)
        target = self.parts.vector(name)
        return models.RelevanceFeedbackQuery(
            relevance_feedback=models.RelevanceFeedbackInput(target=target, feedback=items, strategy=strategy)
        )

    def diverse(self, name: str, ids: bool) -> models.NearestQuery:
        mmr = models.Mmr(diversity=self.random.choice([None, 0.0, 0.3, 0.8]), candidates_limit=self.random.randint(0, 40))
        return models.NearestQuery(nearest=self.example(name, ids), mmr=mmr)

    def ranked_by(self, query: object, name: str) -> bool:
        """Whether larger scores come first."""
        average = (
            isinstance(query, models.RecommendQuery)
            and query.recommend.strategy == models.RecommendStrategy.AVERAGE_VECTOR
        )
        nearest = isinstance(query, (list, int, str, models.SparseVector, models.NearestQuery))
        return self.kinds[name].larger_first or not (average or nearest)

    def vector_query(self, name: str, ids: bool) -> object:
        """Without `ids` it is one of a prefetch, where points must not tie: which of them pass a limit is free."""
        kind, makers = self.kinds[name], [self.example]
        if ids or not kind.examples_tie:
            makers += [self.recommend, self.discover]
            if self.parts.limits.feedback_on_all_kinds or (isinstance(kind, Dense) and not kind.multi):
                makers.append(self.feedback)
        if ids:  # many points tie at the best score of a context
            makers.append(self.context)
        return self.random.choice(makers)(name, ids)

    # --- prefetches

    def prefetch(self, depth: int, fuses: bool) -> models.Prefetch:
        """Without ids: the two sides exclude those of prefetches from different places. `fuses`: may be a fusion."""
        name = self.random.choice([name for name in self.parts.names if not self.kinds[name].nearest_tie])
        limit = self.random.choice([1, 5, 20, 100])
        inner = None
        query = self.random.choice([None, self.vector_query(name, False), self.vector_query(name, False)])
        if depth > 0 and self.random.random() < 0.3:
            fused = fuses and self.random.random() < 0.5
            inner = [self.prefetch(depth - 1, not fused) for _ in range(self.random.randint(1, 2))]
            query = self.fusion(len(inner)) if fused else self.vector_query(name, False)
        fused = isinstance(query, (models.FusionQuery, models.RrfQuery))
        if fused or isinstance(query, models.DiscoverQuery):
            limit = 1000  # many points tie, or nearly so, and which of them pass a limit is free
        # The server joins the lists of `should` on the way to the leaves and leaves it at that; local mode asks the filter
        # of each level again. Wrapped, they mean the same.
        own = self.parts.maybe_filter(0.3)
        return models.Prefetch(
            prefetch=inner,
            query=query,
            using=None if fused or not name else name,
            filter=own and models.Filter(must=[own]),
            params=self.parts.params(None if fused else name),
            limit=limit,
        )

    def fusion(self, lists: int) -> models.FusionQuery | models.RrfQuery:
        weights = self.random.choice([None, [self.random.uniform(0, 3) for _ in range(lists)]])
        rrf = models.Rrf(k=self.random.choice([None, 1, 2, 60]), weights=weights)
        fusions = [models.FusionQuery(fusion=fusion) for fusion in models.Fusion]
        return self.random.choice([*fusions, models.RrfQuery(rrf=rrf)])

    # --- formulas

    def expression(self, depth: int) -> object:
        leaves = [
            lambda: round(self.random.uniform(-3, 3), 2),
            lambda: self.random.choice(VARIABLES),
            lambda: self.parts.filters.condition(0),
        ]
        if depth == 0 or self.random.random() < 0.2:
            return self.random.choice(leaves)()
        inner = [self.expression(depth - 1) for _ in range(2)]
        lon, lat = self.random.choice(PLACES)
        decay = models.DecayParamsExpression(
            x=inner[0],
            target=self.random.choice([None, inner[1]]),
            scale=self.random.choice([None, 5.0]),
            midpoint=self.random.choice([None, 0.25]),
        )
        return self.random.choice(
            [
                models.SumExpression(sum=inner),
                models.MultExpression(mult=inner),
                models.NegExpression(neg=inner[0]),
                models.AbsExpression(abs=inner[0]),
                models.DivExpression(div=models.DivParams(left=inner[0], right=inner[1], by_zero_default=1.5)),
                models.SqrtExpression(sqrt=models.AbsExpression(abs=inner[0])),
                models.PowExpression(pow=models.PowParams(base=inner[0], exponent=2.0)),
                models.LinDecayExpression(lin_decay=decay),
                models.ExpDecayExpression(exp_decay=decay),
                models.GaussDecayExpression(gauss_decay=decay),
                models.GeoDistance(
                    geo_distance=models.GeoDistanceParams(origin=models.GeoPoint(lon=lon, lat=lat), to="place")
                ),
                models.DatetimeExpression(datetime="2024-02-29T12:34:56Z"),
            ]
        )

    def formula(self) -> models.FormulaQuery:
        defaults = {variable: self.random.choice(NUMBERS[:5]) for variable in VARIABLES if self.random.random() < 0.9}
        defaults["place"] = {"lon": 13.405, "lat": 52.52}
        return models.FormulaQuery(formula=self.expression(3), defaults=defaults)

    # --- operations

    def page(self, name: str | None = None) -> dict:
        """`name`: of the vectors that the query itself searches."""
        return {
            "query_filter": self.parts.maybe_filter(),
            "search_params": self.parts.params(name),
            "limit": self.random.choice([1, 3, 10, 100]),
            "offset": self.random.choice([None, 0, 2, 30]),
            "with_payload": self.parts.with_payload(),
            "with_vectors": self.parts.with_vectors(),
        }

    def plain(self) -> Operation:
        """One query of vectors over the whole collection."""
        name = self.random.choice(self.parts.names)
        query = self.vector_query(name, True)
        arguments = {"query": query, "using": name or None, **self.page(name)}
        return self.operation("query_points", arguments, compare.ranked(self.ranked_by(query, name)))

    def diversified(self) -> Operation:
        space, sparse = self.parts.space, self.parts.limits.diverse_sparse
        dense = [name for name, kind in space.dense().items() if kind.datatype != BYTE]
        name = self.random.choice([*dense, *(space.sparse() if sparse else [])])
        arguments = {"query": self.diverse(name, True), "using": name or None, **self.page(name)}
        return self.operation("query_points", arguments, compare.in_this_order)

    def rescored(self) -> Operation:
        """Vectors over what prefetches found."""
        name = self.random.choice(self.parts.names)
        query = self.vector_query(name, True)
        prefetch = [self.prefetch(2, True) for _ in range(self.random.randint(1, 3))]
        arguments = {"query": query, "using": name or None, "prefetch": prefetch, **self.page(name)}
        return self.operation("query_points", arguments, compare.ranked(self.ranked_by(query, name)))

    def fused(self) -> Operation:
        prefetch = [self.prefetch(1, False) for _ in range(self.random.randint(1, 3))]
        arguments = {"query": self.fusion(len(prefetch)), "prefetch": prefetch, **self.page()}
        return self.operation("query_points", arguments, compare.ranked(True))

    def scored_by_formula(self) -> Operation:
        prefetch = [self.prefetch(1, True) for _ in range(self.random.randint(1, 2))]
        arguments = {"query": self.formula(), "prefetch": prefetch, **self.page()}
        return self.operation("query_points", arguments, compare.ranked(True))

    def grouped(self) -> Operation:
        name = self.random.choice(self.parts.names)
        query = self.vector_query(name, True)
        arguments = {
            "query": query,
            "using": name or None,
            "group_by": self.random.choice(GROUPED),
            "group_size": self.random.choice([1, 3, 100]),
            "limit": self.random.choice([1, 3, 100]),
            "query_filter": self.parts.maybe_filter(0.3),
            "search_params": self.parts.params(name),
            "with_payload": self.parts.with_payload(),
        }
        return self.operation("query_points_groups", arguments, compare.groups(self.ranked_by(query, name)))

    def facet(self) -> Operation:
        fields = [field for field in FACETED if field in self.parts.indexed]
        if not fields:
            return self.parts.create_index()
        arguments = {
            "key": self.random.choice(fields),
            "facet_filter": self.parts.maybe_filter(),
            "limit": self.random.choice([1, 3, 100]),
            "exact": True,
        }
        return self.operation("facet", arguments, compare.values)

    def matrix(self) -> Operation:
        """A sample of all points is the same sample on both sides."""
        arguments = {
            "query_filter": self.parts.maybe_filter(0.3),
            "using": self.random.choice(self.parts.names) or None,
            "sample": 1000,
            "limit": self.random.choice([1, 3]),
        }
        return self.operation("search_matrix_offsets", arguments, compare.matrices)

    def any(self) -> Operation:
        if not self.parts.existing():
            return self.parts.upsert()
        makers = [
            (5, self.plain),
            (2, self.diversified),
            (4, self.rescored),
            (4, self.fused),
            (4, self.scored_by_formula),
            (3, self.grouped),
            (2, self.facet),
            (1, self.matrix),
        ]
        weights, choices = zip(*makers, strict=True)
        return self.random.choices(choices, weights)[0]()
