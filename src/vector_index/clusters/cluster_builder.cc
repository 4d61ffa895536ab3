#include "vector_index/clusters/cluster_builder.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "vector_index/graph/parallel_rows.h"
#include "vector_index/segment_build.h"

namespace sextant::vector_index {
namespace {

constexpr uint32_t kFewestClusteredRows = 16384;
constexpr uint32_t kRowsOfCluster = 256;
constexpr uint32_t kMostClusters = 8192;
// Rows that the rounds look at, for each cluster.
constexpr uint32_t kSampledRowsOfCluster = 24;
constexpr int kLloydRounds = 4;
// The share of the groups of centres whose centres a row is compared with.
constexpr uint32_t kGroupShare = 8;
constexpr size_t kRowsOfChunk = 512;

// What: centres as codes, to compare rows with: the squared distance of row and centre is, but for what all centres
// share, −2 · scale of the row · (scale · product of the codes − half / scale of the row).
// Threads: Nearest by any while nothing changes. Ownership: owns all.
class Centers {
 public:
  Centers(const quantizer::Int8Codec& codec, uint32_t count)
      : codec_(codec), dim_(codec.params().dim), values_(size_t{count} * dim_), scales_(count), halves_(count) {
    codes_.resize(count * codec.code_stride());
  }

  uint32_t count() const { return static_cast<uint32_t>(scales_.size()); }
  std::span<float> values(uint32_t i) { return std::span(values_).subspan(size_t{i} * dim_, dim_); }
  std::vector<float> TakeValues() { return std::move(values_); }
  const int8_t* code(uint32_t i) const { return codes_.data() + i * codec_.code_stride(); }
  float scale(uint32_t i) const { return scales_[i]; }

  // Codes what values(i) has become; normalises it first for Cosine.
  void Encode(uint32_t i) {
    const std::span<float> own = values(i);
    const kernels::KernelTable& kernels = kernels::Kernels();
    if (codec_.params().distance == Distance::kCosine) kernels.normalize(own.data(), own.data(), dim_);
    std::vector<float> scratch(dim_);
    int8_t* const coded = codes_.data() + i * codec_.code_stride();
    scales_[i] = codec_.EncodeRow(own.data(), coded, scratch.data()).scale;
    halves_[i] = scales_[i] * scales_[i] * static_cast<float>(kernels.code_dot(coded, coded, codec_.code_stride())) / 2;
  }

  // Of the centres `ids`, [0] the nearest. `nearness` [ids] receives how near each is; larger is nearer.
  uint32_t Nearest(const int8_t* code, float scale, std::span<const uint32_t> ids, std::vector<int32_t>* products,
                   std::vector<float>* nearness) const {
    products->resize(ids.size());
    nearness->resize(ids.size());
    const size_t stride = codec_.code_stride();
    kernels::Kernels().code_dot_batch(code, {codes_.data(), stride, stride, ids.data(), ids.size()}, products->data());
    size_t best = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      const uint32_t id = ids[i];
      (*nearness)[i] = scale * scales_[id] * static_cast<float>((*products)[i]) - halves_[id];
      if ((*nearness)[i] > (*nearness)[best]) best = i;
    }
    return ids[best];
  }

 private:
  const quantizer::Int8Codec& codec_;
  const size_t dim_;
  std::vector<float> values_;  // [count, dim]
  std::vector<int8_t> codes_;  // [count, stride]
  std::vector<float> scales_;  // of the codes
  std::vector<float> halves_;  // half the squared length of each coded, centred centre
};

// What: sums of coded rows, by centre.
class Means {
 public:
  Means(const quantizer::Int8Codec& codec, uint32_t count)
      : center_(codec.params().center), sums_(size_t{count} * center_.size()), counts_(count) {}

  void Add(uint32_t i, const int8_t* code, float scale) {
    float* const sum = sums_.data() + size_t{i} * center_.size();
    for (size_t d = 0; d < center_.size(); ++d) sum[d] += scale * static_cast<float>(code[d]);
    ++counts_[i];
  }
  // False when nothing was added.
  bool Write(uint32_t i, std::span<float> mean) const {
    if (counts_[i] == 0) return false;
    const float* const sum = sums_.data() + size_t{i} * center_.size();
    for (size_t d = 0; d < center_.size(); ++d) mean[d] = center_[d] + sum[d] / static_cast<float>(counts_[i]);
    return true;
  }

 private:
  const std::vector<float>& center_;
  std::vector<float> sums_;
  std::vector<uint32_t> counts_;
};

// What: one clustering.
// Ownership: borrows rows, codec and options.
class Clustering {
 public:
  Clustering(const CodeRows& rows, const quantizer::Int8Codec& codec, const BuildOptions& options, uint32_t count)
      : rows_(rows),
        codec_(codec),
        options_(options),
        centers_(codec, count),
        groups_(codec, static_cast<uint32_t>(std::lround(std::sqrt(count)))) {}

  Result<BuiltClusters> Run() {
    std::vector<uint32_t> sample(std::min(rows_.rows, centers_.count() * kSampledRowsOfCluster));
    for (uint32_t i = 0; i < sample.size(); ++i)
      sample[i] = static_cast<uint32_t>(uint64_t{rows_.rows} * i / sample.size());
    std::vector<uint32_t> cluster_of(sample.size());
    for (uint32_t i = 0; i < sample.size(); ++i)
      cluster_of[i] = static_cast<uint32_t>(uint64_t{i} * centers_.count() / sample.size());
    for (int round = 0; round < kLloydRounds; ++round) {
      MoveCenters(sample, cluster_of);
      GroupCenters();
      Assign(sample, &cluster_of);
      RETURN_IF_ERROR(CheckNotCancelled(options_));
    }
    MoveCenters(sample, cluster_of);
    GroupCenters();
    BuiltClusters built;
    std::vector<uint32_t> all(rows_.rows);
    std::iota(all.begin(), all.end(), 0U);
    built.cluster_of.resize(rows_.rows);
    Assign(all, &built.cluster_of);
    RETURN_IF_ERROR(CheckNotCancelled(options_));
    MoveCenters(all, built.cluster_of);
    built.count = centers_.count();
    built.centers = centers_.TakeValues();
    return built;
  }

 private:
  // Each centre becomes the mean of its rows; one without any stays.
  void MoveCenters(std::span<const uint32_t> rows, std::span<const uint32_t> cluster_of) {
    Means means(codec_, centers_.count());
    for (size_t i = 0; i < rows.size(); ++i) means.Add(cluster_of[i], rows_.code(rows[i]), rows_.terms[rows[i]].scale);
    for (uint32_t c = 0; c < centers_.count(); ++c)
      if (means.Write(c, centers_.values(c))) centers_.Encode(c);
  }

  // k-means over the centres, from equal ranges of them on.
  void GroupCenters() {
    std::vector<uint32_t> group_of(centers_.count());
    for (uint32_t c = 0; c < centers_.count(); ++c)
      group_of[c] = static_cast<uint32_t>(uint64_t{c} * groups_.count() / centers_.count());
    std::vector<int32_t> products;
    std::vector<float> nearness;
    group_ids_.resize(groups_.count());
    std::iota(group_ids_.begin(), group_ids_.end(), 0U);
    for (int round = 0; round < kLloydRounds; ++round) {
      Means means(codec_, groups_.count());
      for (uint32_t c = 0; c < centers_.count(); ++c) means.Add(group_of[c], centers_.code(c), centers_.scale(c));
      for (uint32_t g = 0; g < groups_.count(); ++g)
        if (means.Write(g, groups_.values(g))) groups_.Encode(g);
      for (uint32_t c = 0; c < centers_.count(); ++c)
        group_of[c] = groups_.Nearest(centers_.code(c), centers_.scale(c), group_ids_, &products, &nearness);
    }
    members_.assign(groups_.count(), {});
    for (uint32_t c = 0; c < centers_.count(); ++c) members_[group_of[c]].push_back(c);
  }

  void Assign(std::span<const uint32_t> rows, std::vector<uint32_t>* cluster_of) const {
    ParallelRows(options_.threads, rows.size(), kRowsOfChunk, options_.cancel, [&](int, size_t begin, size_t end) {
      std::vector<int32_t> products;
      std::vector<float> nearness;
      std::vector<uint32_t> near_groups, candidates;
      for (size_t i = begin; i < end; ++i) {
        const int8_t* const code = rows_.code(rows[i]);
        const float scale = rows_.terms[rows[i]].scale;
        groups_.Nearest(code, scale, group_ids_, &products, &nearness);
        near_groups = group_ids_;
        const size_t looked_at =
            std::max<size_t>(std::min<size_t>(4, near_groups.size()), near_groups.size() / kGroupShare);
        std::nth_element(near_groups.begin(), near_groups.begin() + static_cast<ptrdiff_t>(looked_at - 1),
                         near_groups.end(), [&](uint32_t a, uint32_t b) { return nearness[a] > nearness[b]; });
        candidates.clear();
        for (const uint32_t group : std::span(near_groups).first(looked_at))
          candidates.insert(candidates.end(), members_[group].begin(), members_[group].end());
        // Groups may be empty, where many centres are equal.
        if (!candidates.empty()) (*cluster_of)[i] = centers_.Nearest(code, scale, candidates, &products, &nearness);
      }
    });
  }

  const CodeRows& rows_;
  const quantizer::Int8Codec& codec_;
  const BuildOptions& options_;
  Centers centers_;
  Centers groups_;  // of centres
  std::vector<uint32_t> group_ids_;
  std::vector<std::vector<uint32_t>> members_;  // the centres of each group
};

}  // namespace

std::vector<uint32_t> BuiltClusters::Starts() const {
  std::vector<uint32_t> starts(count + 1);
  for (const uint32_t cluster : cluster_of) ++starts[cluster + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  return starts;
}

std::vector<uint32_t> BuiltClusters::Order() const {
  std::vector<uint32_t> next = Starts();
  std::vector<uint32_t> order(cluster_of.size());
  for (uint32_t row = 0; row < cluster_of.size(); ++row) order[next[cluster_of[row]]++] = row;
  return order;
}

Result<BuiltClusters> ClusterRows(const CodeRows& rows, const quantizer::Int8Codec& codec,
                                  const BuildOptions& options) {
  if (rows.rows < kFewestClusteredRows) return BuiltClusters();
  return Clustering(rows, codec, options, std::min(rows.rows / kRowsOfCluster, kMostClusters)).Run();
}

}  // namespace sextant::vector_index
