#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/status.h"
#include "storage/block_file.h"
#include "vector_index/dense/dense_sealed_segment.h"

namespace sextant::vector_index {

// The content of a segment's identity.bin, the same for dense and sparse rows; N rows, numbers are little-endian:
//
//   u64 version [N], u64 id_high [N], u64 id_low [N], u32 ordinal [N],
//   u32 rows_by_ordinal [N] (rows in ascending order of their ordinals), u8 id_is_uuid [N]
inline constexpr size_t kIdentityBytesPerRow = 3 * sizeof(uint64_t) + 2 * sizeof(uint32_t) + 1;

// `identity(row)` is asked several times for each row.
Status AppendIdentityColumns(storage::BlockFileWriter* writer, uint32_t rows,
                             const std::function<RowIdentity(uint32_t)>& identity);

// What: the columns within such a content. Borrows it.
struct IdentityColumns {
  // Precondition: content is rows · kIdentityBytesPerRow long and aligned to 8 bytes.
  static IdentityColumns Find(std::span<const uint8_t> content, uint32_t rows);
  RowIdentity identity(uint32_t row) const;

  const uint64_t* versions = nullptr;
  const uint64_t* id_high = nullptr;
  const uint64_t* id_low = nullptr;
  const uint32_t* ordinals = nullptr;
  const uint32_t* rows_by_ordinal = nullptr;
  const uint8_t* id_is_uuid = nullptr;
};

}  // namespace sextant::vector_index
