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
// A row with this many old links in the graph is inserted from them and needs only a share of the candidates.
constexpr size_t kFewestOldLinks = 2;
constexpr uint32_t kRejoinShare = 3;
// Candidates that each lost link may be replaced from.
constexpr size_t kRepairCandidates = 8;

uint32_t EntryCount(uint32_t rows) {
  return std::clamp<uint32_t>(rows / 256, 1, 256);
}

bool IsNearer(const Candidate& a, const Candidate& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

// What: one build. Memory of each thread lives in its Worker.
class GraphBuilder {
 public:
  GraphBuilder(const GraphSpace& space, const GraphParams& params, const GraphReuse* reuse)
      : space_(space),
        params_(params),
        reuse_(reuse),
        rows_(space.rows().rows),
        entries_(RangeMedoids(space.rows(), EntryCount(rows_))),
        links_(rows_, params.degree + std::max(1U, params.degree / 2)) {
    for (int i = 0; i < std::max(1, params.threads); ++i) workers_.push_back(std::make_unique<Worker>(this));
  }

  Result<Graph> Build() {
    RETURN_IF_ERROR(links_.status());
    if (reuse_ != nullptr && !(TakeBase() && RepairBase())) return Cancelled();
    FindPending();
    InsertEntries();
    size_t stride = 1;
    while (pending_.size() / stride > kFirstRoundRows) stride *= 2;
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
    std::vector<Candidate> candidates;  // of the last insertion
    std::vector<Candidate> ranked;      // see Rank
    std::vector<uint32_t> old_links;    // of the row that is inserted, those that are in the graph
    std::vector<uint32_t> ids;
    std::vector<uint32_t> starts;
    std::vector<uint32_t> chosen;
    SearchStats stats;
  };

  static Status Cancelled() { return Unavailable("the build of a segment was cancelled"); }

  // Calls work(row, worker) for all rows of the base, from all threads.
  template <typename Work>
  bool ForEachBaseRow(Work&& work) {
    return ParallelRows(params_.threads, rows_, kChunkRows, params_.cancel, [&](int thread, size_t begin, size_t end) {
      Worker* const worker = workers_[static_cast<size_t>(thread)].get();
      for (auto row = static_cast<uint32_t>(begin); row < end; ++row)
        if (reuse_->IsInBase(row)) work(row, worker);
    });
  }

  // Gives the rows of the base their links, save those that lost most of them: these stay without.
  bool TakeBase() {
    return ForEachBaseRow([&](uint32_t row, Worker* worker) {
      worker->ids.clear();
      const uint32_t gone = reuse_->AppendLinks(row, &worker->ids);
      if (worker->ids.size() <= gone) return;
      GrowingLinks::Lock lock(&links_, row);
      links_.Set(row, worker->ids);
    });
  }

  bool RepairBase() {
    return ForEachBaseRow([&](uint32_t row, Worker* worker) {
      if (links_.HasLinks(row)) Repair(row, worker);
    });
  }

  // Replaces the links of `row` to rows that are gone.
  void Repair(uint32_t row, Worker* worker) {
    std::vector<uint32_t>& kept = worker->old_links;
    kept.clear();
    const uint32_t gone = reuse_->AppendLinks(row, &kept);
    if (gone == 0) return;
    worker->ids.clear();
    reuse_->AppendLinksOfGone(row, &worker->ids);
    VisitedSet& known = worker->scratch.visited;
    known.Begin(rows_);
    known.Insert(row);
    for (uint32_t link : kept) known.Insert(link);
    std::erase_if(worker->ids, [&](uint32_t link) { return !known.Insert(link) || !links_.HasLinks(link); });
    Rank(row, kRepairCandidates * gone, worker);
    const std::span<const uint32_t> chosen = worker->select.Extend(kept, worker->ranked).subspan(kept.size());
    worker->chosen.assign(chosen.begin(), chosen.end());
    for (uint32_t neighbour : worker->chosen) {
      AddLink(row, neighbour, worker);
      AddLink(neighbour, row, worker);
    }
  }

  // Entries are inserted before all others.
  void FindPending() {
    for (uint32_t row = 0; row < rows_; ++row)
      if (!links_.HasLinks(row) && !std::binary_search(entries_.begin(), entries_.end(), row)) pending_.push_back(row);
  }

  // Each starts from those before it and from rows of the base, so that walks from entries reach the base too.
  void InsertEntries() {
    std::vector<uint32_t> starts = BaseStarts();
    workers_[0]->old_links.clear();
    for (uint32_t entry : entries_) {
      if (!links_.HasLinks(entry)) Insert(entry, starts, params_.ef_construct, workers_[0].get());
      starts.push_back(entry);
    }
  }

  // Rows that have links already, some from all over the order.
  std::vector<uint32_t> BaseStarts() const {
    std::vector<uint32_t> taken, starts;
    for (uint32_t row = 0; row < rows_; ++row)
      if (links_.HasLinks(row)) taken.push_back(row);
    const size_t step = std::max<size_t>(1, taken.size() / kEntryStarts);
    for (size_t i = step / 2; i < taken.size(); i += step) starts.push_back(taken[i]);
    return starts;
  }

  // Inserts the pending rows at multiples of `stride` that were not in an earlier round.
  bool InsertRound(size_t stride, bool first_round) {
    const size_t multiples = (pending_.size() + stride - 1) / stride;
    const size_t count = first_round ? multiples : multiples / 2;
    return ParallelRows(params_.threads, count, kChunkRows, params_.cancel, [&](int thread, size_t begin, size_t end) {
      Worker* const worker = workers_[static_cast<size_t>(thread)].get();
      worker->starts.clear();
      for (size_t i = begin; i < end; ++i)
        InsertBetween(pending_[first_round ? i * stride : (2 * i + 1) * stride], worker);
    });
  }

  // Inserts `row` starting from what the last insertion found and from its old links, or else from entries all over
  // the order.
  void InsertBetween(uint32_t row, Worker* worker) {
    FindOldLinks(row, worker);
    worker->starts.push_back(entries_[static_cast<size_t>(uint64_t{row} * entries_.size() / rows_)]);
    size_t candidates = params_.ef_construct;
    if (worker->old_links.size() >= kFewestOldLinks) {
      worker->starts.insert(worker->starts.end(), worker->old_links.begin(), worker->old_links.end());
      candidates = std::min(candidates, std::max<size_t>(params_.degree, candidates / kRejoinShare));
    } else {
      const size_t step = std::max<size_t>(1, entries_.size() / kEntryStarts);
      for (size_t i = step / 2; i < entries_.size(); i += step) worker->starts.push_back(entries_[i]);
    }
    Insert(row, worker->starts, candidates, worker);
    worker->starts.clear();
    for (size_t i = 0; i < std::min(kWarmStarts, worker->candidates.size()); ++i)
      worker->starts.push_back(worker->candidates[i].row);
  }

  // Those that are in the graph, if most are left.
  void FindOldLinks(uint32_t row, Worker* worker) {
    worker->old_links.clear();
    if (reuse_ == nullptr) return;
    const uint32_t gone = reuse_->AppendLinks(row, &worker->old_links);
    if (worker->old_links.size() <= gone) worker->old_links.clear();
    std::erase_if(worker->old_links, [&](uint32_t link) { return !links_.HasLinks(link); });
  }

  void Insert(uint32_t row, std::span<const uint32_t> starts, size_t ef, Worker* worker) {
    // Without a deadline a walk cannot fail.
    WalkGraph(links_, {.rows = space_.rows(), .query = space_.QueryOf(row), .starts = starts, .ef = ef},
              &worker->scratch, &worker->stats)
        .IgnoreError();
    const CandidatePool& pool = worker->scratch.pool;
    worker->candidates.clear();
    for (size_t i = 0; i < pool.size(); ++i)
      if (pool.row(i) != row) worker->candidates.push_back({pool.similarity(i), pool.row(i)});
    if (pool.full() && !worker->old_links.empty()) AddOldLinks(row, pool.worst(), worker);
    const std::span<const uint32_t> chosen = worker->select.Select(worker->candidates);
    worker->chosen.assign(chosen.begin(), chosen.end());
    {
      GrowingLinks::Lock lock(&links_, row);
      links_.Set(row, worker->chosen);
    }
    for (uint32_t neighbour : worker->chosen) AddLink(neighbour, row, worker);
  }

  // Adds those old links to the candidates that the walk, which started from them, did not keep: they lead far.
  void AddOldLinks(uint32_t row, float worst_kept, Worker* worker) {
    worker->ids = worker->old_links;
    Rank(row, worker->ids.size(), worker);
    for (const Candidate& candidate : worker->ranked)
      if (candidate.similarity < worst_kept) worker->candidates.push_back(candidate);
  }

  // Adds the link row → target; prunes when the slots are used up.
  void AddLink(uint32_t row, uint32_t target, Worker* worker) {
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
    Rank(row, worker->ids.size(), worker);
    return worker->select.Select(worker->ranked);
  }

  // Makes worker->ranked the `most` rows of worker->ids that are nearest to `row`, nearest first.
  void Rank(uint32_t row, size_t most, Worker* worker) {
    const size_t count = worker->ids.size();
    worker->scratch.ReserveBatch(count);
    float* const similarities = worker->scratch.similarities.data();
    ScoreRows(space_.rows(), space_.QueryOf(row), worker->ids, worker->scratch.distances.data(), similarities);
    std::vector<Candidate>& ranked = worker->ranked;
    ranked.clear();
    for (size_t i = 0; i < count; ++i)
      ranked.push_back({similarities[i] == similarities[i] ? similarities[i] : -INFINITY, worker->ids[i]});
    if (most < count) {
      std::nth_element(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(most), ranked.end(), IsNearer);
      ranked.resize(most);
    }
    std::sort(ranked.begin(), ranked.end(), IsNearer);
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
  const GraphReuse* const reuse_;  // null: none
  const uint32_t rows_;
  const std::vector<uint32_t> entries_;  // ascending
  GrowingLinks links_;
  std::vector<uint32_t> pending_;  // ascending: rows to insert
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

Result<Graph> BuildGraph(const GraphSpace& space, const GraphParams& params, const GraphReuse* reuse) {
  return GraphBuilder(space, params, reuse).Build();
}

void RenumberRows(std::span<const uint32_t> order, Graph* graph) {
  std::vector<uint32_t> place(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<uint32_t> links;
  links.reserve(graph->links.size());
  for (const uint32_t row : order) {
    const std::span<const uint32_t> old(graph->links.data() + size_t{row} * graph->degree, graph->degree);
    for (const uint32_t link : old) links.push_back(link == kNoRow ? kNoRow : place[link]);
  }
  graph->links = std::move(links);
  for (uint32_t& entry : graph->entries) entry = place[entry];
}

}  // namespace sextant::vector_index
