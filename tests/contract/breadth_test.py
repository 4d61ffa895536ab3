"""Every option of the API once: accepted, and told again or obeyed where an answer can show it."""

import pytest

import collections_rest as rest
from server import Server

NAME = "breadth"
C = f"/collections/{NAME}"
POINTS = [
    {"id": point, "vector": [float(point), 1.0], "payload": {"n": point, "t": "some words", "at": "2024-01-01", "g": "x",
     "place": {"lon": 13.4, "lat": 52.5}}}
    for point in range(1, 7)
]  # fmt: skip
NEAREST = [1.0, 0.0]
IDS = [1, 2, 3]
SLICE = {"must": {"has_id": IDS}}


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    rest.create(server, NAME, 2, "Dot")
    server.ask("PUT", f"{C}/points?wait=true&ordering=strong&timeout=30", {"points": POINTS})
    for field, schema in (("n", "integer"), ("at", "datetime"), ("g", "keyword")):
        server.ask("PUT", f"{C}/index?wait=true&ordering=medium&timeout=30", {"field_name": field, "field_schema": schema})
    return server


READS = [
    ("points", {"ids": IDS}),
    ("points/scroll", {"filter": SLICE}),
    ("points/count", {"filter": SLICE}),
    ("points/query", {"query": NEAREST, "filter": SLICE}),
    ("points/query/batch", {"searches": [{"query": NEAREST}]}),
    ("points/query/groups", {"query": NEAREST, "group_by": "g"}),
    ("facet", {"key": "g"}),
    ("points/search/matrix/pairs", {"sample": 3}),
    ("points/search/matrix/offsets", {"sample": 3}),
]


@pytest.mark.parametrize("consistency", ["1", "majority"])
@pytest.mark.parametrize(("path", "body"), READS)
def test_reads_take_consistency_and_a_time_limit(filled: Server, path: str, body: dict, consistency: str) -> None:
    plain = filled.ask("POST", f"{C}/{path}", body)
    asked = filled.ask("POST", f"{C}/{path}?consistency={consistency}&timeout=10", body)
    if "matrix" not in path:  # a sample at random
        assert asked == plain
    filled.ask("GET", f"{C}/points/1?consistency={consistency}")


WRITES = [
    ("PUT", "points", {"points": POINTS[:1]}),
    ("POST", "points/payload", {"payload": {"m": 1}, "points": IDS}),
    ("PUT", "points/payload", {"payload": {"m": 1}, "points": [6]}),
    ("POST", "points/payload/delete", {"keys": ["m"], "filter": SLICE}),
    ("POST", "points/payload/clear", {"points": [6]}),
    ("PUT", "points/vectors", {"points": [{"id": 6, "vector": [6.0, 1.0]}]}),
    ("POST", "points/vectors/delete", {"vector": [""], "filter": {"must": {"has_id": []}}}),
    ("POST", "points/delete", {"points": [77]}),
    ("POST", "points/batch", {"operations": [{"delete": {"points": [77]}}]}),
    ("DELETE", "index/absent", None),
]


@pytest.mark.parametrize("ordering", ["weak", "medium", "strong"])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_writes_take_an_ordering_and_a_time_limit(
    filled: Server, method: str, path: str, body: dict, ordering: str
) -> None:
    answer = filled.ask(method, f"{C}/{path}?wait=true&ordering={ordering}&timeout=30", body)
    for result in answer if isinstance(answer, list) else [answer]:
        assert result["status"] == "completed"


LANGUAGES = ["arabic", "azerbaijani", "basque", "bengali", "catalan", "chinese", "danish", "dutch", "english", "finnish",
             "french", "german", "greek", "hebrew", "hinglish", "hungarian", "indonesian", "italian", "japanese", "kazakh",
             "nepali", "norwegian", "portuguese", "romanian", "russian", "slovene", "spanish", "swedish", "tajik",
             "turkish"]  # fmt: skip
STEMMERS = ["arabic", "armenian", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian",
            "italian", "norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish"]  # fmt: skip
TEXT = {"type": "text", "enable_hnsw": True, "lowercase": True, "ascii_folding": True, "min_token_len": 1,
        "max_token_len": 20, "phrase_matching": True}  # fmt: skip
INDEXES = [
    {"type": "keyword", "is_tenant": True, "enable_hnsw": False, "prefix": True, "memory": "cold", "on_disk": True},
    {"type": "integer", "lookup": True, "range": True, "is_principal": True, "enable_hnsw": True, "memory": "cached"},
    {"type": "integer", "on_disk": False},
    {"type": "float", "is_principal": True, "enable_hnsw": True, "memory": "pinned", "on_disk": False},
    {"type": "geo", "enable_hnsw": True, "memory": "cold", "on_disk": True},
    {"type": "bool", "enable_hnsw": True, "memory": "cold", "on_disk": True},
    {"type": "datetime", "is_principal": True, "enable_hnsw": True, "memory": "cold", "on_disk": True},
    {"type": "uuid", "is_tenant": True, "enable_hnsw": True, "memory": "cold", "on_disk": True},
    {**TEXT, "tokenizer": "word", "stemmer": {"type": "none"}, "stopwords": "english", "memory": "cold", "on_disk": True},
    *({**TEXT, "tokenizer": tokenizer} for tokenizer in ("prefix", "whitespace", "multilingual")),
    *({"type": "text", "stopwords": language} for language in LANGUAGES),
    {"type": "text", "stopwords": {"languages": LANGUAGES, "custom": ["word"]}},
    *({"type": "text", "stemmer": {"type": "snowball", "language": language}} for language in STEMMERS),
]


def test_indexes_of_every_kind_are_told_again(filled: Server) -> None:
    for schema in INDEXES:
        rest.create_index(filled, NAME, "any", schema)
        told = rest.info(filled, NAME)["payload_schema"]["any"]
        assert told["data_type"] == schema["type"] and told["params"].items() >= schema.items(), schema
    for kind in ("keyword", "integer", "float", "geo", "text", "bool", "datetime", "uuid"):
        rest.create_index(filled, NAME, "any", kind)
        assert rest.info(filled, NAME)["payload_schema"]["any"]["data_type"] == kind
    filled.ask("DELETE", f"{C}/index/any?wait=true&ordering=weak&timeout=30")


def test_full_text_conditions(filled: Server) -> None:
    for kind in ("text", "text_any", "phrase"):
        found = filled.ask("POST", f"{C}/points/count", {"filter": {"must": [{"key": "t", "match": {kind: "words"}}]}})
        assert found["count"] >= 3


SCALAR = {"scalar": {"type": "int8", "quantile": 0.9, "always_ram": True, "memory": "cached"}}
QUANTIZATIONS = [
    SCALAR,
    *({"product": {"compression": f"x{ratio}", "always_ram": True, "memory": "cold"}} for ratio in (4, 8, 16, 32, 64)),
    *({"binary": {"encoding": encoding, "query_encoding": "default", "always_ram": True, "memory": "cold"}}
      for encoding in ("one_bit", "two_bits", "one_and_half_bits")),
    *({"binary": {"query_encoding": encoding}} for encoding in ("binary", "scalar4bits", "scalar8bits")),
    *({"turbo": {"bits": bits, "always_ram": True, "memory": "cold"}} for bits in ("bits1", "bits1_5", "bits2", "bits4")),
]  # fmt: skip
HNSW = {"m": 8, "ef_construct": 50, "full_scan_threshold": 100, "max_indexing_threads": 1, "on_disk": False,
        "payload_m": 8, "inline_storage": False, "memory": "cached"}  # fmt: skip
OPTIMIZERS = {"deleted_threshold": 0.3, "vacuum_min_vector_number": 500, "default_segment_number": 2,
              "max_segment_size": 50000, "memmap_threshold": 1000, "indexing_threshold": 2000, "flush_interval_sec": 3,
              "max_optimization_threads": 1, "prevent_unoptimized": False}  # fmt: skip


def test_quantizations_are_told_again(server: Server) -> None:
    for number, quantization in enumerate(QUANTIZATIONS):
        name = f"quantized-{number}"
        rest.create(server, name, 4, quantization_config=quantization)
        ((kind, wanted),) = quantization.items()
        assert rest.info(server, name)["config"]["quantization_config"][kind].items() >= wanted.items()
        server.ask("PATCH", f"/collections/{name}", {"quantization_config": "Disabled"})
        assert rest.info(server, name)["config"]["quantization_config"] is None
        server.ask("PATCH", f"/collections/{name}?timeout=10", {"quantization_config": quantization})
        server.ask("DELETE", f"/collections/{name}?timeout=10")


def test_collections_take_every_option(server: Server) -> None:
    settings = {
        "hnsw_config": HNSW,
        "optimizers_config": OPTIMIZERS,
        "wal_config": {"wal_capacity_mb": 16, "wal_segments_ahead": 1, "wal_retain_closed": 2},
        "shard_number": 1,
        "sharding_method": "auto",
        "replication_factor": 1,
        "write_consistency_factor": 1,
        "on_disk_payload": False,
        "payload": {"memory": "cached"},
        "metadata": {"owner": "tests"},
        "vectors": {
            "a": {"size": 2, "distance": "Manhattan", "hnsw_config": HNSW, "quantization_config": SCALAR, "on_disk": True},
            "b": {"size": 3, "distance": "Euclid", "datatype": "float32", "memory": "cold"},
        },
    }
    server.ask("PUT", "/collections/options?timeout=10", settings)
    config = rest.info(server, "options")["config"]
    assert config["hnsw_config"].items() >= HNSW.items()
    assert config["optimizer_config"].items() >= OPTIMIZERS.items()
    assert config["wal_config"] == settings["wal_config"] and config["metadata"] == {"owner": "tests"}
    server.ask("PATCH", "/collections/options", {"optimizers_config": {"max_optimization_threads": "auto"}})
    changes = {
        "hnsw_config": {"m": 12},
        "optimizers_config": {"max_optimization_threads": 2},
        "params": {"replication_factor": 1, "write_consistency_factor": 1, "read_fan_out_factor": 1,
                   "read_fan_out_delay_ms": 5, "on_disk_payload": True, "payload": {"memory": "cold"}},
        "vectors": {"a": {"hnsw_config": {"m": 24}, "quantization_config": SCALAR, "on_disk": False, "memory": "cached"}},
        "metadata": {"owner": None, "kept": 1},
    }  # fmt: skip
    server.ask("PATCH", "/collections/options", changes)
    config = rest.info(server, "options")["config"]
    assert config["hnsw_config"]["m"] == 12 and config["metadata"] == {"kept": 1}
    assert config["params"]["vectors"]["a"]["hnsw_config"]["m"] == 24
    server.ask("DELETE", "/collections/options")


def test_search_params_do_not_change_an_exact_answer(filled: Server) -> None:
    params = {"hnsw_ef": 64, "indexed_only": False, "exact": False, "acorn": {"enable": True, "max_selectivity": 0.5},
              "quantization": {"ignore": False, "rescore": True, "oversampling": 2.0}}  # fmt: skip
    plain = filled.ask("POST", f"{C}/points/query", {"query": NEAREST, "score_threshold": 0.5})
    assert filled.ask("POST", f"{C}/points/query", {"query": NEAREST, "params": params, "score_threshold": 0.5}) == plain


UNARY = {"neg": -4.0, "abs": 4.0, "sqrt": 2.0, "exp": 54.59815, "log10": 0.60206, "ln": 1.386294}
EXPRESSIONS = [
    *(({name: 4.0}, value) for name, value in UNARY.items()),
    ({"sum": [1.0, "$score", {"key": "n", "match": {"value": 6}}]}, 8.0),
    ({"mult": [2.0, "$score"]}, 12.0),
    ({"div": {"left": "$score", "right": 2.0, "by_zero_default": 1.0}}, 3.0),
    ({"pow": {"base": "n", "exponent": 2.0}}, 36.0),
    *(({f"{kind}_decay": {"x": "n", "target": 6.0, "scale": 2.0, "midpoint": 0.5}}, 1.0) for kind in ("lin", "exp", "gauss")),
    ({"geo_distance": {"origin": {"lon": 13.4, "lat": 52.5}, "to": "place"}}, 0.0),
    ({"sum": [{"datetime_key": "at"}, {"neg": {"datetime": "2024-01-01T00:00:00Z"}}]}, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS)
def test_expressions(server: Server, expression: dict, value: float) -> None:
    name = "expressions"
    if not server.ask("GET", f"/collections/{name}/exists")["exists"]:
        rest.create(server, name, 2, "Dot")
        server.ask("PUT", f"/collections/{name}/points?wait=true", {"points": POINTS})
    prefetch = {"query": NEAREST, "limit": 1, "score_threshold": 0.1}
    body = {"query": {"formula": expression, "defaults": {"absent": 1}}, "prefetch": prefetch}
    (hit,) = server.ask("POST", f"/collections/{name}/points/query", body)["points"]
    assert hit["score"] == pytest.approx(value, rel=1e-5, abs=1e-5)


def test_lookups_of_ids_and_groups_elsewhere(server: Server) -> None:
    server.ask("PUT", "/collections/elsewhere", {"vectors": {"v": {"size": 2, "distance": "Cosine"}}})
    points = [{"id": 9, "vector": {"v": [1.0, 0.0]}, "payload": {"a": 1}}]
    server.ask("PUT", "/collections/elsewhere/points?wait=true", {"points": points})
    rest.create(server, "here", 2, "Dot")
    server.ask("PUT", "/collections/here/points?wait=true", {"points": [{**POINTS[0], "payload": {"g": 9}}]})
    where = {"collection": "elsewhere", "vector": "v"}
    body = {"query": 9, "lookup_from": where, "using": ""}
    assert len(server.ask("POST", "/collections/here/points/query", body)["points"]) == 1
    prefetch = {"query": 9, "lookup_from": where, "using": "", "prefetch": {"query": NEAREST}}
    assert len(server.ask("POST", "/collections/here/points/query", {"query": NEAREST, "prefetch": [prefetch]})["points"]) == 1
    lookup = {"collection": "elsewhere", "with_payload": True, "with_vectors": ["v"]}
    body = {"query": 9, "lookup_from": where, "using": "", "group_by": "g", "group_size": 1, "limit": 1, "filter": {},
            "params": {"exact": True}, "score_threshold": 0.5, "with_payload": True, "with_vector": True,
            "with_lookup": lookup}  # fmt: skip
    (group,) = server.ask("POST", "/collections/here/points/query/groups", body)["groups"]
    assert group["id"] == 9 and group["lookup"] == {"id": 9, "payload": {"a": 1}, "vector": {"v": [1.0, 0.0]}}
    for inner in ({"query": NEAREST}, [{"query": NEAREST}]):
        grouped = {"query": NEAREST, "prefetch": inner, "group_by": "g", "with_lookup": "elsewhere"}
        assert len(server.ask("POST", "/collections/here/points/query/groups", grouped)["groups"]) == 1


def test_conditional_columns_and_updates(filled: Server) -> None:
    never = {"must": {"key": "n", "match": {"value": 1000}}}
    batch = {"ids": [1], "vectors": [[9.0, 9.0]], "payloads": [{}]}
    filled.ask("PUT", f"{C}/points?wait=true", {"batch": batch, "update_filter": never, "update_mode": "update_only"})
    update = {"points": [{"id": 1, "vector": [9.0, 9.0]}], "update_filter": never}
    filled.ask("PUT", f"{C}/points/vectors?wait=true", update)
    assert filled.ask("GET", f"{C}/points/1")["vector"] == [1.0, 1.0]
    operations = [
        {"set_payload": {"payload": {"b": 1}, "points": [1]}},
        {"overwrite_payload": {"payload": {"b": 2}, "points": [1]}},
        {"update_vectors": update},
    ]
    filled.ask("POST", f"{C}/points/batch?wait=true", {"operations": operations})
    assert filled.ask("GET", f"{C}/points/1")["payload"] == {"b": 2}


def test_aliases_and_probes(filled: Server) -> None:
    actions = [{"create_alias": {"collection_name": NAME, "alias_name": "one"}},
               {"rename_alias": {"old_alias_name": "one", "new_alias_name": "two"}}]  # fmt: skip
    filled.ask("POST", "/collections/aliases?timeout=10", {"actions": actions})
    assert filled.ask("GET", f"{C}/aliases")["aliases"] == [{"alias_name": "two", "collection_name": NAME}]
    filled.ask("POST", "/collections/aliases", {"actions": [{"delete_alias": {"alias_name": "two"}}]})
    assert filled.ask("GET", "/aliases")["aliases"] == []
    for path in ("/healthz", "/livez", "/readyz", "/"):
        assert filled.call("GET", path).status_code == 200
