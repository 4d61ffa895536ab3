#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"

struct ArrowArray;
struct ArrowSchema;

namespace sextant::c_api {

// What: payloads of points from the columns of a record batch of the Arrow C data interface: one JSON object a row, a
// member for each column. Nulls, NaN and infinities are absent members. Integers, floats, booleans, strings,
// dictionaries, lists and structs become what JSON has for them; dates and times of day and date become RFC 3339 texts,
// as datetime indexes and filters take them. Threads: one. Ownership: borrows the batch. Errors: kWrongInput for a
// batch that is damaged, of another length, or with a column of another type; the message names the column. Row:
// kWrongInput for text that is not UTF-8.
class ArrowPayloads {
 public:
  // `count`: the rows that are expected.
  static Result<ArrowPayloads> Open(const ArrowArray* array, const ArrowSchema* schema, uint64_t count);
  ~ArrowPayloads();
  ArrowPayloads(ArrowPayloads&&) noexcept;
  ArrowPayloads& operator=(ArrowPayloads&&) noexcept;

  // The payload of a row; "" when it has no member.
  Result<std::string> Row(uint64_t row) const;

 private:
  struct Batch;
  explicit ArrowPayloads(std::unique_ptr<Batch> batch);
  std::unique_ptr<Batch> batch_;
};

}  // namespace sextant::c_api
