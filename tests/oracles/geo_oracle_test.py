"""Geo filters against a geometry library, with an index and without."""

import math
from random import Random

import numpy as np
import pytest
import shapely

import collections_rest as rest
from server import Server

POINTS, AREAS = 1500, 120
EARTH_RADIUS_M = 6_371_008.8
# Nearer to the edge of a circle than this share of its radius, the number taken for the earth's radius may decide.
EDGE = 1e-4
FIELDS = ["indexed", "plain"]


def random_place(random: Random) -> tuple[float, float]:
    """(lon, lat); half of them in a few dense towns."""
    if random.random() < 0.5:
        lon, lat = random.choice([(13.4, 52.5), (-0.1, 51.5), (179.9, -16.8), (-179.95, 65.0), (20.0, 89.0)])
        lon, lat = random.gauss(lon, 0.5), random.gauss(lat, 0.3)
        return (lon + 180) % 360 - 180, max(-90.0, min(90.0, lat))
    return random.uniform(-180, 180), math.degrees(math.asin(random.uniform(-1, 1)))


def as_json(place: tuple[float, float]) -> dict:
    return {"lon": place[0], "lat": place[1]}


@pytest.fixture(scope="module")
def places(seed: int) -> list[list[tuple[float, float]]]:
    """Of each point: one as a rule, several sometimes."""
    random = Random(f"{seed}/places")
    return [[random_place(random) for _ in range(random.choice([1, 1, 1, 3]))] for _ in range(POINTS)]


@pytest.fixture(scope="module")
def filled(server: Server, places: list[list[tuple[float, float]]]) -> Server:
    rest.create(server, "places", 1, "Dot")
    values = [as_json(some[0]) if len(some) == 1 else [as_json(one) for one in some] for some in places]
    payloads = [dict.fromkeys(FIELDS, value) for value in values]
    rest.upsert(server, "places", list(range(POINTS)), np.ones((POINTS, 1)), payloads)
    rest.create_index(server, "places", "indexed", "geo")
    return server


def matching(server: Server, field: str, condition: dict) -> set[int]:
    request = {"filter": {"must": {"key": field, **condition}}, "limit": POINTS, "with_payload": False}
    return {point["id"] for point in server.ask("POST", "/collections/places/points/scroll", request)["points"]}


def ring(random: Random, center: tuple[float, float], size: float) -> list[tuple[float, float]]:
    """Corners in the order of their angles around the centre, less than a half turn apart: it never crosses itself."""
    corners, number = [], random.randint(3, 9)
    for corner in range(number):
        angle = 2 * math.pi * (corner + random.uniform(0, 0.9)) / number
        reach = size * random.uniform(0.3, 1)
        corners.append((center[0] + reach * math.cos(angle), center[1] + reach * math.sin(angle) / 2))
    return [*corners, corners[0]]


def in_the_world(line: list[tuple[float, float]]) -> bool:
    return all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in line)


def test_polygons(filled: Server, places: list, seed: int) -> None:
    random, found = Random(f"{seed}/polygons"), 0
    for _ in range(AREAS):
        center, size = random_place(random), 10 ** random.uniform(-1, 2)
        exterior, holes = ring(random, center, size), []
        if random.random() < 0.4:
            holes = [ring(random, center, size / 4)]
        if not all(map(in_the_world, [exterior, *holes])):
            continue
        area = shapely.Polygon(exterior)
        for hole in holes:
            area = area.difference(shapely.Polygon(hole))
        shapely.prepare(area)
        wanted = {number for number, some in enumerate(places) if shapely.contains_xy(area, *zip(*some, strict=True)).any()}
        lines = [{"points": [as_json(corner) for corner in line]} for line in (exterior, *holes)]
        condition = {"geo_polygon": {"exterior": lines[0], "interiors": lines[1:]}}
        for field in FIELDS:
            assert matching(filled, field, condition) == wanted, (field, condition)
        found += bool(wanted)
    assert found > AREAS / 6


def test_boxes(filled: Server, places: list, seed: int) -> None:
    random, found = Random(f"{seed}/boxes"), 0
    for _ in range(AREAS):
        west, east = random.uniform(-180, 180), random.uniform(-180, 180)
        south, north = sorted(random.uniform(-90, 90) for _ in range(2))
        # A box whose west is east of its east goes through the antimeridian: two boxes of the library.
        spans = [(west, east)] if west <= east else [(west, 181.0), (-181.0, east)]
        area = shapely.MultiPolygon([shapely.box(start, south, end, north) for start, end in spans])
        wanted = {number for number, some in enumerate(places) if shapely.contains_xy(area, *zip(*some, strict=True)).any()}
        box = {"top_left": {"lon": west, "lat": north}, "bottom_right": {"lon": east, "lat": south}}
        for field in FIELDS:
            assert matching(filled, field, {"geo_bounding_box": box}) == wanted, (field, box)
        found += bool(wanted)
    assert found > AREAS / 2


def on_sphere(place: tuple[float, float]) -> np.ndarray:
    lon, lat = map(math.radians, place)
    return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the chord through the earth, not by the formula of the server."""
    chord = float(np.linalg.norm(on_sphere(one) - on_sphere(other)))
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, chord / 2))


def test_circles(filled: Server, places: list, seed: int) -> None:
    random, found = Random(f"{seed}/circles"), 0
    for _ in range(AREAS):
        center, radius = random_place(random), 10 ** random.uniform(2, 7.2)
        nearest = [min(distance_m(center, place) for place in some) for some in places]
        sure = {number for number, distance in enumerate(nearest) if distance < radius * (1 - EDGE)}
        maybe = {number for number, distance in enumerate(nearest) if distance < radius * (1 + EDGE)}
        condition = {"geo_radius": {"center": as_json(center), "radius": radius}}
        for field in FIELDS:
            got = matching(filled, field, condition)
            assert sure <= got <= maybe, (field, condition, sure ^ got)
        assert matching(filled, "indexed", condition) == matching(filled, "plain", condition)
        found += bool(sure)
    assert found > AREAS / 3
