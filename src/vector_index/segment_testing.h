#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vector_index/segment.h"

namespace sextant::vector_index {

// What: rows in an array, for tests and benchmarks. Row i belongs to ordinal `first_ordinal` + i · `ordinal_step`.
class ArrayRows : public RowSource {
 public:
  ArrayRows(uint32_t dim, std::vector<float> values) : dim_(dim), values_(std::move(values)) {}

  uint32_t size() const override { return static_cast<uint32_t>(values_.size() / dim_); }
  VectorRef row(uint32_t i, RowScratch*) const override { return row(i); }
  VectorRef row(uint32_t i) const { return {{values(i), dim_}, {}}; }
  const float* values(uint32_t i) const { return values_.data() + size_t{i} * dim_; }
  RowIdentity identity(uint32_t i) const override;

  uint32_t dim() const { return dim_; }
  std::vector<float>& values() { return values_; }

  std::span<const uint32_t> groups() const override { return row_groups; }

  uint32_t first_ordinal = 0;
  uint32_t ordinal_step = 1;
  std::vector<uint32_t> row_groups;

 private:
  uint32_t dim_;
  std::vector<float> values_;
};

// What: rows `ids` of other rows, which are borrowed.
class PickedRows final : public RowSource {
 public:
  PickedRows(const RowSource& rows, std::vector<uint32_t> ids) : rows_(rows), ids_(std::move(ids)) {}

  uint32_t size() const override { return static_cast<uint32_t>(ids_.size()); }
  VectorRef row(uint32_t i, RowScratch* scratch) const override { return rows_.row(ids_[i], scratch); }
  RowIdentity identity(uint32_t i) const override { return rows_.identity(ids_[i]); }

 private:
  const RowSource& rows_;
  std::vector<uint32_t> ids_;
};

// What: the live rows of sealed segments, as a merge has them. It says where they lie if `reuse`.
// Ownership: keeps the segments alive.
class MergedRows final : public RowSource {
 public:
  MergedRows(std::vector<std::shared_ptr<SealedRows>> segments, bool reuse);

  uint32_t size() const override { return static_cast<uint32_t>(places_.size()); }
  VectorRef row(uint32_t i, RowScratch* scratch) const override;
  RowIdentity identity(uint32_t i) const override;
  SealedPlace sealed_place(uint32_t i) const override { return reuse_ ? places_[i] : SealedPlace{}; }

 private:
  std::vector<std::shared_ptr<SealedRows>> segments_;
  bool reuse_;
  std::vector<SealedPlace> places_;
};

// Rows around `clusters` centres, as embeddings are; normalised for Cosine. Queries are drawn from the same
// distribution with another seed, from the same centres.
std::vector<float> ClusteredVectors(uint32_t dim, uint32_t count, uint32_t clusters, uint32_t seed);
void NormalizeRows(uint32_t dim, std::vector<float>* values);

// The exact answer, by the scalar kernels: similarities of the k best rows that `accepts`, best first.
std::vector<float> BruteForce(const ArrayRows& rows, Distance distance, const float* query, uint32_t k,
                              const std::function<bool(uint32_t)>& accepts = nullptr);

// The share of `expected` similarities that `hits` reach; a tie counts.
double Recall(const std::vector<RowHit>& hits, const std::vector<float>& expected);

// The hits of a search that must succeed.
std::vector<RowHit> Unwrap(const Result<std::vector<RowHit>>& hits);

// Appends numbers as they lie in memory.
template <typename T>
void AppendRaw(std::string* bytes, std::initializer_list<T> values) {
  for (const T value : values) bytes->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// A .npy file of one or two dimensions, of f16, f32 or f64 numbers; at most `most_rows` rows.
struct NpyMatrix {
  uint32_t rows = 0;
  uint32_t columns = 0;
  std::vector<float> values;
};
std::optional<NpyMatrix> ReadNpy(const std::string& path, uint32_t most_rows = UINT32_MAX);

// A directory of files that an older program, or this one, has written.
std::string CompatDirectory(const std::string& name);

// The first rows of the committed sample of real embeddings (tests/data/sample; cosine, normalised), or its queries.
NpyMatrix SampleVectors(uint32_t most_rows = UINT32_MAX);
NpyMatrix SampleQueries();

// The directory of the real data set (SEXTANT_DATA_DIR), if it is there.
std::optional<std::string> RealDataDirectory();

}  // namespace sextant::vector_index
