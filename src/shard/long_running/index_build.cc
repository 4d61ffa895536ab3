#include "shard/long_running/index_build.h"

#include <algorithm>
#include <string>
#include <utility>

#include "search/view_points.h"

namespace sextant::shard {
namespace {

// So many changes the writer makes up for itself, while updates wait.
constexpr size_t kFewChanges = 2048;
// When updates are faster than the rounds, it does so after this many anyway.
constexpr int kMostRounds = 16;
constexpr size_t kBatch = 4096;

// The points of a view, until the shard is closed.
class CancellablePoints final : public payload_index::PointSource {
 public:
  CancellablePoints(const search::View& view, const CancelToken& cancel) : points_(view), cancel_(cancel) {}

  Result<std::string> Payload(Ordinal ordinal) const override { return points_.Payload(ordinal); }
  Status ForEachPayload(payload_index::OrdinalRange range,
                        const std::function<Status(Ordinal, std::string_view)>& visit) const override {
    return points_.ForEachPayload(range, [&](Ordinal ordinal, std::string_view payload) -> Status {
      if (cancel_.cancelled()) return Unavailable("the shard is closing");
      return visit(ordinal, payload);
    });
  }
  Result<std::optional<Ordinal>> Find(const PointId& id) const override { return points_.Find(id); }
  Result<bool> HasVector(Ordinal ordinal, std::string_view name) const override {
    return points_.HasVector(ordinal, name);
  }
  PointId Id(Ordinal ordinal) const override { return points_.Id(ordinal); }

 private:
  const search::ViewPoints points_;
  const CancelToken& cancel_;
};

// `index` with the payloads that these points have in `view`.
Result<IndexBuilds::Index> CatchUp(IndexBuilds::Index index, std::vector<Ordinal> changed, const search::View& view,
                                   const CancelToken& cancel) {
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  const search::ViewPoints points(view);
  for (size_t from = 0; from < changed.size(); from += kBatch) {
    if (cancel.cancelled()) return Unavailable("the shard is closing");
    const size_t to = std::min(from + kBatch, changed.size());
    std::vector<std::string> payloads;
    payloads.reserve(to - from);
    std::vector<payload_index::PayloadChange> changes;
    for (size_t i = from; i < to; ++i) {
      const bool exists = view.index->HasPoint(changed[i]);
      payloads.emplace_back();
      if (exists) {
        ASSIGN_OR_RETURN(payloads.back(), points.Payload(changed[i]));
      }
      changes.push_back({changed[i], exists, payloads.back()});
    }
    index = index->With(changes);
  }
  return index;
}

bool Has(const payload_index::IndexSnapshot& index, const CreateIndex& wanted) {
  for (const auto& field : index.Fields())
    if (field.path == wanted.field && ToJson(field.schema) == ToJson(wanted.schema)) return true;
  return false;
}

}  // namespace

void IndexBuilds::Add(const CreateIndex& index, const WriteOutcome& outcome, WriteCallback done) {
  builds_.push_back({index, outcome, std::move(done), nullptr});
}

void IndexBuilds::Drop(const PayloadPath& field) {
  dropped_.push_back(field);
  for (Build& build : builds_) {
    if (build.index.field != field || build.dropped) continue;
    build.dropped = true;
    if (build.done) std::exchange(build.done, nullptr)(build.outcome);
  }
}

void IndexBuilds::Changed(const std::vector<Ordinal>& ordinals) {
  if (!builds_.empty()) changed_.insert(changed_.end(), ordinals.begin(), ordinals.end());
}

void IndexBuilds::AllChanged() {
  restart_ = true;
}

IndexBuilds::Round IndexBuilds::NextRound(const std::shared_ptr<const search::View>& view) {
  if (running_) return nullptr;
  while (!builds_.empty() && builds_.front().dropped) builds_.pop_front();
  if (builds_.empty() || builds_.front().finished) return nullptr;
  Build& build = builds_.front();
  if (std::exchange(restart_, false)) build.filled = nullptr;
  if (build.filled == nullptr && Has(*view->index, build.index)) return nullptr;
  if (build.filled != nullptr && (changed_.size() <= kFewChanges || build.rounds >= kMostRounds)) return nullptr;
  ++build.rounds;
  running_ = true;
  std::vector<Ordinal> changed = std::exchange(changed_, {});
  if (build.filled == nullptr) {
    dropped_.clear();
    return [view, index = build.index](const CancelToken& cancel) {
      return view->index->WithField(index.field, index.schema, CancellablePoints(*view, cancel));
    };
  }
  return [view, filled = build.filled, changed = std::move(changed)](const CancelToken& cancel) {
    return CatchUp(filled, changed, *view, cancel);
  };
}

void IndexBuilds::EndRound(Result<Index> filled) {
  running_ = false;
  if (builds_.empty() || builds_.front().dropped) return;
  if (filled.ok())
    builds_.front().filled = *std::move(filled);
  else
    GiveUp(filled.status());
}

Result<IndexBuilds::Index> IndexBuilds::Finish(const std::shared_ptr<const search::View>& view) {
  if (running_ || restart_ || builds_.empty() || builds_.front().dropped) return Index();
  Build& build = builds_.front();
  if (build.filled == nullptr) {
    if (!Has(*view->index, build.index)) return Index();
    build.finished = true;  // an earlier operation has made it
    return view->index;
  }
  Result<Index> index = CatchUp(build.filled, std::exchange(changed_, {}), *view, CancelToken());
  if (!index.ok()) {
    GiveUp(index.status());
    return index;
  }
  for (const PayloadPath& field : dropped_) *index = (*index)->WithoutField(field);
  for (auto later = builds_.begin() + 1; index.ok() && later != builds_.end(); ++later)
    if (!later->dropped) index = (*index)->Declare(later->index.field, later->index.schema);
  if (!index.ok()) {
    GiveUp(index.status());
    return index;
  }
  build.finished = true;
  return index;
}

void IndexBuilds::Answer() {
  if (builds_.empty() || !builds_.front().finished) return;
  const Build build = std::move(builds_.front());
  builds_.pop_front();
  if (build.done) build.done(build.outcome);
}

void IndexBuilds::GiveUp(const Status& status) {
  const WriteCallback done = std::move(builds_.front().done);
  builds_.pop_front();
  if (done) done(status);
}

void IndexBuilds::Close(const Status& status) {
  for (const Build& build : std::exchange(builds_, {}))
    if (build.done) build.done(status);
}

}  // namespace sextant::shard
