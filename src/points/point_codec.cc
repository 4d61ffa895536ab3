#include "points/point_codec.h"

#include <cstring>

#include "storage/key_codec.h"

namespace sextant::points {
namespace {

using storage::AppendBigEndian32;
using storage::AppendBigEndian64;
using storage::AppendFixed32;
using storage::AppendFixed64;
using storage::ReadBigEndian32;
using storage::ReadBigEndian64;
using storage::ReadFixed32;
using storage::ReadFixed64;

constexpr size_t kHeadBytes = 1 + 8 + 8 + 8 + 4;
constexpr size_t kVectorHeadBytes = 4 + 8 + 8;
constexpr size_t kRowHeadBytes = 4 + 8;

}  // namespace

std::string IdKey(const PointId& id) {
  std::string key(1, id.is_uuid() ? '\1' : '\0');
  if (id.is_uuid()) AppendBigEndian64(id.high(), &key);
  AppendBigEndian64(id.low(), &key);
  return key;
}

Result<PointId> DecodeIdKey(std::string_view key) {
  if (key.size() == 9 && key[0] == '\0') return PointId::Number(ReadBigEndian64(key.data() + 1));
  if (key.size() == 17 && key[0] == '\1')
    return PointId::Uuid(ReadBigEndian64(key.data() + 1), ReadBigEndian64(key.data() + 9));
  return Corruption("a point id key of " + std::to_string(key.size()) + " bytes in the store");
}

std::string OrdinalKey(Ordinal ordinal) {
  std::string key;
  AppendBigEndian32(Index(ordinal), &key);
  return key;
}

Result<Ordinal> DecodeOrdinalKey(std::string_view key) {
  if (key.size() != 4) return Corruption("an ordinal of " + std::to_string(key.size()) + " bytes in the store");
  return Ordinal{ReadBigEndian32(key.data())};
}

std::string EncodeHead(const PointHead& head) {
  std::string out;
  out.reserve(kHeadBytes + head.vectors.size() * kVectorHeadBytes);
  out.push_back(head.id.is_uuid() ? '\1' : '\0');
  AppendFixed64(head.id.high(), &out);
  AppendFixed64(head.id.low(), &out);
  AppendFixed64(head.version, &out);
  AppendFixed32(static_cast<uint32_t>(head.vectors.size()), &out);
  for (const VectorHead& v : head.vectors) {
    AppendFixed32(v.name_id, &out);
    AppendFixed64(v.version, &out);
    AppendFixed64(v.sequence, &out);
  }
  return out;
}

Result<PointHead> DecodeHead(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return Corruption("a point head is cut short in the store");
  const char* p = bytes.data();
  PointHead head;
  const uint64_t high = ReadFixed64(p + 1);
  const uint64_t low = ReadFixed64(p + 9);
  head.id = p[0] != '\0' ? PointId::Uuid(high, low) : PointId::Number(low);
  head.version = ReadFixed64(p + 17);
  const uint32_t count = ReadFixed32(p + 25);
  if (bytes.size() != kHeadBytes + uint64_t{count} * kVectorHeadBytes)
    return Corruption("a point head has the wrong length in the store");
  head.vectors.resize(count);
  p += kHeadBytes;
  for (VectorHead& v : head.vectors) {
    v = {ReadFixed32(p), ReadFixed64(p + 4), ReadFixed64(p + 12)};
    p += kVectorHeadBytes;
  }
  return head;
}

std::string VectorKey(uint32_t name_id, uint64_t sequence) {
  std::string key;
  AppendBigEndian32(name_id, &key);
  AppendBigEndian64(sequence, &key);
  return key;
}

std::string EncodeVectorRow(Ordinal ordinal, OperationNumber version, VectorRef row) {
  std::string out;
  out.reserve(kRowHeadBytes + row.indices.size_bytes() + row.values.size_bytes());
  AppendFixed32(Index(ordinal), &out);
  AppendFixed64(version, &out);
  out.append(reinterpret_cast<const char*>(row.indices.data()), row.indices.size_bytes());
  out.append(reinterpret_cast<const char*>(row.values.data()), row.values.size_bytes());
  return out;
}

Result<VectorRow> DecodeVectorRow(std::string_view key, std::string_view value) {
  if (key.size() != 12 || value.size() < kRowHeadBytes || (value.size() - kRowHeadBytes) % sizeof(float) != 0)
    return Corruption("a vector row has the wrong length in the store");
  VectorRow row;
  row.name_id = ReadBigEndian32(key.data());
  row.sequence = ReadBigEndian64(key.data() + 4);
  row.ordinal = Ordinal{ReadFixed32(value.data())};
  row.version = ReadFixed64(value.data() + 4);
  row.words = value.substr(kRowHeadBytes);
  return row;
}

Result<VectorRef> ReadVectorRow(const VectorRow& row, VectorKind kind, uint32_t dim, RowBuffer* buffer) {
  const size_t words = row.words.size() / sizeof(float);
  const bool fits = kind == VectorKind::kDense   ? words == dim
                    : kind == VectorKind::kMulti ? words > 0 && words % dim == 0
                                                 : words % 2 == 0;
  if (!fits) return Corruption("a vector row in the store has the wrong dimension");
  buffer->indices.resize(kind == VectorKind::kSparse ? words / 2 : 0);
  buffer->values.resize(words - buffer->indices.size());
  const size_t index_bytes = buffer->indices.size() * sizeof(uint32_t);
  if (index_bytes > 0) std::memcpy(buffer->indices.data(), row.words.data(), index_bytes);
  if (words > 0)
    std::memcpy(buffer->values.data(), row.words.data() + index_bytes, buffer->values.size() * sizeof(float));
  return VectorRef{buffer->values, buffer->indices};
}

}  // namespace sextant::points
