#include "shard/optimizer.h"

#include <algorithm>

#include "base/check.h"
#include "shard/manifest.h"

namespace sextant::shard {
namespace {

using vector_index::SealedRows;

// With graphs switched off (indexing_threshold 0) rows still leave memory, in segments without a graph.
constexpr uint64_t kPlainSealBytes = 64ull << 20;
// Sparse rows are sealed this early: the index of a segment is built in no time and searched several times as fast.
constexpr uint64_t kSparseSealBytes = 2ull << 20;
// When nothing is written for long, a growing part that has come so far is sealed too: searches go through all of it.
// Vectors with nothing sealed stay as they are: they are too few for a graph, as their owner set the threshold.
constexpr uint64_t kTailShare = 8;
// A tier merges this many segments or more, none of them larger than kTierRatio times all smaller ones together: each
// row is rewritten a logarithmic number of times, however long the load.
constexpr size_t kTierSegments = 4;
constexpr uint64_t kTierRatio = 2;
// A second merge takes at most this share of the rows of the first, whose end it hardly delays.
constexpr size_t kMostMerges = 2;
constexpr uint64_t kSecondMergeShare = 4;
// What `default_segment_number: 0` means: a search of one graph takes little more than half as long as one of two
// halves, but a merge rewrites what is there, so the smaller segments must have grown to this share of the largest one.
constexpr uint64_t kDefaultTargetSegments = 2;
constexpr uint64_t kShareOfLargest = 4;

vector_index::SegmentSpec SpecFor(const VectorState& state, const OptimizersConfig& optimizers) {
  vector_index::SegmentSpec spec = SpecOf(state.params, state.hnsw);
  spec.build_graph = optimizers.indexing_threshold_kb > 0 && state.hnsw.m > 0;
  spec.codes = state.codes;
  return spec;
}

uint64_t LiveRowsOf(const std::vector<SealedEntry>& entries) {
  uint64_t rows = 0;
  for (const SealedEntry& entry : entries) rows += entry.live_rows();
  return rows;
}

uint64_t LiveBytesOf(const std::vector<SealedEntry>& entries) {
  uint64_t bytes = 0;
  for (const SealedEntry& entry : entries) bytes += entry.live_bytes();
  return bytes;
}

void Fill(const std::string& name, const VectorState& state, const OptimizersConfig& optimizers, WriterState* writer,
          Job* job) {
  job->vector_name = name;
  job->name_id = state.params.name_id;
  if (writer->index->has_tenants()) job->index = writer->index;
  job->spec = SpecFor(state, optimizers);
  uint64_t bytes = LiveBytesOf(job->sealed);
  for (const auto& growing : job->growing) bytes += growing->value_bytes();
  uint64_t rows = LiveRowsOf(job->sealed);
  for (const auto& growing : job->growing) rows += growing->rows();
  job->build_bytes = vector_index::BuildBytes(job->spec, rows, bytes);
  job->placement = PlacementFor(state, optimizers, bytes);
  job->segment_id = writer->next_segment_id++;
}

// Whether the active part should be sealed.
bool IsLargeEnough(const VectorState& state, const OptimizersConfig& optimizers, bool idle) {
  uint64_t least = optimizers.indexing_threshold_kb > 0 ? optimizers.indexing_threshold_kb * 1024 : kPlainSealBytes;
  if (state.params.kind == VectorKind::kSparse) least = std::min(least, kSparseSealBytes);
  if (idle && !state.sealed.empty()) least /= kTailShare;
  return state.active->rows() > 0 && state.active->value_bytes() >= least;
}

bool NeedsVacuum(const SealedRows& segment, const OptimizersConfig& optimizers) {
  const uint64_t dead = segment.liveness().retired_count();
  return dead >= std::min<uint64_t>(optimizers.vacuum_min_vector_number, segment.rows()) && dead > 0 &&
         static_cast<double>(dead) > optimizers.deleted_threshold * segment.rows();
}

// Whether a segment lacks what it would be built with now.
bool IsOutdated(const SealedRows& segment, const vector_index::SegmentSpec& wanted) {
  if (wanted.build_graph && !segment.has_graph()) return true;
  return wanted.kind == VectorKind::kDense && segment.spec().codes.format != wanted.codes.format;
}

bool IsInput(const SealedEntry& entry, std::span<const RunningMerge> running) {
  return std::any_of(running.begin(), running.end(), [&](const RunningMerge& merge) {
    return std::find(merge.inputs.begin(), merge.inputs.end(), entry.id) != merge.inputs.end();
  });
}

// Those that no merge has, the smallest first.
std::vector<SealedEntry> BySize(const VectorState& state, const OptimizersConfig& optimizers,
                                std::span<const RunningMerge> running) {
  std::vector<SealedEntry> sorted;
  for (const SealedEntry& entry : state.sealed) {
    if (IsInput(entry, running)) continue;
    if (optimizers.max_segment_size_kb && entry.live_bytes() >= *optimizers.max_segment_size_kb * 1024) continue;
    sorted.push_back(entry);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const SealedEntry& a, const SealedEntry& b) { return a.live_rows() < b.live_rows(); });
  return sorted;
}

// How many of the smallest segments to merge: a full tier, or, when idle, as many as exceed the target.
size_t MergeCount(const std::vector<SealedEntry>& sorted, size_t all_segments, uint64_t target, bool idle) {
  size_t count = 0;
  uint64_t below = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const uint64_t rows = sorted[i].live_rows();
    if (i + 1 >= kTierSegments && rows <= kTierRatio * std::max<uint64_t>(below, 1)) count = i + 1;
    below += rows;
  }
  if (count == 0 && idle && all_segments > target)
    count = std::min<size_t>(sorted.size(), all_segments - static_cast<size_t>(target) + 1);
  return count >= 2 ? count : 0;
}

// Whether all segments are merged, where the target is left to the engine.
bool MayBecomeOne(const std::vector<SealedEntry>& sorted, size_t all_segments, const vector_index::SegmentSpec& spec,
                  uint64_t most_bytes) {
  if (sorted.size() < 2 || sorted.size() < all_segments) return false;
  const uint64_t rows = LiveRowsOf(sorted), largest = sorted.back().live_rows();
  return largest <= kShareOfLargest * (rows - largest) &&
         vector_index::BuildBytes(spec, rows, LiveBytesOf(sorted)) <= most_bytes;
}

// Drops the largest ones until the result stays within max_segment_size.
void LimitSize(const OptimizersConfig& optimizers, std::vector<SealedEntry>* chosen) {
  if (!optimizers.max_segment_size_kb) return;
  uint64_t bytes = LiveBytesOf(*chosen);
  while (chosen->size() > 1 && bytes > *optimizers.max_segment_size_kb * 1024) {
    bytes -= chosen->back().live_bytes();
    chosen->pop_back();
  }
}

// One by one: RocksDB 7.8 ends the process when a memtable that holds a range deletion is flushed a second time, after
// a failed flush (seen in power cuts of shard/fault_test.cc).
void DeleteRawVectors(const Job& job, storage::WriteBatch* batch) {
  for (const auto& growing : job.growing)
    for (uint32_t row = 0; row < growing->rows(); ++row)
      batch->Delete(storage::Family::kVectors, points::VectorKey(job.name_id, growing->first_sequence() + row));
}

}  // namespace

bool HasTail(const WriterState& writer, const OptimizersConfig& optimizers) {
  return std::any_of(writer.vectors.begin(), writer.vectors.end(),
                     [&](const auto& vector) { return IsLargeEnough(vector.second, optimizers, true); });
}

bool ChooseSeal(WriterState* writer, const OptimizersConfig& optimizers, bool idle, uint64_t most_bytes, Job* job) {
  for (auto& [name, state] : writer->vectors) {
    if (IsLargeEnough(state, optimizers, idle)) state.Rotate();
    if (state.sealing.empty()) continue;
    job->kind = JobKind::kSeal;
    const vector_index::SegmentSpec spec = SpecFor(state, optimizers);
    job->growing.clear();
    uint64_t bytes = 0;
    for (const auto& growing : state.sealing) {
      bytes += vector_index::BuildBytes(spec, growing->rows(), growing->value_bytes());
      if (bytes > most_bytes && !job->growing.empty()) break;
      job->growing.push_back(growing);
    }
    Fill(name, state, optimizers, writer, job);
    return true;
  }
  return false;
}

RunningMerge RunningMerge::Of(const Job& job) {
  RunningMerge merge{.segment_id = job.segment_id, .inputs = {}, .rows = LiveRowsOf(job.sealed)};
  for (const SealedEntry& entry : job.sealed) merge.inputs.push_back(entry.id);
  return merge;
}

bool ChooseMerge(WriterState* writer, const OptimizersConfig& optimizers, const MergeConditions& conditions, Job* job) {
  const std::span<const RunningMerge> running = conditions.running;
  if (running.size() >= kMostMerges) return false;
  const bool idle = conditions.idle && running.empty();
  const uint64_t most_rows = running.empty() ? UINT64_MAX : running[0].rows / kSecondMergeShare;
  const uint64_t target =
      optimizers.default_segment_number > 0 ? optimizers.default_segment_number : kDefaultTargetSegments;
  for (auto& [name, state] : writer->vectors) {
    job->kind = JobKind::kMerge;
    job->sealed.clear();
    const vector_index::SegmentSpec wanted = SpecFor(state, optimizers);
    for (const SealedEntry& entry : state.sealed)
      if (!IsInput(entry, running) && entry.live_rows() <= most_rows &&
          (NeedsVacuum(*entry.segment, optimizers) || IsOutdated(*entry.segment, wanted))) {
        job->sealed = {entry};
        break;
      }
    if (job->sealed.empty()) {
      std::vector<SealedEntry> sorted = BySize(state, optimizers, running);
      const bool into_one = idle && optimizers.default_segment_number == 0 &&
                            MayBecomeOne(sorted, state.sealed.size(), wanted, conditions.most_bytes_of_one);
      if (!into_one) sorted.resize(MergeCount(sorted, state.sealed.size(), target, idle));
      LimitSize(optimizers, &sorted);
      while (!sorted.empty() && LiveRowsOf(sorted) > most_rows) sorted.pop_back();
      if (sorted.size() >= (running.empty() ? 2 : kTierSegments)) job->sealed = std::move(sorted);
    }
    if (job->sealed.empty()) continue;
    Fill(name, state, optimizers, writer, job);
    return true;
  }
  return false;
}

namespace {

// Damage must not be copied into a segment whose checksums would vouch for it.
Status VerifyAll(const SealedRows& segment, const CancelToken& cancel) {
  constexpr uint64_t kBetweenLooks = uint64_t{64} << 20;
  for (bool all = false; !all;) {
    if (cancel.cancelled()) return Unavailable("the shard is closing");
    ASSIGN_OR_RETURN(all, segment.VerifyMore(kBetweenLooks));
  }
  return OkStatus();
}

}  // namespace

Result<BuiltSegment> Build(const ShardEnvironment& environment, const std::string& shard_directory, const Job& job,
                           const CancelToken& cancel) {
  std::vector<std::shared_ptr<SealedRows>> sealed;
  for (const SealedEntry& entry : job.sealed) {
    RETURN_IF_ERROR(VerifyAll(*entry.segment, cancel));
    sealed.push_back(entry.segment);
  }
  BuiltSegment built;
  built.source = std::make_unique<LiveRows>(job.growing, std::move(sealed), job.index.get());
  if (built.source->size() == 0) return built;
  const std::string directory = SegmentDirectory(shard_directory, job.segment_id);
  Status status = [&]() -> Status {
    RETURN_IF_ERROR(environment.files->CreateDirs(directory));
    vector_index::BuildOptions options;
    options.threads = environment.build_threads;
    options.seed = job.segment_id;
    options.cancel = &cancel;
    RETURN_IF_ERROR(vector_index::WriteSegment(environment.files, directory, job.spec, *built.source, options));
    RETURN_IF_ERROR(environment.files->SyncDir(SegmentsDirectory(shard_directory)));
    ASSIGN_OR_RETURN(built.segment,
                     vector_index::OpenSegment(environment.files, directory, job.spec.kind, job.placement));
    return OkStatus();
  }();
  if (!status.ok()) {
    (void)environment.files->RemoveTree(directory);  // a leftover is removed at the next start
    return status;
  }
  built.new_row.reserve(built.source->size());
  for (uint32_t i = 0; i < built.source->size(); ++i)
    built.new_row.push_back(built.segment->RowOf(built.source->identity(i).ordinal).value());
  return built;
}

bool IsCurrent(const Job& job, const WriterState& state) {
  const auto vector = state.vectors.find(job.vector_name);
  return vector != state.vectors.end() && vector->second.params.name_id == job.name_id;
}

Status CommitJob(const Job& job, const BuiltSegment& built, WriterState* writer) {
  SEXTANT_CHECK(IsCurrent(job, *writer));
  VectorState& state = writer->vectors.find(job.vector_name)->second;
  for (uint32_t i = 0; i < built.new_row.size(); ++i)
    if (const OperationNumber at = built.source->retired_at(i); at != kNever)
      built.segment->Retire(built.new_row[i], at);
  storage::WriteBatch batch;
  if (built.segment != nullptr)
    PutSegment({job.segment_id, job.name_id, built.segment->rows(), built.segment->value_bytes()}, &batch);
  for (const SealedEntry& entry : job.sealed) DeleteSegment(entry.id, &batch);
  if (writer->keeps_raw_vectors) DeleteRawVectors(job, &batch);
  RETURN_IF_ERROR(writer->store->Commit(std::move(batch), /*sync=*/true));
  std::erase_if(state.sealing, [&](const auto& growing) {
    return std::find(job.growing.begin(), job.growing.end(), growing) != job.growing.end();
  });
  std::erase_if(state.sealed, [&](const SealedEntry& entry) {
    return std::any_of(job.sealed.begin(), job.sealed.end(), [&](const auto& old) { return old.id == entry.id; });
  });
  if (built.segment != nullptr) state.sealed.push_back({job.segment_id, built.segment});
  return OkStatus();
}

}  // namespace sextant::shard
