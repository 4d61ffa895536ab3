#include "vector_index/segment_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/check.h"
#include "kernels/kernels.h"
#include "types/values/half.h"
#include "vector_index/row_distance.h"

namespace sextant::vector_index {
namespace {

template <typename Stored, typename Convert>
void ReadAs(std::ifstream* file, Convert convert, std::vector<float>* values) {
  std::vector<Stored> stored(values->size());
  file->read(reinterpret_cast<char*>(stored.data()), static_cast<std::streamsize>(stored.size() * sizeof(Stored)));
  std::transform(stored.begin(), stored.end(), values->begin(), convert);
}

NpyMatrix ReadSample(const std::string& name, uint32_t most_rows) {
  std::optional<NpyMatrix> matrix = ReadNpy(SEXTANT_SOURCE_DIR "/tests/data/sample/" + name, most_rows);
  SEXTANT_CHECK(matrix);
  NormalizeRows(matrix->columns, &matrix->values);
  return *std::move(matrix);
}

}  // namespace

RowIdentity ArrayRows::identity(uint32_t i) const {
  const uint32_t ordinal = first_ordinal + i * ordinal_step;
  const PointId id = i % 2 == 0 ? PointId::Number(i) : PointId::Uuid(0x0123456789abcdefull, i);
  return {.ordinal = Ordinal{ordinal}, .version = 1000 + uint64_t{i}, .id = id};
}

MergedRows::MergedRows(std::vector<std::shared_ptr<SealedRows>> segments, bool reuse)
    : segments_(std::move(segments)), reuse_(reuse) {
  for (const auto& segment : segments_)
    for (uint32_t row = 0; row < segment->rows(); ++row)
      if (segment->liveness().retired_at(row) == kNever) places_.push_back({segment.get(), row});
}

VectorRef MergedRows::row(uint32_t i, RowScratch* scratch) const {
  return places_[i].segment->Row(places_[i].row, scratch);
}

RowIdentity MergedRows::identity(uint32_t i) const {
  return places_[i].segment->identity(places_[i].row);
}

std::vector<float> ClusteredVectors(uint32_t dim, uint32_t count, uint32_t clusters, uint32_t seed) {
  std::mt19937 centre_random(clusters * 7919 + dim);
  std::normal_distribution<float> normal;
  std::vector<float> centres(size_t{clusters} * dim);
  for (float& value : centres) value = normal(centre_random);
  std::mt19937 random(seed);
  std::uniform_int_distribution<uint32_t> any_cluster(0, clusters - 1);
  std::vector<float> values(size_t{count} * dim);
  for (uint32_t i = 0; i < count; ++i) {
    const float* const centre = centres.data() + size_t{any_cluster(random)} * dim;
    for (uint32_t d = 0; d < dim; ++d) values[size_t{i} * dim + d] = centre[d] + 0.6F * normal(random);
  }
  return values;
}

void NormalizeRows(uint32_t dim, std::vector<float>* values) {
  for (size_t i = 0; i < values->size(); i += dim)
    kernels::Kernels().normalize(values->data() + i, values->data() + i, dim);
}

std::vector<float> BruteForce(const ArrayRows& rows, Distance distance, const float* query, uint32_t k,
                              const std::function<bool(uint32_t)>& accepts) {
  const RowDistance exact(distance);
  std::vector<float> similarities;
  for (uint32_t i = 0; i < rows.size(); ++i)
    if (accepts == nullptr || accepts(i)) similarities.push_back(exact.Similarity(query, rows.values(i), rows.dim()));
  const size_t kept = std::min<size_t>(k, similarities.size());
  std::partial_sort(similarities.begin(), similarities.begin() + static_cast<ptrdiff_t>(kept), similarities.end(),
                    std::greater<>());
  similarities.resize(kept);
  return similarities;
}

double Recall(const std::vector<RowHit>& hits, const std::vector<float>& expected) {
  if (expected.empty()) return 1;
  const float floor = expected.back() - 1e-6F * std::max(1.0F, std::fabs(expected.back()));
  const auto found =
      std::count_if(hits.begin(), hits.end(), [&](const RowHit& hit) { return hit.similarity >= floor; });
  return static_cast<double>(std::min<size_t>(static_cast<size_t>(found), expected.size())) /
         static_cast<double>(expected.size());
}

std::vector<RowHit> Unwrap(const Result<std::vector<RowHit>>& hits) {
  EXPECT_TRUE(hits.ok()) << hits.status();
  return hits.ok() ? *hits : std::vector<RowHit>();
}

std::optional<NpyMatrix> ReadNpy(const std::string& path, uint32_t most_rows) {
  std::ifstream file(path, std::ios::binary);
  char magic[10];
  if (!file.read(magic, sizeof(magic)) || std::memcmp(magic, "\x93NUMPY\x01", 7) != 0) return std::nullopt;
  std::string header(static_cast<uint8_t>(magic[8]) + 256u * static_cast<uint8_t>(magic[9]), '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  const size_t shape = header.find("'shape': (");
  const size_t type = header.find("'<f");
  if (shape == std::string::npos || type == std::string::npos) return std::nullopt;
  NpyMatrix matrix;
  char* end = nullptr;
  const uint64_t rows = std::strtoull(header.c_str() + shape + 10, &end, 10);
  // A vector, "(n,)", is a matrix of one column.
  matrix.columns = std::max(1U, static_cast<uint32_t>(std::strtoull(end + 1, nullptr, 10)));
  matrix.rows = static_cast<uint32_t>(std::min<uint64_t>(rows, most_rows));
  matrix.values.resize(size_t{matrix.rows} * matrix.columns);
  switch (header[type + 3]) {
    case '2': ReadAs<uint16_t>(&file, HalfToFloat, &matrix.values); break;
    case '4': ReadAs<float>(&file, [](float value) { return value; }, &matrix.values); break;
    case '8': ReadAs<double>(&file, [](double value) { return static_cast<float>(value); }, &matrix.values); break;
    default: return std::nullopt;
  }
  return file ? std::optional(std::move(matrix)) : std::nullopt;
}

std::string CompatDirectory(const std::string& name) {
  return SEXTANT_SOURCE_DIR "/tests/compat/" + name;
}

NpyMatrix SampleVectors(uint32_t most_rows) {
  return ReadSample("vectors.npy", most_rows);
}

NpyMatrix SampleQueries() {
  return ReadSample("queries.npy", UINT32_MAX);
}

std::optional<std::string> RealDataDirectory() {
  const char* given = std::getenv("SEXTANT_DATA_DIR");
  const std::string directory = given != nullptr ? given : SEXTANT_SOURCE_DIR "/../shared/data/debian";
  return std::filesystem::exists(directory + "/vectors.npy") ? std::optional(directory) : std::nullopt;
}

}  // namespace sextant::vector_index
