"""api/proto says what the official client's messages and services say: every name, number and type."""

import subprocess
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2
from qdrant_client.grpc import (
    collections_pb2,
    collections_service_pb2,
    json_with_int_pb2,
    points_pb2,
    points_service_pb2,
    qdrant_common_pb2,
    qdrant_pb2,
    snapshots_service_pb2,
)

from server import ROOT

PROTO = ROOT / "api" / "proto"
OFFICIAL = {
    module.DESCRIPTOR.name: module.DESCRIPTOR
    for module in (
        collections_pb2,
        collections_service_pb2,
        json_with_int_pb2,
        points_pb2,
        points_service_pb2,
        qdrant_common_pb2,
        qdrant_pb2,
        snapshots_service_pb2,
    )
}
# What only this project has: a protocol of others, described for reflection.
OWN = {"health.proto"}


def describe_field(message: descriptor_pb2.DescriptorProto, field: descriptor_pb2.FieldDescriptorProto) -> tuple:
    oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None
    kinds = (field.Type.Name(field.type), field.type_name, field.Label.Name(field.label))
    return (field.number, *kinds, oneof, field.proto3_optional)


def describe_message(message: descriptor_pb2.DescriptorProto, prefix: str, out: dict[str, object]) -> None:
    name = f"{prefix}.{message.name}"
    out[f"message {name}"] = ("map entry", message.options.map_entry)
    out[f"reserved of {name}"] = (
        sorted((entry.start, entry.end) for entry in message.reserved_range),
        sorted(message.reserved_name),
    )
    out[f"oneofs of {name}"] = sorted(oneof.name for oneof in message.oneof_decl)
    for field in message.field:
        out[f"field {name}.{field.name}"] = describe_field(message, field)
    for enum in message.enum_type:
        describe_enum(enum, name, out)
    for nested in message.nested_type:
        describe_message(nested, name, out)


def describe_enum(enum: descriptor_pb2.EnumDescriptorProto, prefix: str, out: dict[str, object]) -> None:
    name = f"{prefix}.{enum.name}"
    out[f"enum {name}"] = (
        enum.options.allow_alias,
        sorted((entry.start, entry.end) for entry in enum.reserved_range),
        sorted(enum.reserved_name),
    )
    for value in enum.value:
        out[f"value {name}.{value.name}"] = value.number


def describe(file: descriptor_pb2.FileDescriptorProto) -> dict[str, object]:
    """Everything of a file that a client can notice, by name."""
    out: dict[str, object] = {"package": file.package, "syntax": file.syntax, "imports": sorted(file.dependency)}
    for message in file.message_type:
        describe_message(message, file.package, out)
    for enum in file.enum_type:
        describe_enum(enum, file.package, out)
    for service in file.service:
        out[f"service {service.name}"] = True
        for method in service.method:
            types = (method.input_type, method.output_type)
            out[f"method {service.name}.{method.name}"] = (*types, method.client_streaming, method.server_streaming)
    return out


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    output = tmp_path_factory.mktemp("protos") / "ours.bin"
    files = sorted(path.name for path in PROTO.glob("*.proto"))
    subprocess.run(["protoc", f"-I{PROTO}", f"--descriptor_set_out={output}", *files], check=True, capture_output=True)
    return {file.name: file for file in descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes()).file}


def official_file(name: str) -> descriptor_pb2.FileDescriptorProto:
    return descriptor_pb2.FileDescriptorProto.FromString(OFFICIAL[name].serialized_pb)


def test_every_file_is_there(ours: dict) -> None:
    wheel = Path(points_pb2.__file__).parent
    in_wheel = {path.name.removesuffix("_pb2.py") + ".proto" for path in wheel.glob("*_pb2.py")}
    assert in_wheel == set(OFFICIAL), "the client has files that this test does not compare"
    assert set(ours) == in_wheel | OWN


@pytest.mark.parametrize("name", OFFICIAL)
def test_nothing_differs(ours: dict, name: str) -> None:
    expected, found = describe(official_file(name)), describe(ours[name])
    assert len(expected) > 3
    differences = [
        f"{key}: official {expected.get(key)}, ours {found.get(key)}"
        for key in sorted(expected.keys() | found.keys())
        if expected.get(key) != found.get(key)
    ]
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("renumbered field", lambda file: setattr(file.message_type[0].field[0], "number", 77)),
        ("renamed field", lambda file: setattr(file.message_type[0].field[0], "name", "other")),
        ("other type", lambda file: setattr(file.message_type[0].field[0], "type", 9)),
        ("missing message", lambda file: file.message_type.pop()),
        ("missing enum value", lambda file: file.enum_type[0].value.pop()),
        ("forgotten reservation", lambda file: [message.ClearField("reserved_range") for message in file.message_type]),
        ("required presence", lambda file: [
            setattr(field, "proto3_optional", False) for message in file.message_type for field in message.field]),
    ],
)  # fmt: skip
def test_the_comparison_sees_differences(kind: str, change) -> None:
    file = official_file("points.proto")
    change(file)
    assert describe(file) != describe(official_file("points.proto"))
