#!/usr/bin/env python3
"""Recall and rate at every quantization setting beside the real Qdrant engine (qdrant-edge-py) with the same setting.

The Debian set, cosine, the same requests to both, inside their process, one thread; see data_plane.py. For each setting:
the engine's defaults, no rescoring, and twice the candidates rescored. Recall@10 counts against exact answers.
"""

import json
import tempfile
from pathlib import Path

import data_plane
import edge_requests
import numpy as np
import qdrant_edge as edge
from compare import cpu_description
from data_plane import BATCH, K, Data, Kind

# Label → `quantization_config`.
SETTINGS = {
    "none": None,
    "scalar, quantile 0.99": {"scalar": {"type": "int8", "quantile": 0.99, "always_ram": True}},
    **{f"product {ratio}": {"product": {"compression": ratio, "always_ram": True}} for ratio in ("x4", "x8", "x16", "x32", "x64")},
    **{
        f"binary, {encoding}": {"binary": {"encoding": encoding, "always_ram": True}}
        for encoding in ("one_bit", "one_and_half_bits", "two_bits")
    },
    **{f"turbo, {bits}": {"turbo": {"bits": bits, "always_ram": True}} for bits in ("bits1", "bits1_5", "bits2", "bits4")},
}
# Label → members of `params`.
PARAMS = {
    "default": {},
    "no rescoring": {"quantization": {"rescore": False}},
    "oversampling 2": {"quantization": {"rescore": True, "oversampling": 2.0}},
}


def kinds_of(name: str, data: Data) -> list[Kind]:
    made = []
    for label, params in PARAMS.items():
        kind = Kind(f"{name} | {label}", name, [], [], lambda answer: [hit["id"] for hit in answer["result"]["points"]])
        for query in data.queries.tolist():
            body = {"query": query, "limit": K, "using": "v", "params": {**params, "hnsw_ef": 64}}
            kind.ours.append((f"/collections/{name}/points/query", body))
            call = edge_requests.query(body)
            kind.peer.append(lambda shard, call=call: [point.id for point in call(shard)])
        made.append(kind)
    return made


def collection_of(setting: dict | None, data: Data) -> tuple:
    dense = {"size": data.vectors.shape[1], "distance": "Cosine"}
    params = edge.EdgeVectorParams(
        size=data.vectors.shape[1],
        distance=edge.Distance.Cosine,
        quantization_config=edge_requests.quantization(setting),
    )
    if setting:
        dense["quantization_config"] = setting
    points = [(row, row, {}) for row in data.vectors.tolist()]
    return {"vectors": {"v": dense}}, edge.EdgeConfig(vectors={"v": params}), points


def recall(answers: list, scores: np.ndarray) -> float:
    """The share of answers that are as near as the K nearest points, whichever of equal ones they are."""
    last = -np.partition(-scores, K - 1, axis=1)[:, K - 1]
    return float(np.mean([(scores[i, ids] >= last[i] - 1e-6).sum() / K for i, ids in enumerate(answers)]))


def measure(name: str, setting: dict | None, data: Data, args: object) -> None:
    kinds = kinds_of("c", data)
    made = {"c": collection_of(setting, data)}
    scores = data.queries @ data.vectors.T
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        data_plane.write_requests(folder / "requests", made, kinds)
        shard = data_plane.build_peer(folder, made)["c"]
        with data_plane.run_ours(folder, args) as ours:
            rates = [data_plane.rates_in_turns(ours, kind, shard, args) for kind in kinds]
        with (folder / "answers").open() as lines:
            for kind, (one, other, ratio) in zip(kinds, rates, strict=True):
                found = recall([kind.read(json.loads(lines.readline())) for _ in kind.ours], scores)
                theirs = recall([call(shard) for call in kind.peer], scores)
                label = kind.label.split(" | ")[1]
                print(f"| {name} | {label} | {found:.4f} | {theirs:.4f} | {one:,.0f} | {other:,.0f} | {ratio:.1f} |", flush=True)
        shard.close()


def main() -> None:
    args = data_plane.parse_args(__doc__)
    data = Data.load(args.count, args.queries)
    print(f"CPU: {cpu_description()}\nData: {len(data.vectors):,} points, hnsw_ef 64, batches of {BATCH}\n")
    print("| setting | search | recall, ours | recall, qdrant-edge | ours/s | qdrant-edge/s | ratio |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, setting in SETTINGS.items():
        if args.only in name:
            measure(name, setting, data, args)


if __name__ == "__main__":
    main()
