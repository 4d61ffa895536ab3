"""The schema check finds answers that break the schema, and the table's cells are those that requests use."""

import pytest

from contract import schema
from contract.cells import Cells
from contract.hooks import Exchange

COUNT = "/collections/any/points/count"
ANSWER = {"result": {"count": 1}, "status": "ok", "time": 0.1}


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({**ANSWER, "result": {"count": "1"}}, "result/count"),
        ({**ANSWER, "result": {"count": -1}}, "result/count"),
        ({**ANSWER, "result": {"counts": 1}}, "result"),
        ({**ANSWER, "result": None}, "result"),
        ({**ANSWER, "extra": 1}, "top"),
        ({"result": {"count": 1}, "status": "ok"}, "top"),
    ],
)
def test_a_wrong_answer_is_found(answer: dict, place: str) -> None:
    problems = schema.load().problems("POST", COUNT, 200, answer)
    assert problems and all(f"POST /collections/{{collection_name}}/points/count: 200: at {place}: " in one for one in problems)


def test_right_answers_are_let_through() -> None:
    check = schema.load().problems
    assert check("POST", COUNT, 200, ANSWER) == []
    assert check("POST", COUNT, 400, {"status": {"error": "no"}, "time": 0}) == []
    hit = {"id": 1, "version": 0, "score": 1.5}
    assert check("POST", "/collections/any/points/search", 200, {**ANSWER, "result": [hit]}) == []
    assert check("POST", "/collections/any/points/search", 200, {**ANSWER, "result": [{"id": 1}]}) != []


def test_an_unknown_success_is_found() -> None:
    assert schema.load().problems("GET", "/collections/any/nothing", 200, ANSWER) != []
    assert schema.load().problems("GET", "/collections/any/nothing", 404, {}) == []


def test_an_exchange_uses_cells() -> None:
    body = b'{"filter": {"must": [{"key": "a", "match": {"value": 1}}]}, "exact": true, "shard_key": null}'
    cells = Cells(schema.load())
    used = cells.used(Exchange("POST", COUNT, "timeout=5", body, 200, b"", True))
    name = "POST /collections/{collection_name}/points/count"
    assert {name, f"{name} ?timeout", "CountRequest.exact", "Condition: FieldCondition", "MatchValue.value"} <= used
    assert not {f"{name} ?consistency", "CountRequest.shard_key", "Filter.should"} & used
    known = {cell for section in cells.sections().values() for cell in section}
    assert used <= known
    assert cells.used(Exchange("POST", COUNT, "", body, 400, b"", True)) == set()
