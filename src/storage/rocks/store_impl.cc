#include "storage/rocks/store_impl.h"

#include <rocksdb/convenience.h>
#include <rocksdb/system_clock.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "runtime/log.h"
#include "storage/file_system.h"
#include "storage/rocks/status.h"
#include "storage/rocks/store_recovery.h"
#include "storage/rocks/write_batch_impl.h"

namespace sextant::storage {
namespace {

// RocksDB's own log file is not written (a descriptor and megabytes for each of thousands of stores); its errors go to
// the server's log.
class ErrorLogger : public rocksdb::Logger {
 public:
  explicit ErrorLogger(std::string directory)
      : rocksdb::Logger(rocksdb::InfoLogLevel::ERROR_LEVEL), directory_(std::move(directory)) {}
  ~ErrorLogger() override { Close().PermitUncheckedError(); }

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char text[1024];
    vsnprintf(text, sizeof(text), format, arguments);
    LogWarning(absl::StrCat("store in '", directory_, "': ", text));
  }
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level >= rocksdb::InfoLogLevel::ERROR_LEVEL && level < rocksdb::InfoLogLevel::HEADER_LEVEL) {
      Logv(format, arguments);
    }
  }
  void LogHeader(const char*, va_list) override {}

 private:
  rocksdb::Status CloseImpl() override { return rocksdb::Status::OK(); }
  std::string directory_;
};

// Deleting this key changes nothing and is seen by nobody: it is longer than any that is ever put.
std::string KeyOfNothing() {
  return std::string(256, '\xff');
}

rocksdb::IOStatus SyncDirectory(rocksdb::FileSystem* fs, const std::string& directory) {
  std::unique_ptr<rocksdb::FSDirectory> opened;
  rocksdb::IOStatus status = fs->NewDirectory(directory, rocksdb::IOOptions(), &opened, nullptr);
  return status.ok() ? opened->Fsync(rocksdb::IOOptions(), nullptr) : status;
}

// A thread of RocksDB that meets an error sleeps for a second, which nobody needs: nothing is tried again before the
// store resumes, and the thread is shared by all stores. The short pauses that slow writers down are kept.
class ShortSleeps : public rocksdb::SystemClockWrapper {
 public:
  ShortSleeps() : rocksdb::SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "SextantShortSleeps"; }
  void SleepForMicroseconds(int micros) override { target_->SleepForMicroseconds(std::min(micros, 10'000)); }
};

// The process's threads over one store's files.
class StoreEnv : public rocksdb::EnvWrapper {
 public:
  explicit StoreEnv(const std::shared_ptr<StoreFiles>& files) : rocksdb::EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;
    system_clock_ = std::make_shared<ShortSleeps>();
  }
  const char* Name() const override { return "SextantStoreEnv"; }
};

std::unique_ptr<rocksdb::Env> MakeStoreEnv(const std::shared_ptr<StoreFiles>& files) {
  return std::make_unique<StoreEnv>(files);
}

}  // namespace

Store::Impl::Impl(StoreEnvironment::Impl* shared_environment, std::string store_directory)
    : environment(shared_environment),
      directory(std::move(store_directory)),
      files(std::make_shared<StoreFiles>(environment->file_system)),
      env(MakeStoreEnv(files)) {}

Store::Impl::~Impl() {
  if (db == nullptr) return;
  if (mark != nullptr && usable && !failed && !background_errors->pending()) {
    // Commits that were not synced are kept too when the store is closed in order.
    if (db->SyncWAL().ok()) {
      const LogPosition log = files->log_position();
      mark->SetLog(acknowledged, log.number, log.bytes);
    }
  }
  for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  const rocksdb::Status closed = db->Close();
  if (!closed.ok()) LogWarning(std::string(FromRocks(closed, Doing("close")).message()));
  db.reset();
  files->set_mark(nullptr);
  if (mark != nullptr && usable) mark->Sync().IgnoreError();  // an old mark only checks less
  if (!environment->in_memory) return;
  rocksdb::Options options;
  options.env = env.get();
  rocksdb::DestroyDB(directory, options, environment->FamilyDescriptors()).PermitUncheckedError();
}

std::string Store::Impl::Doing(std::string_view what) const {
  return absl::StrCat("cannot ", std::string(what), " the store in '", directory, "'");
}

Status Store::Impl::Open(bool create) {
  if (environment->in_memory) {
    const rocksdb::IOStatus made = files->CreateDirIfMissing(directory, rocksdb::IOOptions(), nullptr);
    RETURN_IF_ERROR(FromRocks(made, Doing("make")));
    return OpenDatabase(0, /*fresh=*/true);
  }
  RETURN_IF_ERROR(FindOrMakeFiles(create));
  ASSIGN_OR_RETURN(mark, SyncedMark::Open(files.get(), directory));
  ASSIGN_OR_RETURN(const uint64_t reached, PrepareLogs(files.get(), directory, mark->state()));
  RETURN_IF_ERROR(OpenDatabase(reached, /*fresh=*/false));
  RETURN_IF_ERROR(CheckOpened(reached));
  const LogPosition log = files->log_position();
  mark->SetLog(acknowledged, log.number, log.bytes);
  usable = true;
  return OkStatus();
}

// A store is whole from the moment its mark exists. Without one, either nothing was ever committed (a creation that was
// interrupted: it is simply done again) or the mark was lost.
Status Store::Impl::FindOrMakeFiles(bool create) {
  const rocksdb::IOOptions io;
  const auto exists = [&](const std::string& name) {
    return files->FileExists(directory + "/" + name, io, nullptr).ok();
  };
  const bool marked = exists(SyncedMark::kName), current = exists("CURRENT");
  if (marked && !current) return Corruption(absl::StrCat("'", directory, "/CURRENT' is missing"));
  if (marked) return OkStatus();
  if (!create && !current) return NotFound(absl::StrCat("there is no store in '", directory, "'"));

  std::vector<std::string> names;
  files->GetChildren(directory, io, &names, nullptr).PermitUncheckedError();  // absent, most often
  for (const std::string& name : names) {
    // A creation flushes nothing and logs nothing.
    uint64_t bytes = 0;
    const std::string path = absl::StrCat(directory, "/", name);
    const bool log = LogNumber(name) != 0 && files->GetFileSize(path, io, &bytes, nullptr).ok() && bytes > 0;
    if (log || name.ends_with(".sst") || name.ends_with(".blob")) {
      return Corruption(absl::StrCat("'", directory, "/", SyncedMark::kName, "' is missing beside '", name, "'"));
    }
  }
  if (!create) return NotFound(absl::StrCat("the store in '", directory, "' was never finished"));
  RETURN_IF_ERROR(
      MakePosixFileSystem()->CreateDirs(directory));  // private and durable, which RocksDB would not make it
  RETURN_IF_ERROR(FromRocks(files->CreateDirIfMissing(directory, io, nullptr), Doing("make")));
  for (const std::string& name : names) {
    if (name != "." && name != "..") {
      const rocksdb::IOStatus deleted = files->DeleteFile(directory + "/" + name, io, nullptr);
      RETURN_IF_ERROR(FromRocks(deleted, Doing("clear")));
    }
  }
  RETURN_IF_ERROR(OpenDatabase(0, /*fresh=*/true));
  for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  families.clear();
  RETURN_IF_ERROR(FromRocks(db->Close(), Doing("make")));
  db.reset();
  RETURN_IF_ERROR(FromRocks(SyncDirectory(files.get(), directory), Doing("make")));
  return SyncedMark::Create(files.get(), directory);
}

Status Store::Impl::OpenDatabase(uint64_t reached, bool fresh) {
  return Fenced(Doing("open"), [&]() -> Status {
    ReplayWatch watch(reached);
    rocksdb::DBOptions options = environment->DatabaseOptions();
    options.env = env.get();
    options.create_if_missing = fresh;
    options.create_missing_column_families = fresh;
    options.info_log = std::make_shared<ErrorLogger>(directory);
    options.listeners.push_back(background_errors);
    if (!environment->in_memory) options.wal_filter = &watch;
    files->set_mark(mark.get());
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(options, directory, environment->FamilyDescriptors(), &families, &opened);
    db.reset(opened);
    // A store that is whole but cannot be opened because files are not what the manifest says.
    if (status.IsInvalidArgument() || status.IsPathNotFound() || status.IsNotFound()) {
      return Corruption(absl::StrCat(Doing("open"), ": ", status.ToString()));
    }
    RETURN_IF_ERROR(FromRocks(status, Doing("open")));
    for (size_t i = 0; i < families.size(); ++i) {
      if (families[i]->GetID() != i) return Corruption(absl::StrCat(Doing("open"), ": its families are out of order"));
    }
    acknowledged = synced = db->GetLatestSequenceNumber();  // recovery has flushed what it replayed
    return OkStatus();
  });
}

Status Store::Impl::CheckOpened(uint64_t reached) const {
  if (acknowledged < reached) {
    return Corruption(absl::StrCat("the store in '", directory, "' ends at change ", acknowledged, " although change ",
                                   reached, " was synced: a log or manifest was cut short or is missing"));
  }
  return CheckBlobFiles();
}

// RocksDB itself checks only that the table files are there.
Status Store::Impl::CheckBlobFiles() const {
  for (rocksdb::ColumnFamilyHandle* family : families) {
    rocksdb::ColumnFamilyMetaData metadata;
    db->GetColumnFamilyMetaData(family, &metadata);
    for (const rocksdb::BlobMetaData& blob : metadata.blob_files) {
      const std::string path = absl::StrCat(directory, "/", blob.blob_file_name);
      uint64_t bytes = 0;
      const rocksdb::IOStatus status = files->GetFileSize(path, rocksdb::IOOptions(), &bytes, nullptr);
      if (!status.ok()) return Corruption(absl::StrCat("'", path, "' is missing: ", status.ToString()));
      if (bytes != blob.blob_file_size) {
        return Corruption(
            absl::StrCat("'", path, "' is damaged: it has ", bytes, " bytes, expected ", blob.blob_file_size));
      }
    }
  }
  return OkStatus();
}

Status Store::Impl::Commit(WriteBatch::Impl* batch, bool sync) {
  const std::lock_guard lock(commit_mutex);
  RETURN_IF_ERROR(FromRocks(batch->error, Doing("write to")));
  if (failed || background_errors->pending()) RETURN_IF_ERROR(Recover());
  const uint64_t log_writes = files->log_writes();
  files->set_committer(std::this_thread::get_id());
  Status status = Write(batch, sync);
  files->set_committer(std::thread::id());
  if (status.ok()) {
    acknowledged = db->GetLatestSequenceNumber();
    if (sync && mark != nullptr) {
      synced = acknowledged;
      const LogPosition log = files->log_position();
      mark->SetLog(synced, log.number, log.bytes);
    }
    return status;
  }
  failed = true;
  if (mark != nullptr && (files->log_writes() != log_writes || WritesToDeadLog())) {
    files->KillLogs();
    log_uncut = true;
    if (const Status cut = CutLog(); !cut.ok()) {
      status = Annotate(status, absl::StrCat("the failed write may be there after a restart (", cut.message(), ")"));
    }
  }
  return status;
}

Status Store::Impl::Write(WriteBatch::Impl* batch, bool sync) {
  return Fenced(Doing("write to"), [&]() -> Status {
    rocksdb::WriteOptions options;
    if (mark == nullptr) {
      options.disableWAL = true;
      return FromRocks(db->Write(options, &batch->batch), Doing("write to"));
    }
    if (batch->batch.Count() == 0) {
      return sync ? FromRocks(db->SyncWAL(), Doing("sync")) : OkStatus();
    }
    options.sync = sync;
    RETURN_IF_ERROR(FromRocks(batch->batch.PutLogData(SyncNote(synced)), Doing("write to")));
    return FromRocks(db->Write(options, &batch->batch), Doing("write to"));
  });
}

Status Store::Impl::CutLog() {
  RETURN_IF_ERROR(CutLogs(files.get(), directory, acknowledged));
  log_uncut = false;
  return OkStatus();
}

// A resume waits for the background jobs to end, and while the disk refuses files those fail and start again without
// end. So a small file is tried first.
Status Store::Impl::ProbeDisk() {
  const std::string path = directory + "/PROBE";
  const rocksdb::IOOptions io;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files->NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (status.ok()) status = file->Append(std::string(64 << 10, '\0'), io, nullptr);
  if (status.ok()) status = file->Sync(io, nullptr);
  if (file != nullptr) file->Close(io, nullptr).PermitUncheckedError();
  if (file != nullptr) files->DeleteFile(path, io, nullptr).PermitUncheckedError();
  return FromRocks(status, Doing("recover"));
}

Status Store::Impl::Recover() {
  if (mark != nullptr) RETURN_IF_ERROR(ProbeDisk());
  if (log_uncut) RETURN_IF_ERROR(CutLog());
  return Fenced(Doing("recover"), [&]() -> Status {
    if (!CanFlush()) {
      return Internal(absl::StrCat(Doing("recover"), ": RocksDB lost track of a flush; the store must be reopened"));
    }
    Status status = Resume();
    if (status.ok() && WritesToDeadLog()) status = BeginNewLog();
    failed = !status.ok();
    if (status.ok()) synced = acknowledged;  // all of it was flushed
    return status;
  });
}

// Writes all memtables to files and begins a new log; with nothing in memory, only forgets the error.
Status Store::Impl::Resume() {
  background_errors->Clear();
  files->set_recovering(true);
  const rocksdb::Status status = db->Resume();
  files->set_recovering(false);
  return FromRocks(status, Doing("recover"));
}

// RocksDB 7.8 forgets to give up an atomic flush when another job fails at the wrong moment. Waiting for that flush, as
// Resume would, never ends.
bool Store::Impl::CanFlush() const {
  if (!db->PauseBackgroundWork().ok()) return false;  // waits for the running jobs
  bool can = true;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    uint64_t waiting = 0, pending = 0;
    db->GetIntProperty(family, rocksdb::DB::Properties::kNumImmutableMemTable, &waiting);
    db->GetIntProperty(family, rocksdb::DB::Properties::kMemTableFlushPending, &pending);
    if (waiting > 0 && pending == 0) can = false;
  }
  db->ContinueBackgroundWork().PermitUncheckedError();
  return can;
}

bool Store::Impl::WritesToDeadLog() const {
  std::unique_ptr<rocksdb::LogFile> log;
  return !db->GetCurrentWalFile(&log).ok() || log->LogNumber() <= files->dead_through();
}

// RocksDB leaves a log with an error behind only while it recovers, and only if there is something to flush. So that
// there is, a deletion of nothing goes to memory; so that it recovers, a flush is made to fail where that harms
// nothing. (Touching the log itself outside of a recovery would trip an assertion of RocksDB.)
Status Store::Impl::BeginNewLog() {
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  RETURN_IF_ERROR(FromRocks(db->Delete(unlogged, KeyOfNothing()), Doing("recover")));
  files->set_refusing_logs(true);
  db->Flush(rocksdb::FlushOptions(), families).PermitUncheckedError();
  files->set_refusing_logs(false);
  RETURN_IF_ERROR(Resume());
  if (WritesToDeadLog()) return Internal(absl::StrCat(Doing("recover"), ": it did not begin a new log"));
  return OkStatus();
}

Status Store::Impl::CompactFamily(int family, const rocksdb::Slice* begin, const rocksdb::Slice* end) {
  RETURN_IF_ERROR(FlushBetweenCommits());
  return Fenced(Doing("compact"), [&]() -> Status {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
    options.blob_garbage_collection_age_cutoff = 1.0;
    options.allow_write_stall = false;
    return FromRocks(db->CompactRange(options, families[static_cast<size_t>(family)], begin, end), Doing("compact"));
  });
}

// A flush of RocksDB 7.8 that is scheduled but not running when a commit fails leaves its request in the queue without
// the permission to run it, and whoever waits for a flush afterwards waits for ever. So a compaction flushes what it
// needs while no commit can fail.
Status Store::Impl::FlushBetweenCommits() {
  const std::lock_guard lock(commit_mutex);
  if (failed || background_errors->pending()) return Internal(absl::StrCat(Doing("compact"), ": it has to recover"));
  return Fenced(Doing("compact"),
                [&]() -> Status { return FromRocks(db->Flush(rocksdb::FlushOptions(), families), Doing("compact")); });
}

}  // namespace sextant::storage
