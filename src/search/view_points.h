#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payload_index/index_snapshot.h"
#include "points/point_codec.h"
#include "search/view.h"

namespace sextant::search {

// What: the points of a view as the filters need them, read through the view's store snapshot.
// Threads: any. Ownership: borrows the view.
class ViewPoints final : public payload_index::PointSource {
 public:
  explicit ViewPoints(const View& view) : view_(view) {}

  Result<std::string> Payload(Ordinal ordinal) const override;
  Status ForEachPayload(payload_index::OrdinalRange range,
                        const std::function<Status(Ordinal, std::string_view)>& visit) const override;
  Result<std::optional<Ordinal>> Find(const PointId& id) const override;
  Result<bool> HasVector(Ordinal ordinal, std::string_view name) const override;
  PointId Id(Ordinal ordinal) const override { return view_.points->id(ordinal); }

  // The head of a living point of this view; kCorruption when the store lacks it.
  Result<points::PointHead> Head(Ordinal ordinal) const;

 private:
  const View& view_;
};

}  // namespace sextant::search
