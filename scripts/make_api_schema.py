#!/usr/bin/env python3
"""Makes tests/data/openapi.json: what the tests need of the reference's OpenAPI file (Apache 2.0).

    scripts/make_api_schema.py OPENAPI.json

Kept: the paths of collections, aliases and points, the version and the probes, with the schemas that they use. Left out:
what later work brings (snapshots, clusters, shard keys, telemetry, quotas), and every text for readers.
"""

import json
import re
import sys

from source_tree import ROOT

OUTPUT = ROOT / "tests" / "data" / "openapi.json"
LEFT_OUT = re.compile(r"snapshots?(/|$)|cluster|shards|telemetry|metrics|issues|quotas")
FOR_READERS = ("description", "summary", "example", "tags", "externalDocs", "operationId", "title", "deprecated")
REFERENCE = "#/components/schemas/"


def without_texts(node: object, names: bool = False) -> object:
    """`names`: the keys of this object are names of the API, whatever they say."""
    if isinstance(node, list):
        return [without_texts(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_texts(value, names=key in ("properties", "schemas", "paths"))
        for key, value in node.items()
        if names or key not in FOR_READERS
    }


def references(node: object) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].removeprefix(REFERENCE)} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(references, node.values()))


def main() -> None:
    with open(sys.argv[1]) as source:
        whole = json.load(source)
    paths = {path: methods for path, methods in whole["paths"].items() if not LEFT_OUT.search(path)}
    schemas = whole["components"]["schemas"]
    needed, waiting = set(), references(paths)
    while waiting:
        needed |= waiting
        waiting = set().union(*(references(schemas[name]) for name in waiting)) - needed
    kept = {name: schemas[name] for name in sorted(needed)}
    info = {"title": whole["info"]["title"], "license": whole["info"]["license"], "version": "1.19"}
    reduced = without_texts({"paths": paths, "components": {"schemas": kept}})
    result = {"openapi": whole["openapi"], "info": info, **reduced}
    OUTPUT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
