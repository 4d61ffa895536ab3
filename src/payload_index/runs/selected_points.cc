#include "payload_index/runs/selected_points.h"

#include <algorithm>
#include <utility>

namespace sextant::payload_index {
namespace {

// Points this many times sparser than the ordinals between them are sorted rather than set as bits.
constexpr size_t kSpanOfSorted = 256;

void Collect(std::span<const Slice> slices, std::span<const uint32_t> points, std::vector<uint32_t>* collected) {
  for (const Slice& slice : slices)
    collected->insert(collected->end(), points.begin() + static_cast<ptrdiff_t>(slice.from),
                      points.begin() + static_cast<ptrdiff_t>(slice.to));
}

}  // namespace

Bitmap PointsOf(std::span<const Slice> slices, std::span<const uint32_t> points, const SliceBits& bits) {
  if (slices.empty()) return {};
  if (CountOf(slices) < bits.span() / kSpanOfSorted) {
    std::vector<uint32_t> collected;
    Collect(slices, points, &collected);
    return Bitmap::FromUnsorted(&collected);
  }
  std::vector<uint64_t> words(bits.span() / 64);
  for (const Slice& slice : slices) bits.Add(points, slice, words);
  return Bitmap::FromBits(bits.first_point(), words);
}

Status SelectedPoints::Add(const Run& run, size_t field, const Predicate& predicate, std::string_view key,
                           const Deadline& deadline) {
  const Column& column = run.column(field);
  if (!column.is_quick()) {
    ASSIGN_OR_RETURN(auto selected, column.Select(predicate, key, deadline));
    if (!selected->empty()) sets_.push_back(run.Living(std::move(selected)));
    return OkStatus();
  }
  std::vector<Slice> slices = column.Find(predicate);
  if (slices.empty()) return OkStatus();
  // The dead points of a run may be another run's, so that these do not share bits.
  if (run.all_live())
    parts_.push_back({&column, std::move(slices)});
  else
    sets_.push_back(run.Living(std::make_shared<const Bitmap>(PointsOf(slices, column.points(), column.slice_bits()))));
  return OkStatus();
}

auto SelectedPoints::PointsOfParts(bool from_zero) const -> Points {
  size_t count = 0, first = SIZE_MAX, end = 0;
  for (const Part& part : parts_) {
    const SliceBits& bits = part.column->slice_bits();
    count += CountOf(part.slices);
    first = std::min<size_t>(first, bits.first_point() / 64);
    end = std::max(end, bits.first_point() / 64 + bits.span() / 64);
  }
  Points points;
  if (count < (end - first) * 64 / kSpanOfSorted) {
    points.sorted.reserve(count);
    for (const Part& part : parts_) Collect(part.slices, part.column->points(), &points.sorted);
    SortUnique(&points.sorted, 0);
    return points;
  }
  points.first_word = from_zero ? 0 : first;
  points.words.resize(end - points.first_word);
  for (const Part& part : parts_) {
    const SliceBits& bits = part.column->slice_bits();
    const std::span<uint64_t> own =
        std::span(points.words).subspan(bits.first_point() / 64 - points.first_word, bits.span() / 64);
    for (const Slice& slice : part.slices) bits.Add(part.column->points(), slice, own);
  }
  return points;
}

Bitmap SelectedPoints::Take() const {
  std::vector<const Bitmap*> raw;
  for (const auto& set : sets_) raw.push_back(set.get());
  Bitmap others = Bitmap::UnionOf(raw);
  if (parts_.empty()) return others;
  const Points points = PointsOfParts(false);
  Bitmap own = points.words.empty() ? Bitmap::FromSorted(points.sorted)
                                    : Bitmap::FromBits(static_cast<uint32_t>(points.first_word * 64), points.words);
  return sets_.empty() ? std::move(own) : own | others;
}

OrdinalSet SelectedPoints::TakeOrdinals() const {
  if (!sets_.empty()) return Take().ToOrdinalSet();
  if (parts_.empty()) return {};
  Points points = PointsOfParts(true);
  return points.words.empty() ? OrdinalSet::FromSorted(std::move(points.sorted))
                              : OrdinalSet::FromWords(std::move(points.words));
}

}  // namespace sextant::payload_index
