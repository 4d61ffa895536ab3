"""Whether an answer over REST is one that the schema file of the API allows (tests/data/openapi.json)."""

import json
import re
from functools import cache, cached_property
from pathlib import Path

import jsonschema_rs

FILE = Path(__file__).resolve().parent.parent / "data" / "openapi.json"
COMPONENTS = "#/components/schemas/"
NULL = {"type": "null"}
# Endpoints that older clients call and the schema file no longer has: the last part of the path → the result.
HITS = {"type": "array", "items": {"$ref": COMPONENTS + "ScoredPoint"}}
BATCH = {"type": "array", "items": HITS}
GROUPS = {"$ref": COMPONENTS + "GroupsResult"}
OLDER = {
    f"/collections/{{collection_name}}/points/{name}": result
    for name, result in {
        "search": HITS,
        "search/batch": BATCH,
        "search/groups": GROUPS,
        "recommend": HITS,
        "recommend/batch": BATCH,
        "recommend/groups": GROUPS,
        "discover": HITS,
        "discover/batch": BATCH,
    }.items()
}


def strict(node: object, names: bool = False) -> object:
    """A schema of OpenAPI 3.0 as JSON Schema, in which objects have no members but those that it names.

    `names`: the keys of this object are names, not words of the schema language.
    """
    if isinstance(node, list):
        return [strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {name: strict(one) for name, one in node.items()}
    if node == {"nullable": True}:
        return NULL
    rest = {key: strict(value, names=key == "properties") for key, value in node.items() if key not in ("nullable", "default")}
    if "properties" in rest:
        rest.setdefault("additionalProperties", False)
    return {"anyOf": [rest, NULL]} if node.get("nullable") else rest


class Schema:
    def __init__(self, text: str):
        self.document = json.loads(text)
        self.paths: dict[str, dict] = self.document["paths"]
        self.components: dict[str, dict] = self.document["components"]["schemas"]
        self.templates = [*self.paths, *OLDER]
        self.validators: dict[str, jsonschema_rs.Validator] = {}

    @cached_property
    def strict_components(self) -> dict:
        return {name: strict(schema) for name, schema in self.components.items()}

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern, str]]:
        """Paths with fewer parameters first: /collections/aliases is no collection."""
        ordered = sorted(self.templates, key=lambda template: (template.count("{"), template))
        return [(re.compile(re.sub(r"\\?\{[^/]*?\\?\}", "[^/]+", re.escape(one)) + "/?$"), one) for one in ordered]

    def template(self, path: str) -> str | None:
        return next((template for pattern, template in self.patterns if pattern.match(path)), None)

    def resolve(self, node: dict) -> dict:
        while "$ref" in node:
            node = self.components[node["$ref"].removeprefix(COMPONENTS)]
        return node

    def validator(self, node: dict) -> jsonschema_rs.Validator:
        """Of one schema inside the document, made when it is first asked for."""
        key = json.dumps(node, sort_keys=True)
        if key not in self.validators:
            whole = {"allOf": [strict(node)], "components": {"schemas": self.strict_components}}
            self.validators[key] = jsonschema_rs.Draft7Validator(whole)
        return self.validators[key]

    def answer(self, template: str, method: str, status: int) -> dict | None:
        """The schema of the body; None when nothing is said about it."""
        if template in OLDER:
            envelope = json.loads(json.dumps(self.answer_of("/collections/{collection_name}/points/count", "post", 200)))
            envelope["properties"]["result"] = OLDER[template]
            return envelope if status == 200 else {"$ref": COMPONENTS + "ErrorResponse"}
        if method not in self.paths[template]:
            return None
        return self.answer_of(template, method, status)

    def answer_of(self, template: str, method: str, status: int) -> dict | None:
        if status >= 400:
            return {"$ref": COMPONENTS + "ErrorResponse"}
        content = self.paths[template][method]["responses"].get(str(status), {}).get("content", {})
        body = content.get("application/json", {}).get("schema")
        if body and {"result", "status", "time"} <= body.get("properties", {}).keys():
            body = {**body, "required": ["result", "status", "time"]}
        return body

    def problems(self, method: str, path: str, status: int, body: object) -> list[str]:
        """What is wrong with a JSON answer, each naming the place."""
        template = self.template(path)
        if template is None:
            return [] if status >= 400 else [f"{method} {path}: {status} from a path that the schema does not have"]
        schema = self.answer(template, method.lower(), status)
        if schema is None:
            return [] if status >= 400 else [f"{method} {template}: the schema has no answer {status}"]
        validator = self.validator(schema)
        if validator.is_valid(body):
            return []
        where = [(list(error.instance_path), error.message) for error in validator.iter_errors(body)]
        return [f"{method} {template}: {status}: at {'/'.join(map(str, place)) or 'top'}: {text[:600]}" for place, text in where]


@cache
def load() -> Schema:
    return Schema(FILE.read_text())
