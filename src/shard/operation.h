#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "points/point.h"
#include "types/config.h"

namespace sextant::shard {

// The updates a shard applies, in the order of its queue. Each takes one operation number and happens whole or not at
// all. Vectors arrive as the client sent them; the shard checks names and sizes and normalises for cosine.

// Which points an upsert writes. `update_filter` is asked of a point as the earlier operations left it.
enum class UpdateMode {
  kUpsert,      // absent ones are inserted; present ones replaced if the filter (if any) holds
  kInsertOnly,  // absent ones are inserted; the filter plays no part
  kUpdateOnly,  // present ones are replaced if the filter (if any) holds
};
struct Upsert {
  std::vector<PointInput> points;  // not empty; of equal ids the last wins
  std::optional<Filter> update_filter = {};
  UpdateMode mode = UpdateMode::kUpsert;
};
struct PointVectors {
  PointId id;
  std::vector<NamedVector> vectors;  // not empty
};
struct UpdateVectors {               // other vectors and the payload stay; missing ids: kNotFound, nothing is applied
  std::vector<PointVectors> points;  // not empty; of equal ids and names the last wins
  std::optional<Filter> update_filter = {};  // present points for which it does not hold stay as they are
};
struct DeleteVectors {  // ids and filter both count; missing ids: kNotFound, nothing is applied
  PointSelection points;
  std::vector<std::string> names;  // not empty
};
struct DeletePoints {
  PointSelection points;  // missing ids are ignored
};
struct SetPayload {  // merge; missing ids: kNotFound, nothing is applied
  PointSelection points;
  Json payload;  // an object
  std::optional<PayloadPath> key;
};
struct OverwritePayload {
  PointSelection points;
  Json payload;
};
struct DeletePayload {
  PointSelection points;
  std::vector<PayloadPath> keys;
};
struct ClearPayload {
  PointSelection points;
};
struct CreateIndex {
  PayloadPath field;
  FieldSchema schema;
};
struct DropIndex {
  PayloadPath field;
};

using Operation = std::variant<Upsert, UpdateVectors, DeleteVectors, DeletePoints, SetPayload, OverwritePayload,
                               DeletePayload, ClearPayload, CreateIndex, DropIndex>;

// What one batch of the store takes of an operation on selected points; a larger one is committed in parts (see
// long_running/large_operation.h).
struct BatchLimits {
  size_t points = 16384;
  size_t bytes = size_t{8} << 20;
};

// The number the operation got; unset when nothing had to be executed.
struct WriteOutcome {
  std::optional<OperationNumber> operation_number;
};
enum class AnswerTime { kWhenVisible, kWhenDurable };
using WriteCallback = std::function<void(Result<WriteOutcome>)>;

}  // namespace sextant::shard
