#include "vector_index/multi/token_index.h"

#include <algorithm>
#include <cmath>

#include "vector_index/dense/row_values.h"
#include "vector_index/graph/filtered_walk.h"
#include "vector_index/graph/graph_walk.h"
#include "vector_index/multi/max_sim.h"
#include "vector_index/multi/row_walk.h"
#include "vector_index/row_filter.h"
#include "vector_index/top_hits.h"

namespace sextant::vector_index {
namespace {

// Costs where scoring one code met on a walk costs 1 (see FilteredWalkCost): scoring one token for one row of the
// query, and reading it once for all of them.
constexpr double kPairCost = 0.25;
constexpr double kReadCost = 4;
// Scoring all rows finds every match and walks most of them, so it may cost this much more.
constexpr double kExactPreference = 1.5;
// Where the filter is against the query a walk needs many more candidates, so it may cost this much more again.
constexpr double kAgainstQueryFactor = 10;
// A filtered walk sees fewer ways to each token, which costs recall; this many more candidates give it back.
constexpr double kFilteredWalkWidth = 1.5;
// Pass rate from which a plain walk with a few more candidates beats a filtered one.
constexpr double kPlainWalkRate = 0.8;
// Rows that tell the share that a filter accepts.
constexpr uint32_t kSampledRows = 64;
// Walks keep their candidates in a sorted array, which is made for sizes below this.
constexpr size_t kMostWalkCandidates = 16384;

}  // namespace

TokenIndex::TokenIndex(const MultiSegmentFiles& files, const SegmentSpec& spec)
    : spec_(spec),
      entries_(files.entries),
      offsets_(files.offsets),
      places_(files.places),
      codec_({.distance = spec.distance, .dim = spec.dim, .step = files.header.step, .center = files.center}),
      codes_{.codes = files.codes,
             .stride = codec_.code_stride(),
             .rows = static_cast<uint32_t>(files.header.tokens),
             .terms = files.terms,
             .lifts = nullptr,
             .kernel = quantizer::Int8Codec::BatchKernel(kernels::Kernels(), spec.distance),
             .queries_kernel = quantizer::Int8Codec::QueriesKernel(kernels::Kernels(), spec.distance)},
      links_(files.links, files.header.degree),
      rows_(files.header.tokens),
      ordinals_(files.header.tokens),
      liveness_(static_cast<uint32_t>(files.header.tokens)) {
  for (uint32_t row = 0; row < files.header.rows; ++row)
    for (uint64_t token = offsets_[row]; token < offsets_[row + 1]; ++token) {
      rows_[places_[token]] = row;
      ordinals_[places_[token]] = files.identities.ordinals[row];
    }
}

void TokenIndex::Retire(uint32_t row, OperationNumber op) {
  for (uint64_t token = offsets_[row]; token < offsets_[row + 1]; ++token) liveness_.Retire(places_[token], op);
}

uint64_t TokenIndex::memory_bytes() const {
  return uint64_t{codes_.rows} * (2 * sizeof(uint32_t) + sizeof(uint64_t)) + codes_.rows / 8;
}

bool TokenIndex::IsExactCheaper(const Task& task, double tokens, double walk_cost) const {
  const double pair_cost = kPairCost + kReadCost / static_cast<double>(query_rows(task));
  return tokens * pair_cost < kExactPreference * walk_cost;
}

Result<std::optional<BoundedRows>> TokenIndex::FindRows(const SearchRequest& request, size_t width,
                                                        SearchStats* stats) const {
  if (width > kMostWalkCandidates) return std::optional<BoundedRows>();
  std::vector<float> normalized;
  ScratchPool::Lease lease = scratch_pool_.Borrow();
  Task task{.request = request,
            .query = Prepared(request.query.values, &normalized),
            .width = width,
            .scratch = &*lease,
            .stats = stats,
            .gains = {},
            .base = 0};
  ASSIGN_OR_RETURN(const bool walked, WalkAll(&task));
  return walked ? std::optional(SumUp(&task)) : std::nullopt;
}

std::span<const float> TokenIndex::Prepared(std::span<const float> values, std::vector<float>* normalized) const {
  if (!IsKeptUnnormalized(spec_)) return values;
  AppendNormalized(values, spec_.dim, normalized);
  return *normalized;
}

Result<std::optional<BoundedRows>> TokenIndex::WalkRows(const SearchRequest& request, size_t width,
                                                        const BoundedRows& seeds, SearchStats* stats) const {
  ScratchPool::Lease walk = scratch_pool_.Borrow();
  const RowFilter filter(request, liveness_, ordinals_.data());
  const bool all = filter.AcceptsAll();
  const auto accepts = [&](uint32_t row) { return all || filter.Accepts(places_[offsets_[row]]); };
  const auto rows = static_cast<uint32_t>(offsets_.size() - 1);
  uint32_t accepted = 0;
  for (uint32_t i = 0; i < kSampledRows; ++i)
    accepted += accepts(static_cast<uint32_t>(uint64_t{i} * rows / kSampledRows));
  if (accepted < kSampledRows / 2) return std::optional<BoundedRows>();

  std::vector<float> normalized, centred(spec_.dim);
  const std::span<const float> query = Prepared(request.query.values, &normalized);
  std::vector<int8_t> codes(query.size() / spec_.dim * codes_.stride);
  std::vector<CodeQuery> code_queries;
  for (size_t at = 0; at < query.size(); at += spec_.dim) {
    int8_t* const code = codes.data() + code_queries.size() * codes_.stride;
    code_queries.push_back({code, codec_.EncodeQuery(query.data() + at, code, centred.data()), 0});
  }
  std::vector<uint32_t> starts;
  for (size_t i = 0; i < std::min(width, seeds.rows.size()); ++i) starts.push_back(seeds.rows[i].row);
  const TokenRows tokens{codes_, links_, offsets_, places_, rows_};
  RowWalk row_walk(tokens, code_queries, &*walk);
  RETURN_IF_ERROR(row_walk.Run(starts, width * kSampledRows / accepted, request.deadline, stats));

  BoundedRows found;
  for (size_t i = 0; i < walk->pool.size(); ++i)
    if (accepts(walk->pool.row(i))) found.rows.push_back({walk->pool.similarity(i), walk->pool.row(i)});
  found.rest = walk->pool.size() == 0 ? 0 : walk->pool.worst();
  return std::optional(std::move(found));
}

Result<bool> TokenIndex::WalkAll(Task* task) const {
  double tokens = codes_.rows;
  // Bounded from above by what the accept set holds in all of the shard.
  if (task->request.accept != nullptr) {
    const double tokens_of_row = tokens / static_cast<double>(offsets_.size() - 1);
    tokens = std::min(tokens, static_cast<double>(task->request.accept->size()) * tokens_of_row);
  }
  if (IsExactCheaper(*task, tokens, FilteredWalkCost(1, task->width, links_.slots()))) return false;
  for (size_t row = 0; row < query_rows(*task); ++row) {
    RETURN_IF_ERROR(task->request.deadline.Check());
    ASSIGN_OR_RETURN(const CandidatePool* const found, Walk(*task, task->query.data() + row * spec_.dim));
    if (found == nullptr || !Collect(*found, static_cast<uint32_t>(row), task)) return false;
  }
  return true;
}

Result<const CandidatePool*> TokenIndex::Walk(const Task& task, const float* query_row) const {
  WalkScratch& walk = *task.scratch;
  walk.query_code.resize(codes_.stride);
  walk.floats.resize(spec_.dim);
  const quantizer::QueryTerms terms = codec_.EncodeQuery(query_row, walk.query_code.data(), walk.floats.data());
  const CodeQuery query{walk.query_code.data(), terms, 0};
  if (task.request.accept != nullptr || liveness_.retired_count() > 0) return WalkFiltered(task, query);
  const size_t width = std::min<size_t>(task.width, codes_.rows);
  RETURN_IF_ERROR(WalkGraph(links_, {codes_, query, entries_, width, &task.request.deadline}, &walk, task.stats));
  return walk.pool.full() ? &walk.pool : nullptr;
}

Result<const CandidatePool*> TokenIndex::WalkFiltered(const Task& task, const CodeQuery& query) const {
  WalkScratch& walk = *task.scratch;
  const SearchRequest& request = task.request;
  const RowFilter filter(request, liveness_, ordinals_.data());
  const FilterSample sample = SampleFilter(filter, codes_, query, &walk);
  const auto width = static_cast<size_t>(static_cast<double>(task.width) * kFilteredWalkWidth);
  const double walk_cost = FilteredWalkCost(sample.pass_rate, width, links_.slots());
  if (IsExactCheaper(task, sample.pass_rate * codes_.rows,
                     walk_cost * (sample.IsAgainstQuery() ? kAgainstQueryFactor : 1)))
    return nullptr;

  if (sample.pass_rate >= kPlainWalkRate) {
    walk.results.Reset(task.width);
    const auto wider = static_cast<size_t>(std::ceil(static_cast<double>(task.width) / sample.pass_rate));
    RETURN_IF_ERROR(WalkGraph(links_, {codes_, query, entries_, wider, &request.deadline}, &walk, task.stats));
    for (size_t i = 0; i < walk.pool.size() && !walk.results.full(); ++i)
      if (filter.Accepts(walk.pool.row(i))) walk.results.Insert(walk.pool.similarity(i), walk.pool.row(i));
    // Where the filter is against the query, the plain walk ends among rejected tokens.
    if (walk.results.size() >= task.width / 2 + 1) return &walk.results;
  }
  walk.results.Reset(width);
  bool gave_up = false;
  FilteredWalk filtered({links_, codes_, entries_}, filter, &walk);
  RETURN_IF_ERROR(filtered.Run(query, sample, request, task.stats, &gave_up));
  return gave_up || walk.results.size() == 0 ? nullptr : &walk.results;
}

bool TokenIndex::Collect(const CandidatePool& found, uint32_t query_row, Task* task) const {
  const float floor = found.worst();
  if (!std::isfinite(floor) || !std::isfinite(found.similarity(0))) return false;
  task->base += static_cast<double>(floor);
  for (size_t i = 0; i < found.size(); ++i)
    task->gains.push_back({rows_[found.row(i)], query_row, found.similarity(i) - floor});
  return true;
}

BoundedRows TokenIndex::SumUp(Task* task) {
  std::vector<Gain>& gains = task->gains;
  std::sort(gains.begin(), gains.end(), [](const Gain& a, const Gain& b) {
    if (a.row != b.row) return a.row < b.row;
    return a.query_row != b.query_row ? a.query_row < b.query_row : a.gain > b.gain;
  });
  BoundedRows found{.rows = {}, .rest = static_cast<float>(task->base)};
  for (size_t i = 0; i < gains.size();) {
    const uint32_t row = gains[i].row;
    double bound = task->base;
    for (uint32_t query_row = UINT32_MAX; i < gains.size() && gains[i].row == row; ++i) {
      if (gains[i].query_row == query_row) continue;  // only the best token counts
      query_row = gains[i].query_row;
      bound += static_cast<double>(gains[i].gain);
    }
    found.rows.push_back({static_cast<float>(bound), row});
  }
  std::sort(found.rows.begin(), found.rows.end(), IsBetter);
  return found;
}

}  // namespace sextant::vector_index
