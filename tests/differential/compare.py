"""Whether an answer of the server and one of local mode say the same."""

import json
from collections.abc import Callable

import numpy as np
from qdrant_client import models

RELATIVE, ABSOLUTE = 5e-5, 1e-5  # differences of large products lose some digits
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
    if isinstance(answer, models.GroupsResult):
        found = [hit for group in answer.groups for hit in group.hits]
    else:
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
    elif isinstance(local, models.SparseVector):
        assert server.indices == local.indices
        same_vectors(server.values, local.values)
    else:
        assert np.shape(server) == np.shape(local)
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


def same_ids_in_order(ours: list, theirs: list) -> None:
    ids = [[hit.id for hit in hits] for hits in (ours, theirs)]
    assert ids[0] == ids[1], f"{ids[0]}, not {ids[1]}"


def unscored_hits(server: object, local: object) -> None:
    same_ids_in_order(server.points, local.points)
    for ours, theirs in zip(server.points, local.points, strict=True):
        assert ours.score == theirs.score
        same_payload(ours.payload, theirs.payload)


def close(left: float, right: float) -> bool:
    return abs(left - right) <= ABSOLUTE + RELATIVE * max(abs(left), abs(right))


def same_ranking(ours: list, theirs: list, larger_first: bool) -> None:
    """Equal scores rank by rank, in order; ids except among scores too close to tell apart."""
    sign = -1 if larger_first else 1
    assert len(ours) == len(theirs), f"{len(ours)} hits, not {len(theirs)}"
    scores = [sign * hit.score for hit in ours]
    assert scores == sorted(scores)
    for rank, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert close(one.score, other.score), f"rank {rank}: {one.id} {one.score}, not {other.id} {other.score}"
        if one.id == other.id:
            same_record(one, other)
        else:
            neighbours = [hit for hit in theirs if close(hit.score, one.score)]
            at_an_end = close(one.score, theirs[-1].score) or close(one.score, theirs[0].score)
            assert at_an_end or one.id in [hit.id for hit in neighbours], f"rank {rank}: {one.id}, not {other.id}"


def ranked(larger_first: bool) -> Callable[[object, object], None]:
    return lambda server, local: same_ranking(server.points, local.points, larger_first)


def in_this_order(server: object, local: object) -> None:
    """Hits whose order is not that of their scores."""
    same_ids_in_order(server.points, local.points)
    for ours, theirs in zip(server.points, local.points, strict=True):
        assert close(ours.score, theirs.score)
        same_record(ours, theirs)


def groups(larger_first: bool) -> Callable[[object, object], None]:
    """The same groups in the same order; those whose best hits tie may swap places."""

    def check(server: object, local: object) -> None:
        assert len(server.groups) == len(local.groups)
        known = {(type(group.id), group.id): group for group in local.groups}
        for ours, theirs in zip(server.groups, local.groups, strict=True):
            assert close(ours.hits[0].score, theirs.hits[0].score)
            key = (type(ours.id), ours.id)
            assert key in known or close(ours.hits[0].score, local.groups[-1].hits[0].score)
            if key in known:
                same_ranking(ours.hits, known[key].hits, larger_first)

    return check


def matrices(server: object, local: object) -> None:
    """The same points; the neighbours of each by score."""
    assert server.ids == local.ids
    rows: dict[int, list[float]] = {}
    for row, score in zip(local.offsets_row, local.scores, strict=True):
        rows.setdefault(row, []).append(score)
    assert len(server.scores) == len(local.scores)
    for row, column, score in zip(server.offsets_row, server.offsets_col, server.scores, strict=True):
        assert row != column
        assert close(score, rows[row].pop(0))
