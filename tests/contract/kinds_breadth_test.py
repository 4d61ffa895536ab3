"""Every option of vectors of all kinds, of strict mode and of inference, each at least once."""

import pytest
import requests

import collections_rest as rest
from server import Server

STRICT = {"enabled": True, "condition_max_size": 50, "filter_max_conditions": 20, "search_max_batchsize": 10,
          "max_collection_vector_size_bytes": 10**9, "max_collection_payload_size_bytes": 10**9,
          "max_resident_memory_percent": 90, "multivector_config": {"rows": {"max_vectors": 2}},
          "sparse_config": {"words": {"max_length": 3}}}  # fmt: skip
BM25 = {"model": "Qdrant/BM25", "text": "The Äpfel of an orchard and the orchards"}
OPTIONS = {"k": 1.5, "b": 0.5, "avg_len": 10.0, "tokenizer": "word", "language": "english", "lowercase": True,
           "ascii_folding": True, "stopwords": {"languages": ["english"], "custom": ["orchard"]},
           "stemmer": {"type": "snowball", "language": "english"}, "min_token_len": 2, "max_token_len": 20}  # fmt: skip


def answer(server: Server, method: str, path: str, body: dict | None = None) -> requests.Response:
    return server.session.request(method, f"{server.url}{path}", json=body)


def test_sparse_vectors_take_every_option(server: Server) -> None:
    for number, (memory, datatype) in enumerate((("cold", "float32"), ("cached", "float16"), ("pinned", "uint8"))):
        index = {"full_scan_threshold": 100, "on_disk": number == 0, "memory": memory, "datatype": datatype}
        given = {"words": {"index": index, "modifier": "none"}}
        server.ask("PUT", f"/collections/sparse-{number}", {"sparse_vectors": given})
        assert rest.info(server, f"sparse-{number}")["config"]["params"]["sparse_vectors"]["words"]["index"] == index
        changed = {"words": {"modifier": "idf", "index": {"full_scan_threshold": 200}}}
        server.ask("PATCH", f"/collections/sparse-{number}", {"sparse_vectors": changed})
        told = rest.info(server, f"sparse-{number}")["config"]["params"]["sparse_vectors"]["words"]
        assert told["modifier"] == "idf" and told["index"]["full_scan_threshold"] == 200


def test_names_of_every_datatype_come_and_go(server: Server) -> None:
    server.ask("PUT", "/collections/names", {})
    path = "/collections/names/vectors"
    for datatype in ("float32", "float16", "uint8"):
        dense = {"size": 2, "distance": "Dot", "datatype": datatype, "multivector_config": {"comparator": "max_sim"}}
        server.ask("PUT", f"{path}/d-{datatype}?ordering=weak&timeout=10", {"dense": dense})
        server.ask("PUT", f"{path}/s-{datatype}?wait=true", {"sparse": {"modifier": "idf", "datatype": datatype}})
    refused = answer(server, "PUT", f"{path}/four", {"dense": {"size": 2, "distance": "Dot", "datatype": "turbo4"}})
    assert refused.status_code == 400 and "turbo4" in refused.text
    refused = answer(server, "PUT", "/collections/four", {"vectors": {"size": 2, "distance": "Dot", "datatype": "turbo4"}})
    assert refused.status_code == 400 and "turbo4" in refused.text
    params = rest.info(server, "names")["config"]["params"]
    assert set(params["vectors"]) == {"d-float32", "d-float16", "d-uint8"} and len(params["sparse_vectors"]) == 3
    server.ask("DELETE", f"{path}/d-uint8?ordering=weak&timeout=10&wait=true")
    assert "d-uint8" not in rest.info(server, "names")["config"]["params"]["vectors"]


def test_strict_mode_limits_vectors_of_each_kind(server: Server) -> None:
    rows = {"size": 2, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}
    created = {"vectors": {"rows": rows}, "sparse_vectors": {"words": {}}, "strict_mode_config": STRICT}
    server.ask("PUT", "/collections/strict-kinds", created)
    fits = {"rows": [[1.0, 0.0], [0.0, 1.0]], "words": {"indices": [1, 2, 3], "values": [1.0, 2.0, 3.0]}}
    path = "/collections/strict-kinds/points?wait=true"
    server.ask("PUT", path, {"points": [{"id": 1, "vector": fits}]})
    for name, vector in (("rows", [[1.0, 0.0]] * 3), ("words", {"indices": [1, 2, 3, 4], "values": [1.0] * 4})):
        refused = answer(server, "PUT", path, {"points": [{"id": 2, "vector": {name: vector}}]})
        assert refused.status_code == 400 and name in refused.json()["status"]["error"]
    batch = {"searches": [{"query": [1.0, 0.0], "using": "rows"}] * 11}
    assert answer(server, "POST", "/collections/strict-kinds/points/query/batch", batch).status_code == 400


def test_multivectors_and_texts_fill_points_of_an_unnamed_vector(server: Server) -> None:
    rows = {"size": 2, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}
    server.ask("PUT", "/collections/unnamed-rows", {"vectors": rows})
    path = "/collections/unnamed-rows/points?wait=true"
    server.ask("PUT", path, {"points": [{"id": 1, "vector": [[1.0, 0.0], [0.0, 1.0]]}]})
    server.ask("PUT", path, {"batch": {"ids": [2, 3], "vectors": [[[1.0, 1.0]], [[0.0, 2.0], [0.5, 0.0]]]}})
    hits = server.ask("POST", "/collections/unnamed-rows/points/query", {"query": [[0.0, 1.0], [1.0, 0.0]]})["points"]
    assert [(hit["id"], hit["score"]) for hit in hits] == [(3, 2.5), (1, 2.0), (2, 2.0)]
    # A text becomes a sparse vector, which no unnamed vector is; other things need a service that is not there.
    text = answer(server, "PUT", path, {"points": [{"id": 4, "vector": BM25}]})
    assert text.status_code == 400, text.text
    assert answer(server, "PUT", path, {"batch": {"ids": [4], "vectors": [BM25]}}).status_code == 400
    image = {"image": "https://example.org/a.png", "model": "clip", "options": {}}
    thing = {"object": {"a": 1}, "model": "any", "options": {}}
    for other in (image, thing):
        for body in (
            {"points": [{"id": 4, "vector": other}]},
            {"points": [{"id": 4, "vector": {"": other}}]},
            {"batch": {"ids": [4], "vectors": [other]}},
        ):
            assert answer(server, "PUT", path, body).status_code in (400, 500)
        query = {"query": {"nearest": other}}
        assert answer(server, "POST", "/collections/unnamed-rows/points/query", query).status_code in (400, 500)


def test_texts_are_embedded_with_every_option(server: Server) -> None:
    server.ask("PUT", "/collections/texts", {"sparse_vectors": {"words": {"modifier": "idf"}}})
    points = [{"id": 1, "vector": {"words": {**BM25, "options": OPTIONS}}}, {"id": 2, "vector": {"words": BM25}}]
    server.ask("PUT", "/collections/texts/points?wait=true", {"points": points})
    one, other = server.ask("POST", "/collections/texts/points", {"ids": [1, 2], "with_vector": True})
    # "apfel" for "äpfel"; of "orchard" and "orchards" the stopword is left out, and the other is stemmed.
    one, other = (dict(zip(*point["vector"]["words"].values(), strict=True)) for point in (one, other))
    assert len(one) == len(other) == 2
    (orchard,) = one.keys() & other.keys()
    assert one[orchard] < other[orchard]
    for idf in ("global", {"corpus": {"must": [{"has_id": [1, 2]}]}}):
        body = {"query": {**BM25, "text": "orchards"}, "using": "words", "params": {"idf": idf}}
        found = server.ask("POST", "/collections/texts/points/query", body)["points"]
        assert [hit["id"] for hit in found][:1] == [2]


@pytest.mark.parametrize("options", [{"k": -1}, {"b": 2}, {"avg_len": 0}, {"tokenizer": "none"}, {"language": 3}])
def test_wrong_options_of_texts_are_refused(server: Server, options: dict) -> None:
    if not server.ask("GET", "/collections/refused-texts/exists")["exists"]:
        server.ask("PUT", "/collections/refused-texts", {"sparse_vectors": {"words": {}}})
    points = {"points": [{"id": 1, "vector": {"words": {**BM25, "options": options}}}]}
    assert answer(server, "PUT", "/collections/refused-texts/points", points).status_code == 400
