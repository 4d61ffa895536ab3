#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "c_api/arrow_payloads.h"
#include "c_api/sextant.h"
#include "shard/operation.h"

namespace sextant::c_api {

// What: the points that a caller lends as columns, made into operations.
// Threads: one.
// Ownership: borrows the arrays; owns the payloads that came as JSON.
// Errors: Open returns kWrongInput for missing arrays and kValidation for values that no vector may have; the message
// names the row. Upserts: kWrongInput for a text in the columns that is not UTF-8.
class PointColumns {
 public:
  static Result<PointColumns> Open(const sextant_points& points);

  uint64_t size() const { return points_.count; }
  // Rows that make an operation of a sensible size, or all.
  uint64_t batch_rows() const { return batch_rows_; }
  // An upsert of rows [begin, end).
  Result<shard::Operation> Upsert(uint64_t begin, uint64_t end);

 private:
  explicit PointColumns(const sextant_points& points);
  Status Check() const;
  PointId IdOf(uint64_t row) const;
  Result<std::string> TakePayload(uint64_t row);

  sextant_points points_;
  uint64_t batch_rows_ = 1;
  std::vector<std::string> payloads_;  // empty: none given as JSON
  std::optional<ArrowPayloads> columns_;
};

// Whether all numbers are finite.
bool AreFinite(const float* values, uint64_t count);

}  // namespace sextant::c_api
