#!/usr/bin/env python3
"""Requests of the data plane beside the real Qdrant engine (qdrant-edge-py), both inside their process, one thread.

Same points, same requests, answers compared beside the rates: sparse and multivector searches, facets, counts, scrolls
and text filters over the Debian set. Ours are whole REST requests through the router, JSON both ways (request_bench);
the peer is called through its Python binding, with its requests made beforehand. Both hold the data on disk and are
optimised before. The two take turns, measurement by measurement, so that a busy machine slows both; the medians count.

Needs the environment of bench/requirements.txt and the program `request_bench`; `bench/run` makes both.
"""

import argparse
import json
import re
import sys
import tempfile
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import qdrant_edge as edge

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import datasets  # noqa: E402
from compare import cpu_description  # noqa: E402
from programs import REQUEST_BENCH, RequestProgram  # noqa: E402

K = 10
BATCH = 500
AVERAGE_LENGTH = 40
GROUP_SIZES = (3, 1, 8, 4, 6, 2)  # rows of the multivectors, in turn
QUERY_ROWS = 4


def tokens(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 1]


def document_vector(text: str) -> dict:
    """As BM25 weighs the words of a document, without IDF."""
    words = tokens(text)
    counts, length = Counter(zlib.crc32(word.encode()) >> 1 for word in words), 0.25 + 0.75 * len(words) / AVERAGE_LENGTH
    items = sorted(counts.items())
    return {"indices": [i for i, _ in items], "values": [n * 2.2 / (n + 1.2 * length) for _, n in items]}


def query_vector(text: str) -> dict:
    indices = sorted({zlib.crc32(word.encode()) >> 1 for word in tokens(text)[:8]})
    return {"indices": indices, "values": [1.0] * len(indices)}


@dataclass
class Data:
    vectors: np.ndarray
    queries: np.ndarray
    texts: list[str]
    payloads: list[dict]
    query_texts: list[str]
    groups: list[np.ndarray] = field(default_factory=list)  # rows of each multivector

    @classmethod
    def load(cls, count: int, queries: int) -> "Data":
        directory = datasets.DEBIAN_DIRECTORY
        if not directory.is_dir():
            raise SystemExit(f"the Debian set is not at {directory} (SEXTANT_DATA_DIR)")
        lines = datasets.read_payloads(directory / "payload.jsonl.zst")[:count]
        asked = datasets.read_payloads(directory / "queries.jsonl.zst")[:queries]
        data = cls(
            vectors=datasets.normalized(np.load(directory / "vectors.npy")[:count]),
            queries=datasets.normalized(np.load(directory / "queries.npy")[:queries]),
            texts=[line["text"] for line in lines],
            payloads=[{**line["payload"], "text": line["text"]} for line in lines],
            query_texts=[line["text"] for line in asked],
        )
        start = 0
        while start < len(data.vectors):
            size = GROUP_SIZES[len(data.groups) % len(GROUP_SIZES)]
            data.groups.append(data.vectors[start : start + size])
            start += size
        return data


# --- requests, in the form of both


@dataclass
class Kind:
    """One kind of request: ours as (path, body), the peer's as callables that give comparable answers."""

    label: str
    collection: str
    ours: list[tuple[str, dict]]
    peer: list
    read: object  # the answer of ours → what `peer` gives


def hits_of(answer: dict) -> list[float]:
    return [hit["score"] for hit in answer["result"]["points"]]


def searches(label: str, collection: str, queries: list, peer_queries: list, filters: list | None = None) -> Kind:
    ours, peer = [], []
    for i, (query, peer_query) in enumerate(zip(queries, peer_queries, strict=True)):
        body = {"query": query, "limit": K, "using": "v"}
        condition = None
        if filters:
            body["filter"], condition = filters[i]
        request = edge.QueryRequest(
            limit=K, query=edge.Query.Nearest(peer_query, using="v"), filter=condition, with_payload=False
        )
        ours.append((f"/collections/{collection}/points/query", body))
        peer.append(lambda shard, request=request: [point.score for point in shard.query(request)])
    return Kind(label, collection, ours, peer, hits_of)


def text_filter(words: list[str]) -> tuple[dict, edge.Filter]:
    text = " ".join(words)
    condition = edge.FieldCondition("text", match=edge.MatchText(text))
    return {"must": [{"key": "text", "match": {"text": text}}]}, edge.Filter(must=[condition])


def value_filter(key: str, value: object) -> tuple[dict, edge.Filter]:
    condition = edge.FieldCondition(key, match=edge.MatchValue(value))
    return {"must": [{"key": key, "match": {"value": value}}]}, edge.Filter(must=[condition])


def range_filter(key: str, gte: float, lt: float) -> tuple[dict, edge.Filter]:
    condition = edge.FieldCondition(key, range=edge.RangeFloat(gte=gte, lt=lt))
    return {"must": [{"key": key, "range": {"gte": gte, "lt": lt}}]}, edge.Filter(must=[condition])


def both(one: tuple, other: tuple) -> tuple[dict, edge.Filter]:
    return {"must": one[0]["must"] + other[0]["must"]}, edge.Filter(must=[*one[1].must, *other[1].must])


def some_filters(data: Data) -> list[tuple[dict, edge.Filter]]:
    sections = [section for section, _ in Counter(p.get("section") for p in data.payloads).most_common(12) if section]
    tags = [tag for tag, _ in Counter(t for p in data.payloads for t in p.get("tags", [])).most_common(10)]
    made = [value_filter("section", section) for section in sections]
    made += [value_filter("tags", tag) for tag in tags]
    made += [range_filter("installed_size_kb", 10**power, 5 * 10**power) for power in range(2, 6)]
    made += [both(value_filter("section", section), range_filter("hash_u", 0.1, 0.4)) for section in sections[:6]]
    return made


def facets(data: Data) -> Kind:
    kind = Kind("facet with a filter", "main", [], [], lambda answer: Counter(
        {hit["value"]: hit["count"] for hit in answer["result"]["hits"]}))  # fmt: skip
    for key in ("section", "tags", "maintainer"):
        for body, condition in some_filters(data)[-12:]:
            request = edge.FacetRequest(key, limit=10, exact=True, filter=condition)
            kind.ours.append(("/collections/main/facet", {"key": key, "limit": 10, "exact": True, "filter": body}))
            kind.peer.append(
                lambda shard, request=request: Counter({hit.value: hit.count for hit in shard.facet(request).hits})
            )
    return kind


def counts(label: str, filters: list) -> Kind:
    kind = Kind(label, "main", [], [], lambda answer: answer["result"]["count"])
    for body, condition in filters:
        request = edge.CountRequest(exact=True, filter=condition)
        kind.ours.append(("/collections/main/points/count", {"exact": True, "filter": body}))
        kind.peer.append(lambda shard, request=request: shard.count(request))
    return kind


def scrolls(data: Data) -> Kind:
    kind = Kind("scroll of 100 with a filter", "main", [], [], lambda answer: [p["id"] for p in answer["result"]["points"]])
    for body, condition in some_filters(data):
        request = edge.ScrollRequest(limit=100, filter=condition, with_payload=False, with_vector=False)
        ours = {"limit": 100, "filter": body, "with_payload": False, "with_vector": False}
        kind.ours.append(("/collections/main/points/scroll", ours))
        kind.peer.append(lambda shard, request=request: [point.id for point in shard.scroll(request)[0]])
    return kind


def all_kinds(data: Data) -> list[Kind]:
    sparse = [query_vector(text) for text in data.query_texts]
    sparse_peer = [edge.SparseVector(**vector) for vector in sparse]
    rows = [data.queries[i : i + QUERY_ROWS].tolist() for i in range(len(data.queries) - QUERY_ROWS)]
    dense = [query.tolist() for query in data.queries]
    words = [words[:2] for text in data.query_texts if len(words := tokens(text)) > 2]
    texts = [text_filter(pair) for pair in words]
    return [
        searches("dense search", "main", dense, dense),
        searches("sparse search", "sparse", sparse, sparse_peer),
        searches("sparse search with IDF", "sparse_idf", sparse, sparse_peer),
        searches("multivector search", "multi", rows, rows),
        facets(data),
        counts("exact count with a filter", some_filters(data)),
        scrolls(data),
        counts("count with a text filter", texts),
        searches("dense search with a text filter", "main", dense[: len(texts)], dense[: len(texts)], texts[: len(dense)]),
    ]


# --- the two sides

FIELDS = {
    "section": ("keyword", edge.PayloadSchemaType.Keyword),
    "tags": ("keyword", edge.PayloadSchemaType.Keyword),
    "maintainer": ("keyword", edge.PayloadSchemaType.Keyword),
    "installed_size_kb": ("integer", edge.PayloadSchemaType.Integer),
    "hash_u": ("float", edge.PayloadSchemaType.Float),
    "text": ("text", edge.PayloadSchemaType.Text),
}


def collections(data: Data) -> dict:
    """Name → (parameters of ours, of the peer, points as (vector of ours, of the peer, payload))."""
    dense = {"size": data.vectors.shape[1], "distance": "Cosine"}
    params = edge.EdgeVectorParams(size=data.vectors.shape[1], distance=edge.Distance.Cosine)
    multi = edge.EdgeVectorParams(
        size=data.vectors.shape[1],
        distance=edge.Distance.Cosine,
        multivector_config=edge.MultiVectorConfig(comparator=edge.MultiVectorComparator.MaxSim),
    )
    idf = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
    vectors = [row.tolist() for row in data.vectors]
    documents = [document_vector(text) for text in data.texts]
    sparse = [(document, edge.SparseVector(**document), {}) for document in documents]
    groups = [(rows.tolist(), rows.tolist(), {}) for rows in data.groups]
    comparator = {"multivector_config": {"comparator": "max_sim"}}
    return {
        "main": ({"vectors": {"v": dense}}, edge.EdgeConfig(vectors={"v": params}),
                 [(v, v, p) for v, p in zip(vectors, data.payloads, strict=True)]),
        "sparse": ({"sparse_vectors": {"v": {}}},
                   edge.EdgeConfig(sparse_vectors={"v": edge.EdgeSparseVectorParams()}), sparse),
        "sparse_idf": ({"sparse_vectors": {"v": {"modifier": "idf"}}}, edge.EdgeConfig(sparse_vectors={"v": idf}),
                       sparse),
        "multi": ({"vectors": {"v": {**dense, **comparator}}}, edge.EdgeConfig(vectors={"v": multi}), groups),
    }  # fmt: skip


def write_requests(path: Path, made: dict, kinds: list[Kind]) -> None:
    with path.open("w") as out:

        def put(method: str, target: str, body: dict | None = None, label: str | None = None) -> None:
            line = {"method": method, "path": target, **({"body": body} if body is not None else {})}
            out.write(json.dumps({**line, **({"label": label} if label else {})}) + "\n")

        for name, (params, _, points) in made.items():
            put("PUT", f"/collections/{name}", {**params, "optimizers_config": {"default_segment_number": 1}})
            for first in range(0, len(points), BATCH):
                batch = enumerate(points[first : first + BATCH], first)
                points_json = [{"id": i, "vector": {"v": ours}, "payload": payload} for i, (ours, _, payload) in batch]
                put("PUT", f"/collections/{name}/points?wait=true", {"points": points_json})
            if name == "main":
                for key, (schema, _) in FIELDS.items():
                    put("PUT", f"/collections/{name}/index?wait=true", {"field_name": key, "field_schema": schema})
            put("SETTLE", f"/collections/{name}")
        for kind in kinds:
            for target, body in kind.ours:
                put("POST", target, body, kind.label)


def build_peer(folder: Path, made: dict) -> dict:
    shards = {}
    for name, (_, config, points) in made.items():
        shard = edge.EdgeShard.create(str(folder / name), config)
        for first in range(0, len(points), BATCH):
            batch = [edge.Point(id=i, vector={"v": theirs}, payload=payload)
                     for i, (_, theirs, payload) in enumerate(points[first : first + BATCH], first)]  # fmt: skip
            shard.update(edge.UpdateOperation.upsert_points(batch))
        if name == "main":
            for key, (_, schema) in FIELDS.items():
                shard.update(edge.UpdateOperation.create_field_index(key, schema))
        shard.flush()
        shard.optimize()
        shards[name] = shard
    return shards


def peer_rate(shard: object, calls: list, args: argparse.Namespace) -> float:
    now = time.process_time if args.clock == "cpu" else time.perf_counter
    start, done, elapsed = now(), 0, 0.0
    while elapsed < args.seconds:
        for call in calls:
            call(shard)
        done += len(calls)
        elapsed = now() - start
    return done / elapsed


def agreement(kind: Kind, ours: list, theirs: list) -> float:
    """The share of equal answers: of scores, those that reach the peer's or better (both may be approximate)."""
    shares = []
    for one, other in zip(ours, theirs, strict=True):
        if isinstance(one, list) and one and isinstance(one[0], float):
            wanted = other[:K]
            reached = sum(score >= wanted[-1] - 1e-4 * max(1.0, abs(wanted[-1])) for score in one) if wanted else 0
            shares.append(min(reached, len(wanted)) / len(wanted) if wanted else float(not one))
        elif isinstance(one, Counter):  # of values that tie at the limit, either may be there
            shares.append(float(sorted(one.values()) == sorted(other.values())))
        else:
            shares.append(float(one == other))
    return float(np.mean(shares))


def rates_in_turns(ours: RequestProgram, kind: Kind, shard: object, args: argparse.Namespace) -> tuple:
    """Requests a second of both and their ratio, medians."""
    rounds = []
    for _ in range(args.repeats):
        rounds.append((ours.measure(kind.label)["requests_per_second"], peer_rate(shard, kind.peer, args)))
    one, other = np.median(rounds, axis=0)
    return one, other, np.median([one / other for one, other in rounds])


def run_ours(folder: Path, args: argparse.Namespace) -> RequestProgram:
    """request_bench over the requests in `folder`."""
    return RequestProgram(REQUEST_BENCH, folder, storage=folder / "ours", seconds=args.seconds, clock=args.clock)


def parse_args(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60752, help="points")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: where other work shares the machine")
    parser.add_argument("--only", default="", help="kinds of requests whose label matches this expression")
    return parser.parse_args()


def main() -> None:
    args = parse_args(__doc__)
    data = Data.load(args.count, args.queries)
    kinds = [kind for kind in all_kinds(data) if re.search(args.only, kind.label)]
    made = {name: one for name, one in collections(data).items() if any(kind.collection == name for kind in kinds)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_requests(folder / "requests", made, kinds)
        shards = build_peer(folder, made)
        print(f"CPU: {cpu_description()}\nData: {len(data.vectors):,} points, {len(data.groups):,} multivectors\n")
        print("| request | ours/s | qdrant-edge/s | ratio | answers that agree |\n|---|---:|---:|---:|---:|")
        with run_ours(folder, args) as ours:
            rates = {kind.label: rates_in_turns(ours, kind, shards[kind.collection], args) for kind in kinds}
        with (folder / "answers").open() as answers:
            for kind in kinds:
                ours_answers = [kind.read(json.loads(answers.readline())) for _ in kind.ours]
                theirs = [call(shards[kind.collection]) for call in kind.peer]
                one, other, ratio = rates[kind.label]
                share = agreement(kind, ours_answers, theirs)
                print(f"| {kind.label} | {one:,.0f} | {other:,.0f} | {ratio:.1f}x | {share:.4f} |")
        for shard in shards.values():
            shard.close()


if __name__ == "__main__":
    main()
