#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/config.h"
#include "types/ordinal.h"
#include "types/point_id.h"
#include "types/vector_value.h"

// The byte layouts of points in a shard's store (format version 1).
//
//   family    key                                   value
//   ids       0x00 id:be64 | 0x01 uuid:16 bytes     ordinal:be32          (key order is the order of scrolls)
//   points    ordinal:be32                          PointHead, below
//   payloads  ordinal:be32                          minified JSON object  (absent: no payload)
//   vectors   name id:be32 sequence:be64            ordinal:32 version:64, and (unsealed rows only)
//                                                   dense: values:f32[dim], multi: f32[rows, dim],
//                                                   sparse: indices:32[n] values:f32[n]
//
//   PointHead  is_uuid:8 high:64 low:64 version:64 count:32 { name id:32 version:64 sequence:64 } * count
namespace sextant::points {

// One vector of a point: since which operation it has its value, and the sequence number of the row that holds it.
struct VectorHead {
  uint32_t name_id = 0;
  OperationNumber version = 0;
  uint64_t sequence = 0;
};

// What the store knows of a point besides its payload.
struct PointHead {
  PointId id;
  OperationNumber version = 0;
  std::vector<VectorHead> vectors;  // by name id, ascending

  const VectorHead* Find(uint32_t name_id) const {
    for (const VectorHead& v : vectors)
      if (v.name_id == name_id) return &v;
    return nullptr;
  }
};

std::string IdKey(const PointId& id);
Result<PointId> DecodeIdKey(std::string_view key);
std::string OrdinalKey(Ordinal ordinal);
Result<Ordinal> DecodeOrdinalKey(std::string_view key);

std::string EncodeHead(const PointHead& head);
Result<PointHead> DecodeHead(std::string_view bytes);

std::string VectorKey(uint32_t name_id, uint64_t sequence);
struct VectorRow {
  uint32_t name_id = 0;
  uint64_t sequence = 0;
  Ordinal ordinal{};
  OperationNumber version = 0;
  std::string_view words;  // 32-bit words, unaligned, borrowed from the value
};
std::string EncodeVectorRow(Ordinal ordinal, OperationNumber version, VectorRef row);
Result<VectorRow> DecodeVectorRow(std::string_view key, std::string_view value);
// The words of a row as a vector of this kind and dimension, whose memory is used again; kCorruption when they are
// none.
struct RowBuffer {
  std::vector<uint32_t> indices;
  std::vector<float> values;
};
Result<VectorRef> ReadVectorRow(const VectorRow& row, VectorKind kind, uint32_t dim, RowBuffer* buffer);

}  // namespace sextant::points
