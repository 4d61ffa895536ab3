#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "base/status.h"
#include "points/point.h"
#include "types/config.h"

namespace sextant::shard {

// The updates a shard applies, in the order of its queue. Each takes one operation number and happens whole or not at
// all. Vectors arrive as the client sent them; the shard checks names and sizes and normalises for cosine.
struct Upsert {
  std::vector<PointInput> points;  // not empty; of equal ids the last wins
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

using Operation = std::variant<Upsert, DeletePoints, SetPayload, OverwritePayload, DeletePayload, ClearPayload,
                               CreateIndex, DropIndex>;

// The number the operation got; unset when nothing had to be executed.
struct WriteOutcome {
  std::optional<OperationNumber> operation_number;
};
using WriteCallback = std::function<void(Result<WriteOutcome>)>;

}  // namespace sextant::shard
