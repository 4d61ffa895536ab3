"""Datetimes in payloads and filters against Python's own, with an index and without."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random

import numpy as np
import pytest

import collections_rest as rest
from server import Server

POINTS, RANGES = 1500, 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = ["indexed", "plain"]
# What no calendar has, or what is no datetime.
BROKEN = ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
          "yesterday", "", "2024", "2024-01-01T", "12:30:00"]  # fmt: skip


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def random_moment(random: Random) -> datetime:
    """Mostly in our days, with some ties; the calendar's edges too."""
    kind = random.random()
    if kind < 0.2:
        return datetime(2024, 2, random.choice([28, 29]), random.choice([0, 23]), tzinfo=UTC)
    if kind < 0.3:
        return datetime(random.choice([1, 1582, 1900, 1969, 9999]), random.choice([1, 12]), 28, tzinfo=UTC)
    start, end = (1990, 2040) if kind < 0.8 else (1000, 3000)
    span = datetime(end, 1, 1, tzinfo=UTC) - datetime(start, 1, 1, tzinfo=UTC)
    return datetime(start, 1, 1, tzinfo=UTC) + timedelta(microseconds=random.randrange(span // timedelta(microseconds=1)))


def with_zone(random: Random, moment: datetime) -> tuple[datetime, str]:
    """A datetime, and its zone in one of the forms that are understood; none is UTC."""
    if moment.year in (1, 9999) or random.random() < 0.5:
        return moment, random.choice(["Z", "+00:00", ""])
    minutes = random.choice([-720, -210, -60, 60, 330, 345, 840])
    sign, (hours, rest_of_hour) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    shown = random.choice([f"{sign}{hours:02}:{rest_of_hour:02}", f"{sign}{hours:02}{rest_of_hour:02}"])
    return moment.astimezone(timezone(timedelta(minutes=minutes))), shown


def written(random: Random, moment: datetime) -> tuple[str, datetime]:
    """A moment in one of the forms that are understood, and what that form says of it."""
    form = random.random()
    if form < 0.1:
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return f"{day.year:04}{day:-%m-%d}", day
    if form < 0.2:
        minute = moment.replace(second=0, microsecond=0)
        return f"{minute.year:04}{minute:-%m-%d}{random.choice(' T')}{minute:%H:%M}", minute
    local, zone = with_zone(random, moment)
    digits = random.choice([0, 1, 3, 6, 9])
    fraction = f"{local.microsecond:06}000"[:digits]
    local = local.replace(microsecond=int(f"{fraction:0<9}"[:6]))
    shown = f"{local.year:04}{local:-%m-%d}{random.choice(' T')}{local:%H:%M:%S}"
    return shown + (f".{fraction}" if fraction else "") + zone, local.astimezone(UTC)


@pytest.fixture(scope="module")
def moments(seed: int) -> list[tuple[str, datetime | None]]:
    random = Random(f"{seed}/moments")
    return [
        written(random, random_moment(random)) if random.random() < 0.95 else (random.choice(BROKEN), None)
        for _ in range(POINTS)
    ]


@pytest.fixture(scope="module")
def filled(server: Server, moments: list[tuple[str, datetime | None]]) -> Server:
    rest.create(server, "moments", 1, "Dot")
    payloads = [dict.fromkeys(FIELDS, text) for text, _ in moments]
    rest.upsert(server, "moments", list(range(POINTS)), np.ones((POINTS, 1)), payloads)
    rest.create_index(server, "moments", "indexed", "datetime")
    return server


def matching(server: Server, field: str, bounds: dict) -> set[int]:
    request = {"filter": {"must": {"key": field, "range": bounds}}, "limit": POINTS, "with_payload": False}
    return {point["id"] for point in server.ask("POST", "/collections/moments/points/scroll", request)["points"]}


def holds(moment: datetime | None, bounds: dict[str, datetime]) -> bool:
    tests = {"lt": datetime.__lt__, "lte": datetime.__le__, "gt": datetime.__gt__, "gte": datetime.__ge__}
    return moment is not None and all(tests[name](moment, bound) for name, bound in bounds.items())


def test_ranges(filled: Server, moments: list[tuple[str, datetime | None]], seed: int) -> None:
    random, found = Random(f"{seed}/ranges"), 0
    known = [moment for _, moment in moments if moment]
    for _ in range(RANGES):
        names = random.choice([["lt"], ["gte"], ["gt", "lte"], ["gte", "lt"], ["lte"]])
        bounds = sorted(random.choice([random.choice(known), random_moment(random)]) for _ in names)
        shown = [written(random, bound) for bound in bounds]
        wanted = {name: moment for name, (_, moment) in zip(names, shown, strict=True)}
        given = {name: text for name, (text, _) in zip(names, shown, strict=True)}
        expected = {number for number, (_, moment) in enumerate(moments) if holds(moment, wanted)}
        for field in FIELDS:
            got = matching(filled, field, given)
            assert got == expected, (field, given, [moments[number] for number in got ^ expected])
        found += bool(expected)
    assert found > RANGES / 2


def test_order(filled: Server, moments: list[tuple[str, datetime | None]]) -> None:
    """The values that order_by tells are microseconds since 1970."""
    request = {"order_by": {"key": "indexed", "direction": "desc"}, "limit": POINTS, "with_payload": False}
    points = filled.ask("POST", "/collections/moments/points/scroll", request)["points"]
    wanted = {number: micros(moment) for number, (_, moment) in enumerate(moments) if moment}
    assert {point["id"]: point["order_value"] for point in points} == wanted
    values = [point["order_value"] for point in points]
    assert values == sorted(values, reverse=True)
