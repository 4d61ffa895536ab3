#include "storage/rocks/synced_mark.h"

#include <xxhash.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "storage/key_codec.h"
#include "storage/rocks/status.h"

namespace sextant::storage {
namespace {

// magic u64, version u64, the five numbers of SyncedState in order, XXH3 of all before: 64 bytes, little-endian.
constexpr uint64_t kMagic = 0x4445434e59535453;  // "STSYNCED"
constexpr uint64_t kVersion = 1;
constexpr size_t kBytes = 64;

std::string Encode(const SyncedState& state) {
  std::string bytes;
  for (uint64_t number : {kMagic, kVersion, state.sequence, state.log_number, state.log_bytes, state.manifest_number,
                          state.manifest_bytes}) {
    AppendFixed64(number, &bytes);
  }
  AppendFixed64(XXH3_64bits(bytes.data(), bytes.size()), &bytes);
  return bytes;
}

std::optional<SyncedState> Decode(const std::string& bytes) {
  if (bytes.size() != kBytes) return std::nullopt;
  const char* p = bytes.data();
  if (ReadFixed64(p) != kMagic || ReadFixed64(p + 8) != kVersion) return std::nullopt;
  if (ReadFixed64(p + 56) != XXH3_64bits(p, 56)) return std::nullopt;
  return SyncedState{.sequence = ReadFixed64(p + 16),
                     .log_number = ReadFixed64(p + 24),
                     .log_bytes = ReadFixed64(p + 32),
                     .manifest_number = ReadFixed64(p + 40),
                     .manifest_bytes = ReadFixed64(p + 48)};
}

std::string PathIn(const std::string& directory) {
  return absl::StrCat(directory, "/", SyncedMark::kName);
}

}  // namespace

Status SyncedMark::Create(rocksdb::FileSystem* fs, const std::string& directory) {
  // Under another name first: a file SYNCED is whole or absent.
  const std::string path = PathIn(directory), fresh = path + ".new";
  const std::string context = absl::StrCat("cannot make '", path, "'");
  const rocksdb::IOOptions io;
  RETURN_IF_ERROR(FromRocks(WriteStringToFile(fs, Encode(SyncedState{}), fresh, /*should_sync=*/true), context));
  RETURN_IF_ERROR(FromRocks(fs->RenameFile(fresh, path, io, nullptr), context));
  std::unique_ptr<rocksdb::FSDirectory> parent;
  RETURN_IF_ERROR(FromRocks(fs->NewDirectory(directory, io, &parent, nullptr), context));
  return FromRocks(parent->Fsync(io, nullptr), context);
}

Result<std::unique_ptr<SyncedMark>> SyncedMark::Open(rocksdb::FileSystem* fs, const std::string& directory) {
  const std::string path = PathIn(directory);
  const rocksdb::IOStatus exists = fs->FileExists(path, rocksdb::IOOptions(), nullptr);
  if (exists.IsNotFound()) return NotFound(absl::StrCat("'", path, "' does not exist"));
  std::string bytes;
  const std::string context = absl::StrCat("cannot open '", path, "'");
  RETURN_IF_ERROR(FromRocks(ReadFileToString(fs, path, &bytes), context));
  const std::optional<SyncedState> state = Decode(bytes);
  if (!state.has_value()) return Corruption(absl::StrCat("'", path, "' is damaged: its checksum does not match"));
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  RETURN_IF_ERROR(FromRocks(fs->NewRandomRWFile(path, rocksdb::FileOptions(), &file, nullptr), context));
  return std::unique_ptr<SyncedMark>(new SyncedMark(std::move(file), *state, path));
}

SyncedState SyncedMark::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void SyncedMark::SetLog(uint64_t sequence, uint64_t log_number, uint64_t log_bytes) {
  const std::lock_guard lock(mutex_);
  state_.sequence = sequence;
  state_.log_number = log_number;
  state_.log_bytes = log_bytes;
  WriteLocked();
}

void SyncedMark::SetManifest(uint64_t number, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  state_.manifest_number = number;
  state_.manifest_bytes = bytes;
  WriteLocked();
}

void SyncedMark::WriteLocked() {
  file_->Write(0, Encode(state_), rocksdb::IOOptions(), nullptr).PermitUncheckedError();
}

Status SyncedMark::Sync() {
  const std::lock_guard lock(mutex_);
  return FromRocks(file_->Sync(rocksdb::IOOptions(), nullptr), absl::StrCat("cannot sync '", path_, "'"));
}

}  // namespace sextant::storage
