"""Turns filters and queries of the official client's models into those of the reference's package."""

from collections.abc import Callable
from datetime import date
from types import ModuleType
from typing import Any
from uuid import UUID

import numpy as np
from qdrant_client import models


def plain_id(point: object) -> int | str | None:
    return str(point) if isinstance(point, UUID) else point


def bounds_of(bounds: models.Range | models.DatetimeRange) -> dict:
    given = {name: getattr(bounds, name) for name in ("lt", "lte", "gt", "gte")}
    return {name: bound.isoformat() if isinstance(bound, date) else bound for name, bound in given.items()}


def mean_of(positives: list[list[float]], negatives: list[list[float]]) -> list[float]:
    mean = np.mean(np.asarray(positives, dtype=np.float32), axis=0)
    if negatives:
        mean = 2 * mean - np.mean(np.asarray(negatives, dtype=np.float32), axis=0)
    return mean.tolist()


class QueryTranslator:
    """`vector_of(id, name)` is the stored vector of a point; it raises when there is none."""

    def __init__(self, package: ModuleType, vector_of: Callable[[int | str, str], object]):
        self.package = package
        self.vector_of = vector_of

    def vector(self, given: object) -> object:
        """One vector, or several by name."""
        if isinstance(given, dict):
            return {name: self.vector(one) for name, one in given.items()}
        return self.package.SparseVector(given.indices, given.values) if isinstance(given, models.SparseVector) else given

    # --- filters

    def filter(self, given: models.Filter | None) -> Any:
        if given is None:
            return None
        clauses = {name: getattr(given, name) for name in ("must", "should", "must_not")}
        converted = {name: [self.condition(one) for one in clause] for name, clause in clauses.items() if clause is not None}
        if given.min_should:
            conditions = [self.condition(one) for one in given.min_should.conditions]
            converted["min_should"] = self.package.MinShould(conditions, given.min_should.min_count)
        return self.package.Filter(**converted)

    def condition(self, given: Any) -> Any:
        package = self.package
        makers = {
            models.Filter: lambda: self.filter(given),
            models.FieldCondition: lambda: self.field_condition(given),
            models.IsEmptyCondition: lambda: package.IsEmptyCondition(given.is_empty.key),
            models.IsNullCondition: lambda: package.IsNullCondition(given.is_null.key),
            models.HasIdCondition: lambda: package.HasIdCondition(set(given.has_id)),
            models.HasVectorCondition: lambda: package.HasVectorCondition(given.has_vector),
            models.NestedCondition: lambda: package.NestedCondition(given.nested.key, self.filter(given.nested.filter)),
            models.SliceCondition: lambda: package.SliceCondition(given.slice.total, given.slice.index),
        }
        return makers[type(given)]()

    def match(self, given: Any) -> Any:
        package = self.package
        makers = {
            models.MatchValue: lambda: package.MatchValue(given.value),
            models.MatchAny: lambda: package.MatchAny(given.any),
            models.MatchExcept: lambda: package.MatchExcept(given.except_),
            models.MatchPrefix: lambda: package.MatchPrefix(given.prefix),
            models.MatchText: lambda: package.MatchText(given.text),
        }
        return makers[type(given)]()

    def point(self, given: models.GeoPoint) -> Any:
        return self.package.GeoPoint(given.lon, given.lat)

    def field_condition(self, given: models.FieldCondition) -> Any:
        package, predicates = self.package, {}
        if given.match is not None:
            predicates["match"] = self.match(given.match)
        if isinstance(given.range, models.Range):
            predicates["range"] = package.RangeFloat(**bounds_of(given.range))
        elif given.range is not None:
            predicates["range"] = package.RangeDateTime(**bounds_of(given.range))
        if given.geo_bounding_box is not None:
            box = given.geo_bounding_box
            predicates["geo_bounding_box"] = package.GeoBoundingBox(self.point(box.top_left), self.point(box.bottom_right))
        if given.geo_radius is not None:
            predicates["geo_radius"] = package.GeoRadius(self.point(given.geo_radius.center), given.geo_radius.radius)
        if given.geo_polygon is not None:
            lines = [given.geo_polygon.exterior, *(given.geo_polygon.interiors or [])]
            rings = [[self.point(corner) for corner in line.points] for line in lines]
            predicates["geo_polygon"] = package.GeoPolygon(rings[0], rings[1:])
        if given.values_count is not None:
            predicates["values_count"] = package.ValuesCount(**bounds_of(given.values_count))
        for name in ("is_empty", "is_null"):
            if getattr(given, name) is not None:
                predicates[name] = getattr(given, name)
        return package.FieldCondition(key=given.key, **predicates)

    # --- what is asked for beside the query

    def with_payload(self, given: object) -> object:
        if isinstance(given, models.PayloadSelectorInclude):
            return self.package.PayloadSelector.Include(given.include)
        if isinstance(given, models.PayloadSelectorExclude):
            return self.package.PayloadSelector.Exclude(given.exclude)
        return given

    def order_by(self, given: models.OrderBy) -> Any:
        directions = self.package.Direction
        direction = directions.Desc if given.direction == models.Direction.DESC else directions.Asc
        start = given.start_from
        return self.package.OrderBy(given.key, direction, start.isoformat() if isinstance(start, date) else start)

    def params(self, given: models.SearchParams | None) -> Any:
        if given is None:
            return None
        idf = self.package.IdfParams(self.filter(given.idf.corpus)) if given.idf else None
        return self.package.SearchParams(exact=bool(given.exact), idf=idf)

    # --- queries

    def request(self, arguments: dict) -> Any:
        """Of `query_points`. Points that the query names are left out of its answer."""
        named: list = []
        query = self.query(arguments.get("query"), arguments.get("using") or "", arguments["limit"], named)
        condition = arguments.get("query_filter")
        if named:
            condition = condition or models.Filter()
            others = [*(condition.must_not or []), models.HasIdCondition(has_id=named)]
            condition = condition.model_copy(update={"must_not": others})
        return self.package.QueryRequest(
            limit=arguments["limit"],
            offset=arguments.get("offset") or 0,
            query=query,
            prefetches=[self.prefetch(one) for one in arguments.get("prefetch") or []],
            with_vector=arguments.get("with_vectors", False),
            with_payload=self.with_payload(arguments.get("with_payload", True)),
            filter=self.filter(condition),
            score_threshold=arguments.get("score_threshold"),
            params=self.params(arguments.get("search_params")),
        )

    def prefetch(self, given: models.Prefetch) -> Any:
        return self.package.Prefetch(
            limit=given.limit,
            query=self.query(given.query, given.using or "", given.limit, []),
            prefetches=[self.prefetch(one) for one in given.prefetch or []],
            params=self.params(given.params),
            filter=self.filter(given.filter),
            score_threshold=given.score_threshold,
        )

    def query(self, given: Any, using: str, limit: int, named: list) -> Any:
        """Adds the ids that it names to `named`."""
        package, queries = self.package, self.package.Query
        name = using or None

        def vector(example: Any) -> Any:
            if isinstance(example, (list, models.SparseVector)):
                return self.vector(example)
            named.append(example)
            return self.vector(self.vector_of(example, using))

        makers = {
            type(None): lambda: None,
            models.RecommendQuery: lambda: self.recommend(given.recommend, name, vector),
            models.DiscoverQuery: lambda: queries.Discover(
                package.DiscoverQuery(vector(given.discover.target), self.pairs(given.discover.context, vector)), name
            ),
            models.ContextQuery: lambda: queries.Context(package.ContextQuery(self.pairs(given.context, vector)), name),
            models.NearestQuery: lambda: self.diverse(given, name, limit, vector),
            models.RelevanceFeedbackQuery: lambda: self.feedback(given.relevance_feedback, name, vector),
            models.FusionQuery: lambda: (
                package.Fusion.Dbsf() if given.fusion == models.Fusion.DBSF else package.Fusion.Rrf(k=2)
            ),
            models.RrfQuery: lambda: package.Fusion.Rrf(k=2 if given.rrf.k is None else given.rrf.k, weights=given.rrf.weights),
            models.FormulaQuery: lambda: package.Formula(self.expression(given.formula), given.defaults),
        }
        if type(given) in makers:
            return makers[type(given)]()
        return queries.Nearest(vector(given), name)

    def pairs(self, given: object, vector: Callable) -> list:
        pairs = given if isinstance(given, list) else [given]
        return [self.package.ContextPair(vector(pair.positive), vector(pair.negative)) for pair in pairs if pair]

    def recommend(self, given: models.RecommendInput, name: str | None, vector: Callable) -> Any:
        positives = [vector(example) for example in given.positive or []]
        negatives = [vector(example) for example in given.negative or []]
        if given.strategy in (None, models.RecommendStrategy.AVERAGE_VECTOR):
            return self.package.Query.Nearest(self.average(positives, negatives), name)
        kinds = {
            models.RecommendStrategy.BEST_SCORE: self.package.Query.RecommendBestScore,
            models.RecommendStrategy.SUM_SCORES: self.package.Query.RecommendSumScores,
        }
        return kinds[given.strategy](self.package.RecommendQuery(positives, negatives), name)

    def average(self, positives: list, negatives: list) -> Any:
        """What a collection asks its shards for: twice the mean of the positives less that of the negatives."""
        if isinstance(positives[0], self.package.SparseVector):
            indices = sorted({index for one in positives + negatives for index in one.indices})
            rows = [[dict(zip(one.indices, one.values, strict=True)).get(index, 0.0) for index in indices]
                    for one in positives + negatives]  # fmt: skip
            values = mean_of(rows[: len(positives)], rows[len(positives) :])
            return self.package.SparseVector(indices, values)
        if isinstance(positives[0][0], list):  # of multivectors all rows, the negatives' turned around
            turned = [[-number for number in row] for one in negatives for row in one]
            return [row for one in positives for row in one] + turned
        return mean_of(positives, negatives)

    def diverse(self, given: models.NearestQuery, name: str | None, limit: int, vector: Callable) -> Any:
        target = vector(given.nearest)
        if given.mmr is None:
            return self.package.Query.Nearest(target, name)
        diversity = 0.5 if given.mmr.diversity is None else given.mmr.diversity
        candidates = limit if given.mmr.candidates_limit is None else given.mmr.candidates_limit
        return self.package.Mmr(target, 1 - diversity, candidates, name)

    def feedback(self, given: models.RelevanceFeedbackInput, name: str | None, vector: Callable) -> Any:
        naive = given.strategy.naive
        items = [self.package.FeedbackItem(vector(item.example), item.score) for item in given.feedback]
        strategy = self.package.NaiveFeedbackStrategy(naive.a, naive.b, naive.c)
        query = self.package.FeedbackNaiveQuery(vector(given.target), items, strategy)
        return self.package.Query.FeedbackNaive(query, name)

    # --- formulas

    def expression(self, given: Any) -> Any:
        made, kinds = self.package.Expression, self.package.DecayKind
        makers = {
            float: lambda: made.Constant(given),
            int: lambda: made.Constant(float(given)),
            str: lambda: made.Variable(given),
            models.SumExpression: lambda: made.Sum([self.expression(one) for one in given.sum]),
            models.MultExpression: lambda: made.Mult([self.expression(one) for one in given.mult]),
            models.NegExpression: lambda: made.Neg(self.expression(given.neg)),
            models.AbsExpression: lambda: made.Abs(self.expression(given.abs)),
            models.SqrtExpression: lambda: made.Sqrt(self.expression(given.sqrt)),
            models.DivExpression: lambda: made.Div(
                self.expression(given.div.left), self.expression(given.div.right), given.div.by_zero_default
            ),
            models.PowExpression: lambda: made.Pow(self.expression(given.pow.base), self.expression(given.pow.exponent)),
            models.LinDecayExpression: lambda: self.decay(kinds.Lin, given.lin_decay),
            models.ExpDecayExpression: lambda: self.decay(kinds.Exp, given.exp_decay),
            models.GaussDecayExpression: lambda: self.decay(kinds.Gauss, given.gauss_decay),
            models.GeoDistance: lambda: made.GeoDistance(self.point(given.geo_distance.origin), given.geo_distance.to),
            models.DatetimeExpression: lambda: made.Datetime(given.datetime),
        }
        if type(given) in makers:
            return makers[type(given)]()
        return made.Condition(self.condition(given))

    def decay(self, kind: Any, given: models.DecayParamsExpression) -> Any:
        target = None if given.target is None else self.expression(given.target)
        return self.package.Expression.Decay(kind, self.expression(given.x), target, given.midpoint, given.scale)
