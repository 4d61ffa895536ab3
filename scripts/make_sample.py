#!/usr/bin/env python3
"""Makes tests/data/sample/ from the Debian data set: a random part of its vectors, queries, and factual payload
fields (no descriptive text), with the exact answers computed anew over that part.

    .venv/tests/bin/python scripts/make_sample.py DATA_DIR
"""

import json
import sys
from pathlib import Path

import numpy as np
import zstandard

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "tests" / "data" / "sample"
POINTS, QUERIES, DEPTH, SEED = 5000, 100, 100, 20240917
FILTER_LIMIT = 10
FIELDS = (
    "name", "version", "section", "priority", "architecture", "installed_size_kb", "tags", "has_homepage",
    "homepage_host", "hash_u",
)  # fmt: skip

FILTERS = {
    "half_by_size": {"must": [{"key": "installed_size_kb", "range": {"gte": 230}}]},
    "tenth_by_tag": {"must": [{"key": "tags", "match": {"value": "role::devel-lib"}}]},
    "hundredth_by_section": {"must": [{"key": "section", "match": {"value": "graphics"}}]},
    "large_graphical_no_games": {
        "must": [
            {"key": "tags", "match": {"value": "interface::graphical"}},
            {"key": "installed_size_kb", "range": {"gte": 5000}},
        ],
        "must_not": [{"key": "section", "match": {"value": "games"}}],
    },
    "large_commandline_with_homepage": {
        "must": [
            {"key": "tags", "match": {"value": "interface::commandline"}},
            {"key": "has_homepage", "match": {"value": True}},
            {"key": "installed_size_kb", "range": {"gte": 20000}},
        ]
    },
    "either_section": {"should": [{"key": "section", "match": {"any": ["web", "mail"]}}]},
    "uncorrelated_0.5": {"must": [{"key": "hash_u", "range": {"lt": 0.5}}]},
    "uncorrelated_0.1": {"must": [{"key": "hash_u", "range": {"lt": 0.1}}]},
    "uncorrelated_0.01": {"must": [{"key": "hash_u", "range": {"lt": 0.01}}]},
    "uncorrelated_0.001": {"must": [{"key": "hash_u", "range": {"lt": 0.001}}]},
}


def holds(condition: dict, payload: dict) -> bool:
    """The few conditions of FILTERS, written out plainly: any value of the field satisfies the predicate."""
    stored = payload.get(condition["key"], [])
    values = stored if isinstance(stored, list) else [stored]
    if "range" in condition:
        bounds = condition["range"]
        return any(value >= bounds.get("gte", -np.inf) and value < bounds.get("lt", np.inf) for value in values)
    match = condition["match"]
    wanted = match.get("any", [match.get("value")])
    return any(value in wanted for value in values)


def passes(filter_: dict, payload: dict) -> bool:
    return (
        all(holds(condition, payload) for condition in filter_.get("must", []))
        and not any(holds(condition, payload) for condition in filter_.get("must_not", []))
        and ("should" not in filter_ or any(holds(condition, payload) for condition in filter_["should"]))
    )


def normalized(vectors: np.ndarray) -> np.ndarray:
    """As a server does it on upload: in float32."""
    vectors = vectors.astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def nearest(scores: np.ndarray, allowed: np.ndarray, count: int) -> tuple[list[int], list[float]]:
    """The best `count` of the allowed ids; equal scores by lower id."""
    order = allowed[np.lexsort((allowed, -scores[allowed]))][:count]
    return order.tolist(), scores[order].tolist()


def read_payloads(path: Path, chosen: np.ndarray) -> list[dict]:
    lines = zstandard.ZstdDecompressor().stream_reader(path.open("rb")).read().decode().splitlines()
    payloads = [json.loads(lines[row])["payload"] for row in chosen]
    return [{name: payload[name] for name in FIELDS if name in payload} for payload in payloads]


def write_json(name: str, value: object) -> None:
    (OUTPUT / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


def main() -> None:
    data = Path(sys.argv[1])
    random = np.random.default_rng(SEED)
    base = np.load(data / "vectors.npy")
    chosen = np.sort(random.choice(len(base), POINTS, replace=False))
    vectors = base[chosen]
    queries = np.load(data / "queries.npy")[:QUERIES].astype(np.float16)
    payloads = read_payloads(data / "payload.jsonl.zst", chosen)

    scores = normalized(queries).astype(np.float64) @ normalized(vectors).astype(np.float64).T
    everything = np.arange(POINTS)
    answers = [nearest(row, everything, DEPTH) for row in scores]
    filters = []
    for name, filter_ in FILTERS.items():
        allowed = np.flatnonzero([passes(filter_, payload) for payload in payloads])
        results = [nearest(row, allowed, FILTER_LIMIT) for row in scores]
        filters.append(
            {
                "name": name,
                "filter": filter_,
                "matching": len(allowed),
                "results": [
                    {"query": query, "ids": ids, "scores": [round(score, 7) for score in best]}
                    for query, (ids, best) in enumerate(results)
                ],
            }
        )

    OUTPUT.mkdir(parents=True, exist_ok=True)
    np.save(OUTPUT / "vectors.npy", vectors)
    np.save(OUTPUT / "queries.npy", queries)
    np.save(OUTPUT / "ground_truth_ids.npy", np.array([ids for ids, _ in answers], dtype=np.int32))
    np.save(OUTPUT / "ground_truth_scores.npy", np.array([best for _, best in answers], dtype=np.float32))
    text = "".join(json.dumps(payload, separators=(",", ":"), ensure_ascii=False) + "\n" for payload in payloads)
    (OUTPUT / "payload.jsonl.zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(text.encode()))
    write_json("filters.json", filters)
    for entry in filters:
        print(f"{entry['name']}: {entry['matching']} of {POINTS}")


if __name__ == "__main__":
    main()
