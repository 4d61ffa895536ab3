#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "vector_index/segment_build.h"
#include "vector_index/sparse/sparse_sealed_segment.h"
#include "vector_index/sparse/sparse_segment_files.h"

namespace sextant::vector_index {
namespace {

using storage::BlockFileWriter;

// Rows handled between two looks at the cancel token.
constexpr uint32_t kRowsPerCheck = 4096;
constexpr int kLargestCode = 255;

// What: builds the inverted index of one segment in memory and writes the files.
// Ownership: borrows spec, rows and options.
class SparseSegmentBuilder {
 public:
  SparseSegmentBuilder(const SegmentSpec& spec, const RowSource& rows, const BuildOptions& options)
      : source_(rows), options_(options) {
    header_.datatype = static_cast<uint32_t>(spec.datatype);
    header_.rows = rows.size();
  }

  Status WriteTo(storage::FileSystem* fs, const std::string& directory) {
    fs_ = fs;
    directory_ = directory;
    RETURN_IF_ERROR(CountPostings());
    RETURN_IF_ERROR(FillPostings());
    RETURN_IF_ERROR(WriteRows());
    RETURN_IF_ERROR(WritePostings());
    RETURN_IF_ERROR(WriteTables());
    RETURN_IF_ERROR(WriteIdentity());
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SparseFile::kSegment));
    RETURN_IF_ERROR(writer.Append(&header_, sizeof(header_)));
    RETURN_IF_ERROR(writer.Finish());
    return fs_->SyncDir(directory_);
  }

 private:
  Datatype datatype() const { return static_cast<Datatype>(header_.datatype); }

  // Calls visit(row number, row) for all rows, unless the build is cancelled.
  template <typename Visitor>
  Status ForEachRow(Visitor&& visit) const {
    RowScratch scratch;
    for (uint32_t row = 0; row < header_.rows; ++row) {
      if (row % kRowsPerCheck == 0) RETURN_IF_ERROR(CheckNotCancelled(options_));
      RETURN_IF_ERROR(visit(row, source_.row(row, &scratch)));
    }
    return OkStatus();
  }

  // Finds the entries, sorted, and where each has its postings and column.
  Status CountPostings() {
    offsets_.assign(1, 0);
    offsets_.reserve(size_t{header_.rows} + 1);
    RETURN_IF_ERROR(ForEachRow([&](uint32_t, VectorRef row) {
      for (size_t i = 0; i < row.size(); ++i) Count(row.indices[i], row.values[i]);
      offsets_.push_back(offsets_.back() + row.size());
      header_.empty_rows += row.size() == 0 ? 1 : 0;
      return OkStatus();
    }));
    std::sort(entries_.begin(), entries_.end(),
              [](const PostingEntry& a, const PostingEntry& b) { return a.index < b.index; });
    for (uint32_t i = 0; i < entries_.size(); ++i) {
      PostingEntry& entry = entries_[i];
      entry_of_[entry.index] = i;
      entry.first_posting = header_.elements;
      header_.elements += entry.count;
      if (uint64_t{entry.count} * kColumnShare >= header_.rows && entry.weights.min >= 0)
        entry.column = static_cast<uint32_t>(header_.columns++);
    }
    header_.entries = entries_.size();
    return OkStatus();
  }

  void Count(uint32_t index, float value) {
    const auto [found, is_new] = entry_of_.try_emplace(index, static_cast<uint32_t>(entries_.size()));
    if (is_new) entries_.push_back({.index = index, .weights = {value, value}});
    PostingEntry& entry = entries_[found->second];
    ++entry.count;
    entry.weights.min = std::min(entry.weights.min, value);
    entry.weights.max = std::max(entry.weights.max, value);
  }

  Status FillPostings() {
    posting_rows_.resize(header_.elements);
    posting_values_.resize(header_.elements);
    std::vector<uint64_t> next(entries_.size());
    for (size_t i = 0; i < entries_.size(); ++i) next[i] = entries_[i].first_posting;
    return ForEachRow([&](uint32_t number, VectorRef row) {
      for (size_t i = 0; i < row.size(); ++i) {
        const uint64_t at = next[entry_of_.find(row.indices[i])->second]++;
        posting_rows_[at] = number;
        posting_values_[at] = row.values[i];
      }
      return OkStatus();
    });
  }

  Result<BlockFileWriter> Create(SparseFile file) {
    return BlockFileWriter::Create(fs_, SparseFilePath(directory_, file), SparseBlockKind(file));
  }
  Status Finish(SparseFile file, BlockFileWriter* writer) {
    RETURN_IF_ERROR(writer->Finish());
    header_.checksums[static_cast<uint32_t>(file)] = writer->checksum();
    return OkStatus();
  }
  template <typename T>
  static Status AppendAll(BlockFileWriter* writer, std::span<const T> values) {
    return values.empty() ? OkStatus() : writer->Append(values.data(), values.size() * sizeof(T));
  }

  Status WriteRows() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SparseFile::kRows));
    RETURN_IF_ERROR(ForEachRow([&](uint32_t, VectorRef row) { return AppendAll(&writer, row.indices); }));
    RETURN_IF_ERROR(ForEachRow([&](uint32_t, VectorRef row) { return AppendAll(&writer, row.values); }));
    return Finish(SparseFile::kRows, &writer);
  }

  Status WritePostings() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SparseFile::kPostings));
    RETURN_IF_ERROR(AppendAll<uint32_t>(&writer, posting_rows_));
    std::vector<uint8_t> stored;
    for (const PostingEntry& entry : entries_) {
      const WeightCodec codec = CodecOf(entry);
      const size_t width = WeightBytes(datatype());
      stored.resize(entry.count * width);
      for (uint32_t i = 0; i < entry.count; ++i)
        codec.Store(posting_values_[entry.first_posting + i], stored.data() + i * width);
      RETURN_IF_ERROR(AppendAll<uint8_t>(&writer, stored));
    }
    for (const PostingEntry& entry : entries_) {
      if (entry.column == kNoColumn) continue;
      RETURN_IF_ERROR(CheckNotCancelled(options_));
      RETURN_IF_ERROR(AppendAll<uint8_t>(&writer, ColumnOf(entry)));
    }
    return Finish(SparseFile::kPostings, &writer);
  }

  WeightCodec CodecOf(const PostingEntry& entry) const {
    return WeightCodec(datatype(), entry.weights.min, entry.weights.max);
  }

  std::vector<uint8_t> ColumnOf(const PostingEntry& entry) const {
    std::vector<uint8_t> codes(header_.rows);
    const WeightCodec codec = CodecOf(entry);
    const double largest = codec.Round(entry.weights.max);
    for (uint64_t at = entry.first_posting; at < entry.first_posting + entry.count; ++at) {
      const double weight = codec.Round(posting_values_[at]);
      int code = largest > 0 ? static_cast<int>(std::ceil(weight / largest * kLargestCode)) : 1;
      code += largest * code / kLargestCode < weight ? 1 : 0;  // the division was rounded
      codes[posting_rows_[at]] = static_cast<uint8_t>(std::clamp(code, 1, kLargestCode));
    }
    return codes;
  }

  Status WriteTables() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SparseFile::kTables));
    RETURN_IF_ERROR(AppendAll<uint64_t>(&writer, offsets_));
    RETURN_IF_ERROR(AppendAll<PostingEntry>(&writer, entries_));
    return Finish(SparseFile::kTables, &writer);
  }

  Status WriteIdentity() {
    ASSIGN_OR_RETURN(BlockFileWriter writer, Create(SparseFile::kIdentity));
    RETURN_IF_ERROR(AppendIdentityColumns(&writer, header_.rows, [&](uint32_t row) { return source_.identity(row); }));
    return Finish(SparseFile::kIdentity, &writer);
  }

  const RowSource& source_;
  const BuildOptions& options_;
  storage::FileSystem* fs_ = nullptr;
  std::string directory_;
  SparseHeader header_;
  std::vector<uint64_t> offsets_;
  std::unordered_map<uint32_t, uint32_t> entry_of_;  // index → place in entries_
  std::vector<PostingEntry> entries_;
  std::vector<uint32_t> posting_rows_;
  std::vector<float> posting_values_;
};

}  // namespace

Status WriteSparseSegment(storage::FileSystem* fs, const std::string& directory, const SegmentSpec& spec,
                          const RowSource& rows, const BuildOptions& options) {
  return SparseSegmentBuilder(spec, rows, options).WriteTo(fs, directory);
}

}  // namespace sextant::vector_index
