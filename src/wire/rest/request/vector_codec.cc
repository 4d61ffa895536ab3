#include "wire/rest/request/vector_codec.h"

#include <string>
#include <utility>
#include <vector>

#include "wire/sparse_form.h"

namespace sextant::wire {
namespace {

constexpr size_t kMaxMultiVectorSize = size_t{1} << 20;

void DecodeDense(Value value, DenseVector* out) {
  value.ReadFloats(out);
  if (value.is_array() && value.size() == 0) value.Invalid("vector must not be empty");
}

void DecodeMulti(Value value, MultiVector* out) {
  value.ForEach([&](Value row) {
    const size_t before = out->values.size();
    row.AppendFloats(&out->values);
    const size_t length = out->values.size() - before;
    if (length == 0) return row.Invalid("a row of a multivector must not be empty");
    if (out->dim == 0) out->dim = static_cast<uint32_t>(length);
    if (length != out->dim) row.Invalid("all rows of a multivector must have the same length");
  });
  if (out->values.size() >= kMaxMultiVectorSize) value.Invalid("a multivector must have fewer than 1048576 values");
}

void DecodeSparse(Value value, SparseVector* out) {
  std::vector<uint32_t> indices;
  std::vector<float> values;
  value.Required("indices").ReadIndices(&indices);
  value.Required("values").ReadFloats(&values);
  auto sparse = ToSparse(std::move(indices), std::move(values));
  if (!sparse.ok()) return value.Invalid(std::string(sparse.status().message()));
  *out = *std::move(sparse);
}

void DecodeInference(Value value, service::VectorUse use, VectorValue* out) {
  using Kind = service::InferenceInput::Kind;
  service::InferenceInput input;
  value.Required("model").Read(&input.model);
  if (input.model.empty()) return value["model"].Invalid("must not be empty");
  if (value.Has("text")) {
    value.Required("text").Read(&input.text);
  } else if (value.Has("image")) {
    input.kind = Kind::kImage;
  } else if (value.Has("object")) {
    input.kind = Kind::kObject;
  } else {
    return value.Fail("missing field `text`, `image` or `object`");
  }
  if (const Value options = value["options"]) {
    if (!options.Expect(options.is_object(), "an object of options")) return;
    input.options = options.ToJson();
  }
  auto vector = service::Infer(input, use);
  if (!vector.ok()) return value.Reject(vector.status());
  *out = *std::move(vector);
}

}  // namespace

bool AsksForInference(Value object) {
  return object.is_object() && object.Has("model") && object["model"].is_string();
}

void DecodeVector(Value value, service::VectorUse use, VectorValue* out) {
  if (value.is_array()) {
    if (value.StartsWithList()) return DecodeMulti(value, &out->emplace<MultiVector>());
    return DecodeDense(value, &out->emplace<DenseVector>());
  }
  if (!value.Expect(value.is_object(), "a vector")) return;
  if (AsksForInference(value)) return DecodeInference(value, use, out);
  DecodeSparse(value, &out->emplace<SparseVector>());
}

}  // namespace sextant::wire
