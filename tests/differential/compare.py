"""Whether an answer of the server and one of local mode say the same."""

import json
from collections.abc import Callable

import numpy as np
from qdrant_client import models

RELATIVE, ABSOLUTE = 1e-5, 1e-6
VECTOR_TOLERANCE = 1e-5


def nothing(server: object, local: object) -> None:
    """Writes answer with an operation number of the server's own."""


def values(server: object, local: object) -> None:
    assert server == local


def same_payload(server: dict | None, local: dict | None) -> None:
    """Strict about types: 1, 1.0 and True are three values."""
    assert json.dumps(server, sort_keys=True) == json.dumps(local, sort_keys=True)


def forget_missing_payloads(answer: object) -> None:
    """gRPC cannot tell an empty payload from none: the client reads both as empty in records, as none in hits."""
    found = answer[0] if isinstance(answer, tuple) else getattr(answer, "points", answer)
    for record in found if isinstance(found, list) else []:
        if hasattr(record, "payload"):  # a batch of writes answers with a list, too
            record.payload = record.payload or {}


def same_vectors(server: object, local: object) -> None:
    if isinstance(local, dict):
        assert isinstance(server, dict) and server.keys() == local.keys()
        for name, vector in local.items():
            same_vectors(server[name], vector)
    elif local is None:
        assert server is None
    else:
        np.testing.assert_allclose(server, local, rtol=VECTOR_TOLERANCE, atol=VECTOR_TOLERANCE)


def same_record(server: models.Record, local: models.Record) -> None:
    assert server.id == local.id
    same_payload(server.payload, local.payload)
    # An empty map and no vector at all are one answer to the clients.
    same_vectors(server.vector or None, local.vector or None)


def records(server: list, local: list) -> None:
    assert [record.id for record in server] == [record.id for record in local]
    for ours, theirs in zip(server, local, strict=True):
        same_record(ours, theirs)


def pages(server: tuple, local: tuple) -> None:
    records(server[0], local[0])
    assert server[1] == local[1]


def ordered_pages(server: tuple, local: tuple) -> None:
    """The same values in the same order; which of the points that tie with the last value are cut off is free."""
    ours, theirs = server[0], local[0]
    assert [record.order_value for record in ours] == [record.order_value for record in theirs]
    assert server[1] is None and local[1] is None
    if not ours:
        return
    last = ours[-1].order_value

    def before_last(page: list) -> set:
        return {(record.order_value, record.id) for record in page if record.order_value != last}

    assert before_last(ours) == before_last(theirs)
    known = {record.id: record for record in theirs}
    for record in ours:
        if record.id in known:
            same_record(record, known[record.id])


def unscored_hits(server: object, local: object) -> None:
    assert [hit.id for hit in server.points] == [hit.id for hit in local.points]
    for ours, theirs in zip(server.points, local.points, strict=True):
        assert ours.score == theirs.score
        same_payload(ours.payload, theirs.payload)


def close(left: float, right: float) -> bool:
    return abs(left - right) <= ABSOLUTE + RELATIVE * max(abs(left), abs(right))


def hits_by(distance: models.Distance) -> Callable[[object, object], None]:
    """Equal scores rank by rank, in the order of `distance`; ids except among scores too close to tell apart."""
    sign = 1 if distance in (models.Distance.EUCLID, models.Distance.MANHATTAN) else -1

    def check(server: object, local: object) -> None:
        ours, theirs = server.points, local.points
        assert len(ours) == len(theirs), f"{len(ours)} hits, not {len(theirs)}"
        scores = [sign * hit.score for hit in ours]
        assert scores == sorted(scores)
        for rank, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert close(one.score, other.score), f"rank {rank}: {one.id} {one.score}, not {other.id} {other.score}"
            if one.id == other.id:
                same_record(one, other)
            else:
                neighbours = [hit for hit in theirs if close(hit.score, one.score)]
                at_the_end = close(one.score, theirs[-1].score)
                assert at_the_end or one.id in [hit.id for hit in neighbours], f"rank {rank}: {one.id}, not {other.id}"

    return check
