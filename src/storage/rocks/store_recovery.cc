#include "storage/rocks/store_recovery.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/key_codec.h"
#include "storage/rocks/log_scanner.h"
#include "storage/rocks/status.h"
#include "storage/rocks/store_file_system.h"

namespace sextant::storage {
namespace {

// A record's payload is a RocksDB batch: sequence u64, count u32, entries. Our note is its last entry: the tag of log
// data, the note's length, the note.
constexpr size_t kBatchHeader = 12;
constexpr char kLogDataTag = 0x3;
constexpr size_t kNoteBytes = 16;
constexpr uint64_t kNoteMagic = 0x45544f4e434e5953;  // "SYNCNOTE"

struct Batch {
  uint64_t sequence = 0;
  uint64_t next = 0;  // the sequence number of the batch after this
  uint64_t synced = 0;
};

std::optional<Batch> ParseBatch(std::string_view payload) {
  if (payload.size() < kBatchHeader) return std::nullopt;
  Batch batch;
  batch.sequence = ReadFixed64(payload.data());
  batch.next = batch.sequence + ReadFixed32(payload.data() + 8);
  if (payload.size() >= kBatchHeader + 2 + kNoteBytes) {
    const char* note = payload.data() + payload.size() - kNoteBytes;
    const bool ours = note[-2] == kLogDataTag && note[-1] == static_cast<char>(kNoteBytes);
    if (ours && ReadFixed64(note) == kNoteMagic) batch.synced = ReadFixed64(note + 8);
  }
  return batch;
}

// One write-ahead log as it lies on disk.
struct LogFile {
  std::string path;
  uint64_t number = 0;
  uint64_t bytes = 0;
  uint64_t good_bytes = 0;
  bool damaged = false;
  std::optional<uint64_t> first;         // sequence number
  std::optional<uint64_t> next;          // behind the last record before damage
  std::optional<uint64_t> after_damage;  // the first sequence number behind the damage
  uint64_t synced = 0;                   // the largest of all notes
};

Status CannotRead(const rocksdb::Status& status, const std::string& path) {
  return FromRocks(status, absl::StrCat("cannot read '", path, "'"));
}

Result<LogFile> ReadLog(rocksdb::FileSystem* fs, const std::string& path) {
  std::string content;
  RETURN_IF_ERROR(CannotRead(ReadFileToString(fs, path, &content), path));
  LogFile log;
  log.path = path;
  log.number = LogNumber(path);
  log.bytes = content.size();
  const LogExtent extent = ScanLog(content, [&](const LogRecord& record) {
    const std::optional<Batch> batch = ParseBatch(record.payload);
    // A jump inside a file is a piece of the log that is gone although the framing looks whole.
    const bool jump = batch.has_value() && log.next.has_value() && batch->sequence != *log.next;
    if (!batch.has_value() || jump || record.after_damage) log.damaged = true;
    if (!batch.has_value()) return;
    log.synced = std::max(log.synced, batch->synced);
    if (log.damaged) {
      if (!log.after_damage.has_value()) log.after_damage = batch->sequence;
      return;
    }
    if (!log.first.has_value()) log.first = batch->sequence;
    log.next = batch->next;
    log.good_bytes = record.end;
  });
  log.damaged = log.damaged || extent.damaged;
  return log;
}

Result<std::vector<LogFile>> ReadLogs(rocksdb::FileSystem* fs, const std::string& directory) {
  std::vector<std::string> names;
  const rocksdb::IOStatus listed = fs->GetChildren(directory, rocksdb::IOOptions(), &names, nullptr);
  RETURN_IF_ERROR(FromRocks(listed, absl::StrCat("cannot list '", directory, "'")));
  std::map<uint64_t, std::string> paths;  // by number, which is the order of writing
  for (const std::string& name : names) {
    if (const uint64_t number = LogNumber(name); number != 0) paths[number] = absl::StrCat(directory, "/", name);
  }
  std::vector<LogFile> logs;
  for (const auto& [number, path] : paths) {
    ASSIGN_OR_RETURN(LogFile log, ReadLog(fs, path));
    logs.push_back(std::move(log));
  }
  return logs;
}

Status Truncate(rocksdb::FileSystem* fs, const std::string& path, uint64_t bytes) {
  const rocksdb::IOOptions io;
  const std::string context = absl::StrCat("cannot cut '", path, "'");
  std::unique_ptr<rocksdb::FSWritableFile> file;
  RETURN_IF_ERROR(FromRocks(fs->ReopenWritableFile(path, rocksdb::FileOptions(), &file, nullptr), context));
  RETURN_IF_ERROR(FromRocks(file->Truncate(bytes, io, nullptr), context));
  RETURN_IF_ERROR(FromRocks(file->Fsync(io, nullptr), context));
  return FromRocks(file->Close(io, nullptr), context);
}

Status LogIsDamaged(const LogFile& log, uint64_t synced) {
  return Corruption(absl::StrCat("'", log.path, "' is damaged at byte ", log.good_bytes, " of ", log.bytes,
                                 ", before the end of what was synced (change ", synced, ")"));
}

bool ShorterThanSynced(const LogFile& log, const SyncedState& mark) {
  return log.number == mark.log_number && log.good_bytes < mark.log_bytes;
}

// Was any of what the damage of `log` hides synced?
bool DamageHidesSynced(const LogFile& log, uint64_t synced) {
  if (log.next.has_value()) return synced >= *log.next;
  // The very first record is gone; what is hidden ends before the next record that can be read. Without one, nothing
  // tells what was there, and the opened store is asked whether it reaches `synced` all the same.
  return log.after_damage.has_value() && synced + 1 >= *log.after_damage;
}

Status PrepareManifest(rocksdb::FileSystem* fs, const std::string& directory, const SyncedState& mark) {
  std::string name, content;
  const std::string current = directory + "/CURRENT";
  RETURN_IF_ERROR(CannotRead(ReadFileToString(fs, current, &name), current));
  while (!name.empty() && name.back() == '\n') name.pop_back();
  const uint64_t number = ManifestNumber(name);
  if (number == 0) return Corruption(absl::StrCat("'", current, "' is damaged: it names no manifest"));
  const std::string path = absl::StrCat(directory, "/", name);
  if (!fs->FileExists(path, rocksdb::IOOptions(), nullptr).ok()) {
    return Corruption(absl::StrCat("'", path, "' is missing; '", current, "' names it"));
  }
  RETURN_IF_ERROR(CannotRead(ReadFileToString(fs, path, &content), path));
  const LogExtent extent = ScanLog(content, [](const LogRecord&) {});
  if (extent.good_bytes == 0 || (number == mark.manifest_number && extent.good_bytes < mark.manifest_bytes)) {
    return Corruption(absl::StrCat("'", path, "' is damaged at byte ", extent.good_bytes, " of ", content.size(),
                                   ", before the end of what was synced"));
  }
  return extent.damaged ? Truncate(fs, path, extent.good_bytes) : OkStatus();
}

}  // namespace

std::string SyncNote(uint64_t synced_sequence) {
  std::string note;
  AppendFixed64(kNoteMagic, &note);
  AppendFixed64(synced_sequence, &note);
  return note;
}

Result<uint64_t> PrepareLogs(rocksdb::FileSystem* fs, const std::string& directory, const SyncedState& mark) {
  RETURN_IF_ERROR(PrepareManifest(fs, directory, mark));
  ASSIGN_OR_RETURN(const std::vector<LogFile> logs, ReadLogs(fs, directory));
  uint64_t synced = mark.sequence;
  for (const LogFile& log : logs) synced = std::max(synced, log.synced);

  // First all checks, then the first change.
  std::optional<size_t> cut;
  for (size_t i = 0; i < logs.size() && !cut.has_value(); ++i) {
    if (ShorterThanSynced(logs[i], mark)) return LogIsDamaged(logs[i], synced);
    if (!logs[i].damaged) continue;
    if (DamageHidesSynced(logs[i], synced)) return LogIsDamaged(logs[i], synced);
    cut = i;
  }
  if (!cut.has_value()) return synced;
  // A sync covers all logs: nothing before a synced change can be damaged by a power cut.
  for (size_t i = *cut + 1; i < logs.size(); ++i)
    if (logs[i].first.has_value() && *logs[i].first <= synced) return LogIsDamaged(logs[*cut], synced);
  RETURN_IF_ERROR(Truncate(fs, logs[*cut].path, logs[*cut].good_bytes));
  // Changes behind a lost one must not be applied: they were not acknowledged as synced either.
  for (size_t i = *cut + 1; i < logs.size(); ++i) RETURN_IF_ERROR(Truncate(fs, logs[i].path, 0));
  return synced;
}

Status CutLogs(rocksdb::FileSystem* fs, const std::string& directory, uint64_t last) {
  std::vector<std::string> names;
  const rocksdb::IOStatus listed = fs->GetChildren(directory, rocksdb::IOOptions(), &names, nullptr);
  RETURN_IF_ERROR(FromRocks(listed, absl::StrCat("cannot list '", directory, "'")));
  for (const std::string& name : names) {
    if (LogNumber(name) == 0) continue;
    const std::string path = absl::StrCat(directory, "/", name);
    std::string content;
    const rocksdb::IOStatus read = ReadFileToString(fs, path, &content);
    if (read.IsPathNotFound() || read.IsNotFound()) continue;  // an old one, deleted meanwhile
    RETURN_IF_ERROR(CannotRead(read, path));
    uint64_t keep = 0;
    bool over = false;
    ScanLog(content, [&](const LogRecord& record) {
      const std::optional<Batch> batch = ParseBatch(record.payload);
      over = over || record.after_damage || !batch.has_value() || batch->next > last + 1;
      if (!over) keep = record.end;
    });
    if (keep < content.size()) RETURN_IF_ERROR(Truncate(fs, path, keep));
  }
  return OkStatus();
}

rocksdb::WalFilter::WalProcessingOption ReplayWatch::LogRecordFound(unsigned long long, const std::string&,
                                                                    const rocksdb::WriteBatch& batch,
                                                                    rocksdb::WriteBatch*, bool*) {
  const std::optional<Batch> parsed = ParseBatch(batch.Data());
  if (!parsed.has_value()) return WalProcessingOption::kCorruptedRecord;
  if (next_.has_value() && parsed->sequence != *next_) {
    return synced_ >= *next_ ? WalProcessingOption::kCorruptedRecord : WalProcessingOption::kStopReplay;
  }
  next_ = parsed->next;
  return WalProcessingOption::kContinueProcessing;
}

}  // namespace sextant::storage
