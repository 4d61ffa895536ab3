#include "c_api/point_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

#include "wire/rest/request/write_requests.h"

namespace sextant::c_api {
namespace {

constexpr uint64_t kBatchBytes = 1 << 20;  // of vectors
constexpr uint64_t kBatchRows = 1024;

std::string_view NameOf(const sextant_vectors& vectors) {
  return vectors.name != nullptr ? vectors.name : "";
}

const float* RowOf(const sextant_vectors& vectors, uint64_t row) {
  return vectors.values + row * (vectors.row_stride != 0 ? vectors.row_stride : vectors.dim);
}

Status CheckVectors(const sextant_vectors& vectors, uint64_t count) {
  if (vectors.values == nullptr || vectors.dim == 0)
    return WrongInput(fmt::format("vectors `{}`: there are no values", NameOf(vectors)));
  if (vectors.row_stride != 0 && vectors.row_stride < vectors.dim)
    return WrongInput(fmt::format("vectors `{}`: row_stride {} is less than dim {}", NameOf(vectors),
                                  vectors.row_stride, vectors.dim));
  for (uint64_t row = 0; row < count; ++row)
    if (!AreFinite(RowOf(vectors, row), vectors.dim))
      return ValidationError(
          fmt::format("vectors `{}`: row {} has a value that is not a finite number", NameOf(vectors), row));
  return OkStatus();
}

uint64_t BigEndian(const uint8_t* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

}  // namespace

// Without branches, so that the compiler vectorizes it.
bool AreFinite(const float* values, uint64_t count) {
  uint32_t not_finite = 0;
  for (uint64_t i = 0; i < count; ++i) {
    constexpr uint32_t kExponent = 0x7F800000;
    not_finite |= static_cast<uint32_t>((std::bit_cast<uint32_t>(values[i]) & kExponent) == kExponent);
  }
  return not_finite == 0;
}

PointColumns::PointColumns(const sextant_points& points) : points_(points) {}

Result<PointColumns> PointColumns::Open(const sextant_points& points) {
  PointColumns columns(points);
  RETURN_IF_ERROR(columns.Check());
  uint64_t row_bytes = 1;
  for (size_t i = 0; i < points.vectors_count; ++i) row_bytes += uint64_t{points.vectors[i].dim} * sizeof(float);
  columns.batch_rows_ =
      points.at_once != 0 ? points.count : std::clamp(kBatchBytes / row_bytes, uint64_t{1}, kBatchRows);
  if (points.payloads != nullptr) {
    ASSIGN_OR_RETURN(columns.payloads_,
                     wire::DecodePayloads(std::string(points.payloads, points.payloads_size), points.count));
  } else if (points.columns != nullptr) {
    if (points.schema == nullptr) return WrongInput("payload columns: their schema is missing");
    ASSIGN_OR_RETURN(ArrowPayloads payloads, ArrowPayloads::Open(points.columns, points.schema, points.count));
    columns.columns_.emplace(std::move(payloads));
  }
  return columns;
}

Status PointColumns::Check() const {
  if (points_.count == 0) return BadRequest("Empty update request");
  if ((points_.numbers == nullptr) == (points_.uuids == nullptr))
    return WrongInput("ids: give either numbers or uuids");
  if (points_.payloads != nullptr && points_.columns != nullptr)
    return WrongInput("payloads: give either JSON or columns");
  for (size_t i = 0; i < points_.vectors_count; ++i) {
    RETURN_IF_ERROR(CheckVectors(points_.vectors[i], points_.count));
    for (size_t k = 0; k < i; ++k)
      if (NameOf(points_.vectors[i]) == NameOf(points_.vectors[k]))
        return WrongInput(fmt::format("vectors: there are two named `{}`", NameOf(points_.vectors[i])));
  }
  return OkStatus();
}

PointId PointColumns::IdOf(uint64_t row) const {
  if (points_.numbers != nullptr) return PointId::Number(points_.numbers[row]);
  const uint8_t* bytes = points_.uuids + row * 16;
  return PointId::Uuid(BigEndian(bytes), BigEndian(bytes + 8));
}

Result<std::string> PointColumns::TakePayload(uint64_t row) {
  if (columns_) return columns_->Row(row);
  if (!payloads_.empty()) return std::move(payloads_[row]);
  return std::string();
}

Result<shard::Operation> PointColumns::Upsert(uint64_t begin, uint64_t end) {
  shard::Upsert upsert;
  upsert.points.resize(end - begin);
  for (uint64_t row = begin; row < end; ++row) {
    PointInput& point = upsert.points[row - begin];
    point.id = IdOf(row);
    ASSIGN_OR_RETURN(point.payload, TakePayload(row));
    point.vectors.reserve(points_.vectors_count);
    for (size_t i = 0; i < points_.vectors_count; ++i) {
      const sextant_vectors& vectors = points_.vectors[i];
      const float* values = RowOf(vectors, row);
      point.vectors.push_back({std::string(NameOf(vectors)), DenseVector(values, values + vectors.dim)});
    }
  }
  return upsert;
}

}  // namespace sextant::c_api
