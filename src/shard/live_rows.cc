#include "shard/optimizer.h"

namespace sextant::shard {

LiveRows::LiveRows(std::vector<std::shared_ptr<vector_index::GrowingRows>> growing,
                   std::vector<std::shared_ptr<vector_index::SealedRows>> sealed,
                   const payload_index::IndexSnapshot* index)
    : growing_(std::move(growing)), sealed_(std::move(sealed)) {
  uint32_t part = 0;
  for (const auto& segment : growing_) {
    for (uint32_t row = 0; row < segment->rows(); ++row)
      if (segment->retired_at(row) == kNever) rows_.push_back({part, row});
    ++part;
  }
  for (const auto& segment : sealed_) {
    for (uint32_t row = 0; row < segment->rows(); ++row)
      if (segment->liveness().retired_at(row) == kNever) rows_.push_back({part, row});
    ++part;
  }
  if (index == nullptr) return;
  std::vector<Ordinal> points;
  points.reserve(rows_.size());
  for (uint32_t i = 0; i < rows_.size(); ++i) points.push_back(identity(i).ordinal);
  tenants_ = index->TenantsOf(points);
}

VectorRef LiveRows::row(uint32_t i, vector_index::RowScratch* scratch) const {
  const Place place = rows_[i];
  if (place.part < growing_.size()) return growing_[place.part]->Row(place.row);
  return sealed_[place.part - growing_.size()]->Row(place.row, scratch);
}

vector_index::RowIdentity LiveRows::identity(uint32_t i) const {
  const Place place = rows_[i];
  if (place.part < growing_.size()) return growing_[place.part]->identity(place.row);
  return sealed_[place.part - growing_.size()]->identity(place.row);
}

vector_index::SealedPlace LiveRows::sealed_place(uint32_t i) const {
  const Place place = rows_[i];
  if (place.part < growing_.size()) return {};
  return {sealed_[place.part - growing_.size()].get(), place.row};
}

OperationNumber LiveRows::retired_at(uint32_t i) const {
  const Place place = rows_[i];
  if (place.part < growing_.size()) return growing_[place.part]->retired_at(place.row);
  return sealed_[place.part - growing_.size()]->liveness().retired_at(place.row);
}

}  // namespace sextant::shard
