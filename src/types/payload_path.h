#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/json.h"

namespace sextant {

// What: a path into a payload: `first rest*`, first = raw key (letters, digits, `_`, `-`, any non-ASCII) or
// `"quoted"`; rest = `.key`, `."quoted"`, `[N]`, `[]`. Arrays are not traversed implicitly in the middle of a path.
// Threads: a value.
class PayloadPath {
 public:
  struct Step {
    enum class Kind { kKey, kIndex, kEach };  // .key, [N], []
    Kind kind = Kind::kKey;
    std::string key;
    size_t index = 0;
    friend bool operator==(const Step&, const Step&) = default;
  };

  PayloadPath() = default;
  // kWrongInput "Invalid json path: …" on anything outside the grammar.
  static Result<PayloadPath> Parse(std::string_view text);

  const std::vector<Step>& steps() const { return steps_; }
  // The canonical text (equal paths have equal texts).
  std::string ToString() const;
  // This path with `[]` appended unless it ends with it (nested filters).
  PayloadPath Each() const;
  // `rest` below this path.
  PayloadPath Join(const PayloadPath& rest) const;

  friend bool operator==(const PayloadPath&, const PayloadPath&) = default;

  // Calls `visit(value)` for every value at the path (the leaf array is NOT expanded).
  template <typename Visitor>
  void Visit(const Json& root, Visitor&& visit) const {
    VisitFrom(root, 0, visit);
  }

 private:
  template <typename Visitor>
  void VisitFrom(const Json& node, size_t at, Visitor& visit) const {
    if (at == steps_.size()) {
      visit(node);
      return;
    }
    const Step& step = steps_[at];
    switch (step.kind) {
      case Step::Kind::kKey:
        if (const Json* child = node.Find(step.key)) VisitFrom(*child, at + 1, visit);
        return;
      case Step::Kind::kIndex:
        if (node.is_array() && step.index < node.array().size()) VisitFrom(node.array()[step.index], at + 1, visit);
        return;
      case Step::Kind::kEach:
        if (node.is_array())
          for (const Json& child : node.array()) VisitFrom(child, at + 1, visit);
        return;
    }
  }

  std::vector<Step> steps_;
};

// Edits of a payload object in place (`payload` is an object), as `set payload` and `delete payload` define them:
// - MergePayload replaces top-level members; a null removes its key. A null is a removal only when there is a payload
//   to merge into: for a point that has none, the caller stores `change` itself, nulls included, instead of merging
//   it into `{}`. Overwrites and upserts keep nulls likewise.
// - MergePayloadAt merges `change` into the object at `path`: missing and non-object nodes on the way become objects,
//   non-arrays under `[N]` and `[]` become empty arrays, and an index out of range changes nothing. A point without
//   payload starts as `{}` here.
// - DeletePayloadPath removes what `path` names; a final `[]` empties the array, a final `[N]` does nothing.
void MergePayload(const Json& change, Json* payload);
void MergePayloadAt(const PayloadPath& path, const Json& change, Json* payload);
void DeletePayloadPath(const PayloadPath& path, Json* payload);

// Which parts of a payload an answer carries.
struct PayloadSelector {
  enum class Kind { kNone, kAll, kInclude, kExclude };
  Kind kind = Kind::kNone;
  std::vector<PayloadPath> paths;
};
// The selected part of `payload` (an object).
Json SelectPayload(const PayloadSelector& selector, const Json& payload);

}  // namespace sextant
