#include "wire/grpc/convert/convert_vectors.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "wire/grpc/convert/convert_value.h"
#include "wire/sparse_form.h"

namespace sextant::wire {
namespace {

using Floats = google::protobuf::RepeatedField<float>;

constexpr size_t kMaxMultiValues = size_t{1} << 20;

// The flat form of a multivector: `count` rows one after another.
Result<MultiVector> SplitRows(const Floats& values, uint32_t count) {
  const auto size = static_cast<size_t>(values.size());
  if (count == 0 || size == 0 || size % count != 0)
    return FormatError(absl::StrCat("Malformed multi vector: ", size, " values cannot be ", count, " rows"));
  MultiVector multi;
  multi.dim = static_cast<uint32_t>(size / count);
  multi.values.assign(values.begin(), values.end());
  return multi;
}

Result<VectorValue> ConvertFlat(const qdrant::Vector& vector) {
  if (vector.has_indices()) {
    ASSIGN_OR_RETURN(SparseVector sparse, ConvertSparse(vector.indices().data(), vector.data()));
    return VectorValue(std::move(sparse));
  }
  if (vector.has_vectors_count()) {
    ASSIGN_OR_RETURN(MultiVector multi, SplitRows(vector.data(), vector.vectors_count()));
    return VectorValue(std::move(multi));
  }
  return VectorValue(ConvertDense(vector.data()));
}

void FillVector(const VectorValue& value, qdrant::VectorOutput* out) {
  if (const auto* dense = std::get_if<DenseVector>(&value)) {
    out->mutable_dense()->mutable_data()->Add(dense->begin(), dense->end());
  } else if (const auto* sparse = std::get_if<SparseVector>(&value)) {
    out->mutable_sparse()->mutable_indices()->Add(sparse->indices.begin(), sparse->indices.end());
    out->mutable_sparse()->mutable_values()->Add(sparse->values.begin(), sparse->values.end());
  } else {
    const auto& multi = std::get<MultiVector>(value);
    for (size_t row = 0; row < multi.rows(); ++row) {
      const float* begin = multi.values.data() + row * multi.dim;
      out->mutable_multi_dense()->add_vectors()->mutable_data()->Add(begin, begin + multi.dim);
    }
  }
}

}  // namespace

DenseVector ConvertDense(const Floats& values) {
  return DenseVector(values.begin(), values.end());
}

Result<SparseVector> ConvertSparse(const google::protobuf::RepeatedField<uint32_t>& indices, const Floats& values) {
  auto sparse = ToSparse({indices.begin(), indices.end()}, {values.begin(), values.end()});
  if (sparse.ok()) return sparse;
  return ValidationError(absl::StrCat("[", sparse.status().message(), "]"));
}

Result<MultiVector> ConvertMulti(const qdrant::MultiDenseVector& rows) {
  if (rows.vectors().empty() || rows.vectors(0).data().empty())
    return ValidationError("[vector: a multivector needs at least one row, and rows must not be empty]");
  const int dim = rows.vectors(0).data_size();
  if (static_cast<size_t>(dim) * static_cast<size_t>(rows.vectors_size()) >= kMaxMultiValues)
    return ValidationError(absl::StrCat("[vector: a multivector must have fewer than ", kMaxMultiValues, " values]"));
  MultiVector multi;
  multi.dim = static_cast<uint32_t>(dim);
  multi.values.reserve(static_cast<size_t>(dim) * static_cast<size_t>(rows.vectors_size()));
  for (const qdrant::DenseVector& row : rows.vectors()) {
    if (row.data_size() != dim) return ValidationError("[vector: all rows of a multivector must have the same length]");
    multi.values.insert(multi.values.end(), row.data().begin(), row.data().end());
  }
  return multi;
}

Result<VectorValue> ConvertDocument(const qdrant::Document& document, service::VectorUse use) {
  service::InferenceInput input;
  input.model = document.model();
  input.text = document.text();
  ASSIGN_OR_RETURN(input.options, ConvertObject(document.options()));
  return service::Infer(input, use);
}

Result<VectorValue> ConvertNoText(service::InferenceInput::Kind kind, const std::string& model) {
  service::InferenceInput input;
  input.kind = kind;
  input.model = model;
  return service::Infer(input, service::VectorUse::kStored);
}

Result<VectorValue> ConvertVector(const qdrant::Vector& vector, service::VectorUse use) {
  switch (vector.vector_case()) {
    case qdrant::Vector::kDense: return VectorValue(ConvertDense(vector.dense().data()));
    case qdrant::Vector::kSparse: {
      ASSIGN_OR_RETURN(SparseVector sparse, ConvertSparse(vector.sparse().indices(), vector.sparse().values()));
      return VectorValue(std::move(sparse));
    }
    case qdrant::Vector::kMultiDense: {
      ASSIGN_OR_RETURN(MultiVector multi, ConvertMulti(vector.multi_dense()));
      return VectorValue(std::move(multi));
    }
    case qdrant::Vector::kDocument: return ConvertDocument(vector.document(), use);
    case qdrant::Vector::kImage: return ConvertNoText(service::InferenceInput::Kind::kImage, vector.image().model());
    case qdrant::Vector::kObject: return ConvertNoText(service::InferenceInput::Kind::kObject, vector.object().model());
    case qdrant::Vector::VECTOR_NOT_SET: break;
  }
  return ConvertFlat(vector);
}

Result<std::vector<NamedVector>> ConvertVectors(const qdrant::Vectors& vectors) {
  std::vector<NamedVector> out;
  switch (vectors.vectors_options_case()) {
    case qdrant::Vectors::kVector: {
      ASSIGN_OR_RETURN(VectorValue value, ConvertVector(vectors.vector(), service::VectorUse::kStored));
      out.push_back({"", std::move(value)});
      return out;
    }
    case qdrant::Vectors::kVectors:
      for (const auto& [name, vector] : vectors.vectors().vectors()) {
        ASSIGN_OR_RETURN(VectorValue value, ConvertVector(vector, service::VectorUse::kStored));
        out.push_back({name, std::move(value)});
      }
      // A map has no order; equal messages shall make equal writes.
      std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
      return out;
    case qdrant::Vectors::VECTORS_OPTIONS_NOT_SET: break;
  }
  return FormatError("Expected some vectors");
}

void FillVectors(const std::vector<NamedVector>& vectors, qdrant::VectorsOutput* out) {
  if (vectors.size() == 1 && vectors.front().name.empty())
    return FillVector(vectors.front().value, out->mutable_vector());
  auto* map = out->mutable_vectors()->mutable_vectors();
  for (const NamedVector& vector : vectors) FillVector(vector.value, &(*map)[vector.name]);
}

}  // namespace sextant::wire
