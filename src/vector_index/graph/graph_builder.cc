#include "vector_index/graph/graph_builder.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "vector_index/graph/graph_links.h"
#include "vector_index/graph/graph_repair.h"
#include "vector_index/graph/graph_walk.h"
#include "vector_index/graph/locality_order.h"
#include "vector_index/graph/neighbour_selection.h"
#include "vector_index/graph/parallel_rows.h"

namespace sextant::vector_index {
namespace {

// See NeighbourSelection.
constexpr float kAlpha = 1.2F;
// Consecutive rows of a round that one thread inserts.
constexpr size_t kChunkRows = 64;
// The first round inserts about this many rows.
constexpr uint32_t kFirstRoundRows = 64;
// An insertion starts from the nearest rows of the insertion before it, and from this many entries.
constexpr size_t kWarmStarts = 4;
constexpr size_t kEntryStarts = 16;

uint32_t EntryCount(uint32_t rows) {
  return std::clamp<uint32_t>(rows / 256, 1, 256);
}

// What: one build. Memory of each thread lives in its Worker.
class GraphBuilder {
 public:
  GraphBuilder(const GraphSpace& space, const GraphParams& params)
      : space_(space),
        params_(params),
        rows_(space.rows().rows),
        entries_(RangeMedoids(space.rows(), EntryCount(rows_))),
        links_(rows_, params.degree + std::max(1U, params.degree / 2)),
        is_entry_(rows_) {
    for (int i = 0; i < std::max(1, params.threads); ++i) workers_.push_back(std::make_unique<Worker>(this));
    for (uint32_t entry : entries_) is_entry_[entry] = true;
  }

  Result<Graph> Build() {
    RETURN_IF_ERROR(links_.status());
    for (size_t i = 0; i < entries_.size(); ++i) Insert(entries_[i], std::span(entries_).first(i), workers_[0].get());
    uint32_t stride = 1;
    while (rows_ / stride > kFirstRoundRows) stride *= 2;
    bool first_round = true;
    for (; stride > 0; stride /= 2, first_round = false)
      if (!InsertRound(stride, first_round)) return Cancelled();
    Graph graph{.degree = params_.degree, .entries = entries_, .links = {}};
    graph.links.resize(static_cast<size_t>(rows_) * params_.degree, kNoRow);
    if (!Finish(&graph)) return Cancelled();
    ConnectEveryRow(rows_, &graph);
    return graph;
  }

 private:
  struct Worker {
    explicit Worker(const GraphBuilder* builder) : select(&builder->space_, builder->params_.degree, kAlpha) {}
    WalkScratch scratch;
    NeighbourSelection select;
    std::vector<Candidate> candidates;        // of the last insertion
    std::vector<Candidate> prune_candidates;  // of a row that is pruned meanwhile
    std::vector<uint32_t> ids;
    std::vector<uint32_t> starts;
    std::vector<uint32_t> chosen;
    SearchStats stats;
  };

  static Status Cancelled() { return Unavailable("the build of a segment was cancelled"); }

  // Inserts the rows that are multiples of `stride` and were not in an earlier round.
  bool InsertRound(uint32_t stride, bool first_round) {
    const size_t count = first_round ? (rows_ + stride - 1) / stride : (rows_ + stride - 1) / stride / 2;
    return ParallelRows(params_.threads, count, kChunkRows, params_.cancel, [&](int thread, size_t begin, size_t end) {
      Worker* const worker = workers_[static_cast<size_t>(thread)].get();
      worker->starts.clear();
      for (size_t i = begin; i < end; ++i) {
        const auto row = static_cast<uint32_t>(first_round ? i * stride : (2 * i + 1) * stride);
        if (!is_entry_[row]) InsertBetween(row, worker);
      }
    });
  }

  // Inserts `row` starting from what the last insertion found and from entries all over the order.
  void InsertBetween(uint32_t row, Worker* worker) {
    const size_t step = std::max<size_t>(1, entries_.size() / kEntryStarts);
    worker->starts.push_back(entries_[static_cast<size_t>(uint64_t{row} * entries_.size() / rows_)]);
    for (size_t i = step / 2; i < entries_.size(); i += step) worker->starts.push_back(entries_[i]);
    Insert(row, worker->starts, worker);
    worker->starts.clear();
    for (size_t i = 0; i < std::min(kWarmStarts, worker->candidates.size()); ++i)
      worker->starts.push_back(worker->candidates[i].row);
  }

  void Insert(uint32_t row, std::span<const uint32_t> starts, Worker* worker) {
    // Without a deadline a walk cannot fail.
    WalkGraph(links_,
              {.rows = space_.rows(), .query = space_.QueryOf(row), .starts = starts, .ef = params_.ef_construct},
              &worker->scratch, &worker->stats)
        .IgnoreError();
    const CandidatePool& pool = worker->scratch.pool;
    worker->candidates.clear();
    for (size_t i = 0; i < pool.size(); ++i)
      if (pool.row(i) != row) worker->candidates.push_back({pool.similarity(i), pool.row(i)});
    const std::span<const uint32_t> chosen = worker->select.Select(worker->candidates);
    worker->chosen.assign(chosen.begin(), chosen.end());
    {
      GrowingLinks::Lock lock(&links_, row);
      links_.Set(row, worker->chosen);
    }
    for (uint32_t neighbour : worker->chosen) LinkBack(neighbour, row, worker);
  }

  // Adds the link row → target; prunes when the slots are used up.
  void LinkBack(uint32_t row, uint32_t target, Worker* worker) {
    GrowingLinks::Lock lock(&links_, row);
    worker->ids.clear();
    bool known = false;
    links_.ForEach(row, [&](uint32_t link) {
      worker->ids.push_back(link);
      known |= link == target;
    });
    if (known) return;
    if (worker->ids.size() < links_.slots()) {
      links_.SetSlot(row, static_cast<uint32_t>(worker->ids.size()), target);
      return;
    }
    worker->ids.push_back(target);
    links_.Set(row, Prune(row, worker));
  }

  // Selects among worker->ids.
  std::span<const uint32_t> Prune(uint32_t row, Worker* worker) {
    const size_t count = worker->ids.size();
    worker->scratch.ReserveBatch(count);
    float* const similarities = worker->scratch.similarities.data();
    ScoreRows(space_.rows(), space_.QueryOf(row), worker->ids, worker->scratch.distances.data(), similarities);
    std::vector<Candidate>& candidates = worker->prune_candidates;
    candidates.clear();
    for (size_t i = 0; i < count; ++i)
      candidates.push_back({similarities[i] == similarities[i] ? similarities[i] : -INFINITY, worker->ids[i]});
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
    });
    return worker->select.Select(candidates);
  }

  // Prunes what is still longer than the degree and copies all links out.
  bool Finish(Graph* graph) {
    return ParallelRows(params_.threads, rows_, kChunkRows, params_.cancel, [&](int thread, size_t begin, size_t end) {
      Worker* const worker = workers_[static_cast<size_t>(thread)].get();
      for (size_t row = begin; row < end; ++row) {
        worker->ids.clear();
        links_.ForEach(static_cast<uint32_t>(row), [&](uint32_t link) { worker->ids.push_back(link); });
        std::span<const uint32_t> kept = worker->ids;
        if (kept.size() > params_.degree) kept = Prune(static_cast<uint32_t>(row), worker);
        std::copy(kept.begin(), kept.end(), graph->links.begin() + static_cast<ptrdiff_t>(row * params_.degree));
      }
    });
  }

  const GraphSpace& space_;
  const GraphParams params_;
  const uint32_t rows_;
  const std::vector<uint32_t> entries_;
  GrowingLinks links_;
  std::vector<bool> is_entry_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

Result<Graph> BuildGraph(const GraphSpace& space, const GraphParams& params) {
  return GraphBuilder(space, params).Build();
}

}  // namespace sextant::vector_index
