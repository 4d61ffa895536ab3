"""Random payloads and filters over a few fields, chosen so that conditions often hold and often do not."""

from datetime import UTC, datetime
from random import Random

from qdrant_client import models

COLORS = ["red", "green", "blue", "white", ""]
TAGS = ["alpha", "beta", "gamma", "delta", "été", "日本"]
NUMBERS = [-7, 0, 1, 2, 3, 5, 8, 1_000_000, 2**53]
PRICES = [-1.5, 0.0, 0.1, 2.5, 2.75, 100.25, 1e-7, 1e21, 4]
TIMES = [
    "2024-01-31",
    "2024-01-31T00:00:00Z",
    "2024-01-31 02:00:00+02:00",
    "2024-01-31T00:00:00.000001",
    "1969-12-31 23:59",
    "2050-06-01T12:30:45.678-0330",
    "soon",
]
UIDS = [f"550e8400-e29b-41d4-a716-44665544000{digit}" for digit in "0af"]
# Not on the edges of the areas below.
LONS, LATS = [-179.9, -60.5, 0.25, 13.4, 13.41, 151.2, 179.8], [-89.5, -33.9, 0.125, 52.5, 52.51, 78.25]
# Field → the kind of payload index it may get.
INDEXABLE = {
    "color": models.PayloadSchemaType.KEYWORD,
    "tags": models.PayloadSchemaType.KEYWORD,
    "n": models.PayloadSchemaType.INTEGER,
    "price": models.PayloadSchemaType.FLOAT,
    "ok": models.PayloadSchemaType.BOOL,
    "when": models.PayloadSchemaType.DATETIME,
    "place": models.PayloadSchemaType.GEO,
    "uid": models.PayloadSchemaType.UUID,
    "meta.x": models.PayloadSchemaType.INTEGER,
    "items[].kind": models.PayloadSchemaType.KEYWORD,
}
ORDERED = ["n", "price", "meta.x", "when"]
PATHS = [*INDEXABLE, "meta", "meta.deep.y", "items", "items[].count", "mixed", "absent", '"a.b"']


def one_or_list(random: Random, choices: list) -> object:
    """A value, a list of some, an empty list or null."""
    kind = random.random()
    if kind < 0.6:
        return random.choice(choices)
    if kind < 0.9:
        return random.sample(choices, random.randint(1, 3))
    return [] if kind < 0.95 else None


def random_item(random: Random) -> dict:
    item = {"kind": random.choice(TAGS)}
    if random.random() < 0.7:
        item["count"] = random.choice(NUMBERS)
    return item


def random_mixed(random: Random) -> object:
    """Any JSON type at one key; never indexed."""
    return random.choice(["red", 5, 2.5, True, None, [], [None], ["red", 5], {"x": 1}, [[1, 2]], "5"])


def random_place(random: Random) -> dict:
    place = {"lon": random.choice(LONS), "lat": random.choice(LATS)}
    return place if random.random() < 0.95 else {"lon": place["lon"]}


def random_places(random: Random) -> object:
    if random.random() < 0.7:
        return random_place(random)
    return [random_place(random) for _ in range(random.randint(0, 3))]


def random_payload(random: Random) -> dict:
    makers = {
        "color": lambda: one_or_list(random, COLORS),
        "tags": lambda: random.sample(TAGS, random.randint(0, 4)),
        "n": lambda: one_or_list(random, NUMBERS),
        "price": lambda: one_or_list(random, PRICES),
        "ok": lambda: random.choice([True, False, None]),
        "when": lambda: one_or_list(random, TIMES),
        "place": lambda: random_places(random),
        "uid": lambda: one_or_list(random, UIDS),
        "meta": lambda: {"x": random.choice(NUMBERS), "deep": {"y": one_or_list(random, COLORS)}},
        "items": lambda: [random_item(random) for _ in range(random.randint(0, 3))],
        "mixed": lambda: random_mixed(random),
        "a.b": lambda: random.choice(NUMBERS),
    }
    return {name: make() for name, make in makers.items() if random.random() < 0.75}


def random_range(random: Random, choices: list) -> models.Range:
    bounds = {}
    if random.random() < 0.7:
        bounds[random.choice(["gt", "gte"])] = random.choice(choices)
    if random.random() < 0.7:
        bounds[random.choice(["lt", "lte"])] = random.choice(choices)
    return models.Range(**bounds)


def match_condition(random: Random) -> models.FieldCondition:
    key, choices = random.choice(
        [
            ("color", COLORS),
            ("tags", TAGS),
            ("n", NUMBERS),
            ("meta.x", NUMBERS),
            ("meta.deep.y", COLORS),
            ("items[].kind", TAGS),
            ("items[].count", NUMBERS),
            ("ok", [True, False]),
            ("uid", [*UIDS, "no uuid"]),
            ("mixed", ["red", "5"]),
            ("mixed", [5, 1]),
            ('"a.b"', NUMBERS),
            ("absent", COLORS),
        ]
    )
    kind = random.random()
    if kind < 0.5 or key == "ok":
        return models.FieldCondition(key=key, match=models.MatchValue(value=random.choice(choices)))
    some = random.sample(choices, random.randint(0, min(3, len(choices))))
    if kind < 0.8:
        return models.FieldCondition(key=key, match=models.MatchAny(any=some))
    return models.FieldCondition(key=key, match=models.MatchExcept(**{"except": some}))


def prefix_condition(random: Random) -> models.FieldCondition:
    key = random.choice(["color", "tags", "uid", "mixed"])
    prefix = random.choice(["", "r", "re", "été", "al", "5", "55", "日"])
    return models.FieldCondition(key=key, match=models.MatchPrefix(prefix=prefix))


def datetime_condition(random: Random) -> models.FieldCondition:
    moments = [datetime(2024, 1, 31, tzinfo=UTC), datetime(2024, 1, 31, microsecond=1, tzinfo=UTC), datetime(1970, 1, 1)]
    bounds = {}
    if random.random() < 0.7:
        bounds[random.choice(["gt", "gte"])] = random.choice(moments)
    if random.random() < 0.7 or not bounds:
        bounds[random.choice(["lt", "lte"])] = random.choice(moments)
    return models.FieldCondition(key=random.choice(["when", "when", "color"]), range=models.DatetimeRange(**bounds))


def geo_point(random: Random) -> models.GeoPoint:
    """Near a place as often as anywhere."""
    if random.random() < 0.5:
        near = random.choice(LONS) + random.uniform(-0.09, 0.09), random.choice(LATS) + random.uniform(-0.09, 0.09)
        return models.GeoPoint(lon=near[0], lat=near[1])
    return models.GeoPoint(lon=random.uniform(-180, 180), lat=random.uniform(-90, 90))


def geo_line(random: Random) -> models.GeoLineString:
    """A closed line of three corners: with more it might cross itself, where the two sides need not agree."""
    points = [geo_point(random) for _ in range(3)]
    return models.GeoLineString(points=[*points, points[0]])


def geo_condition(random: Random) -> models.FieldCondition:
    key, kind = "place", random.randrange(3)
    if kind == 0:
        box = models.GeoBoundingBox(top_left=geo_point(random), bottom_right=geo_point(random))
        return models.FieldCondition(key=key, geo_bounding_box=box)
    if kind == 1:
        circle = models.GeoRadius(center=geo_point(random), radius=10 ** random.uniform(2, 7.2))
        return models.FieldCondition(key=key, geo_radius=circle)
    holes = [geo_line(random)] if random.random() < 0.3 else None
    return models.FieldCondition(key=key, geo_polygon=models.GeoPolygon(exterior=geo_line(random), interiors=holes))


def slice_condition(random: Random) -> models.SliceCondition:
    total = random.choice([1, 2, 3, 4, 7])
    return models.SliceCondition(slice=models.Slice(total=total, index=random.randrange(total)))


def range_condition(random: Random) -> models.FieldCondition:
    fields = {"n": NUMBERS + [1.5], "price": PRICES, "meta.x": NUMBERS, "items[].count": NUMBERS, "mixed": PRICES}
    key = random.choice(list(fields))
    return models.FieldCondition(key=key, range=random_range(random, fields[key]))


def shape_condition(random: Random) -> models.Condition:
    """On whether and how many values there are."""
    key = random.choice(PATHS)
    kind = random.randrange(5)
    if kind == 0:
        return models.IsEmptyCondition(is_empty=models.PayloadField(key=key))
    if kind == 1 and key != "mixed":
        return models.IsNullCondition(is_null=models.PayloadField(key=key))
    if kind == 2:
        return models.FieldCondition(key=key, is_empty=random.random() < 0.5)
    if kind == 3:
        return models.FieldCondition(key=key, is_null=random.random() < 0.5)
    bounds = {random.choice(["gt", "gte", "lt", "lte"]): random.randint(0, 3)}
    return models.FieldCondition(key=key, values_count=models.ValuesCount(**bounds))


def nested_condition(random: Random) -> models.NestedCondition:
    inner = [
        models.FieldCondition(key="kind", match=models.MatchAny(any=random.sample(TAGS, 3))),
        models.FieldCondition(key="count", range=random_range(random, NUMBERS)),
    ]
    clause = random.choice(["must", "should", "must_not"])
    nested = models.Filter(**{clause: random.sample(inner, random.randint(1, 2))})
    return models.NestedCondition(nested=models.Nested(key=random.choice(["items", "items[]"]), filter=nested))


class FilterMaker:
    def __init__(self, random: Random, ids: list, vector_names: list[str]):
        self.random = random
        self.ids = ids
        self.vector_names = vector_names

    def condition(self, depth: int) -> models.Condition:
        if self.random.random() < 0.3:
            makers = [prefix_condition, datetime_condition, geo_condition, geo_condition, slice_condition]
            return self.random.choice(makers)(self.random)
        kind = self.random.random()
        if kind < 0.4:
            return match_condition(self.random)
        if kind < 0.6:
            return range_condition(self.random)
        if kind < 0.75:
            return shape_condition(self.random)
        if kind < 0.83:
            return models.HasIdCondition(has_id=self.random.sample(self.ids, self.random.randint(0, 12)))
        if kind < 0.9:
            return nested_condition(self.random)
        if kind < 0.93:
            return models.HasVectorCondition(has_vector=self.random.choice(self.vector_names))
        return self.filter(depth - 1) if depth > 0 else match_condition(self.random)

    def filter(self, depth: int = 2) -> models.Filter:
        clauses = {}
        for name, share in (("must", 0.6), ("should", 0.4), ("must_not", 0.3)):
            if self.random.random() < share:
                clauses[name] = [self.condition(depth) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.15:
            conditions = [self.condition(depth) for _ in range(3)]
            clauses["min_should"] = models.MinShould(conditions=conditions, min_count=self.random.randint(1, 3))
        return models.Filter(**clauses)
