"""The cells of the coverage table: what there is in requests of the API, and which of it an exchange used.

A cell is an operation (`POST /path`), a parameter of its query string (`POST /path ?timeout`), a member of an object
(`CountRequest.exact`), an alternative (`Condition: SliceCondition`) or a value of an enumeration (`Distance = Cosine`).
"""

from collections.abc import Iterator
from urllib.parse import parse_qs

from contract.hooks import Exchange
from contract.schema import COMPONENTS, Schema

# Of a long list its ends are looked at: what is between has the same shape.
LONG_LIST, ENDS = 24, 4


def values_of(node: dict) -> list:
    """Of an enumeration, which may be written as alternatives of one value each."""
    if "enum" in node:
        return node["enum"]
    alternatives = node.get("oneOf", node.get("anyOf", []))
    if alternatives and all("enum" in one for one in alternatives):
        return [value for one in alternatives for value in one["enum"]]
    return []


def alternatives_of(node: dict) -> list[dict]:
    return [one for one in node.get("anyOf", node.get("oneOf", [])) if one != {"nullable": True}]


def label(node: dict) -> str:
    if "$ref" in node:
        return node["$ref"].removeprefix(COMPONENTS)
    if node.get("type") == "array":
        return f"list of {label(node['items'])}"
    if "properties" in node:
        return "{" + ", ".join(node["properties"]) + "}"
    return " or ".join(map(str, values_of(node))) or node.get("format") or node.get("type", "any")


def request_schema(operation: dict) -> dict | None:
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")


def query_parameters(operation: dict) -> list[str]:
    return [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]


class Cells:
    def __init__(self, schema: Schema):
        self.schema = schema

    # --- what there is

    def sections(self) -> dict[str, list[str]]:
        """The cells under the operation or the component that they belong to, in the order of the schema file."""
        found: dict[str, list[str]] = {}
        seen: set[str] = set()
        for path, methods in self.schema.paths.items():
            for method, operation in methods.items():
                name = f"{method.upper()} {path}"
                found[name] = [name, *(f"{name} ?{parameter}" for parameter in query_parameters(operation))]
                body = request_schema(operation)
                if body:
                    for component, cell in self.below(body, name, seen):
                        found.setdefault(component, []).append(cell)
        return found

    def below(self, node: dict, name: str, seen: set[str]) -> Iterator[tuple[str, str]]:
        """(section, cell) of all that a schema names; each component once."""
        if "$ref" in node:
            name = label(node)
            if name in seen:
                return
            seen.add(name)
            node = self.schema.resolve(node)
        section = name.split(".")[0]
        values, alternatives = values_of(node), alternatives_of(node)
        yield from ((section, f"{name} = {value}") for value in values)
        if not values:
            if len(alternatives) > 1:
                yield from ((section, f"{name}: {label(one)}") for one in alternatives)
            for one in alternatives:
                yield from self.below(one, name, seen)
        for key, member in node.get("properties", {}).items():
            yield section, f"{name}.{key}"
            yield from self.below(member, f"{name}.{key}", seen)
        for inner in ("items", "additionalProperties"):
            if isinstance(node.get(inner), dict):
                yield from self.below(node[inner], name, seen)

    # --- what an exchange used

    def used(self, exchange: Exchange) -> set[str]:
        """Of a request that succeeded."""
        template = self.schema.template(exchange.path)
        operation = self.schema.paths.get(template, {}).get(exchange.method.lower())
        if operation is None or exchange.status != 200:
            return set()
        name = f"{exchange.method.upper()} {template}"
        given = parse_qs(exchange.query, keep_blank_values=True)
        cells = {name, *(f"{name} ?{parameter}" for parameter in query_parameters(operation) if parameter in given)}
        schema, body = request_schema(operation), exchange.body()
        if schema and body is not None:
            self.walk(schema, body, name, cells)
        return cells

    def walk(self, node: dict, value: object, name: str, cells: set[str]) -> None:
        """Adds what `value` uses of a schema; what does not fit it is passed over."""
        if value is None:
            return
        if "$ref" in node:
            name = label(node)
            node = self.schema.resolve(node)
        if values_of(node):
            if value in values_of(node):
                cells.add(f"{name} = {value}")
            return
        alternatives = alternatives_of(node)
        if alternatives:
            fitting = (one for one in alternatives if self.schema.validator(one).is_valid(value))
            chosen = next(fitting, None)
            if chosen is not None:
                if len(alternatives) > 1:
                    cells.add(f"{name}: {label(chosen)}")
                self.walk(chosen, value, name, cells)
        if isinstance(value, dict):
            self.walk_members(node, value, name, cells)
        if isinstance(value, list) and self.has_parts(node.get("items", {})):
            parts = value if len(value) <= LONG_LIST else value[:ENDS] + value[-ENDS:]
            for part in parts:
                self.walk(node["items"], part, name, cells)

    def walk_members(self, node: dict, value: dict, name: str, cells: set[str]) -> None:
        members, others = node.get("properties", {}), node.get("additionalProperties")
        for key, member in value.items():
            if key in members and member is not None:
                cells.add(f"{name}.{key}")
                self.walk(members[key], member, f"{name}.{key}", cells)
            elif isinstance(others, dict):
                self.walk(others, member, name, cells)

    @staticmethod
    def has_parts(items: dict) -> bool:
        """Whether the elements of a list are more than plain numbers or texts."""
        return bool(items) and not ("type" in items and items["type"] in ("number", "integer", "string", "boolean"))
