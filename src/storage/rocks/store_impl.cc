#include "storage/rocks/store_impl.h"

#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/file_system.h"
#include "storage/rocks/status.h"
#include "storage/rocks/store_recovery.h"
#include "storage/rocks/write_batch_impl.h"

namespace sextant::storage {
namespace {

rocksdb::IOStatus SyncDirectory(rocksdb::FileSystem* fs, const std::string& directory) {
  std::unique_ptr<rocksdb::FSDirectory> opened;
  rocksdb::IOStatus status = fs->NewDirectory(directory, rocksdb::IOOptions(), &opened, nullptr);
  return status.ok() ? opened->Fsync(rocksdb::IOOptions(), nullptr) : status;
}

}  // namespace

Store::Impl::Impl(StoreEnvironment::Impl* shared_environment, std::string store_directory)
    : environment(shared_environment), directory(std::move(store_directory)), file_system(environment->file_system) {}

Store::Impl::~Impl() {
  if (mark != nullptr && published != nullptr && !failed && !published->refuses_writes()) {
    // Commits that were not synced are kept too when the store is closed in order.
    if (published->rocks()->SyncWAL().ok()) {
      const LogPosition log = published->files().log_position();
      mark->SetLog(acknowledged, log.number, log.bytes);
    }
  }
  const bool opened = published != nullptr;
  published.reset();
  if (mark != nullptr && opened) mark->Sync().IgnoreError();  // an old mark only checks less
  if (lock != nullptr) file_system->UnlockFile(lock, rocksdb::IOOptions(), nullptr).PermitUncheckedError();
  if (!environment->in_memory) return;
  rocksdb::Options options;
  options.env = environment->memory_env.get();
  rocksdb::DestroyDB(directory, options, environment->FamilyDescriptors()).PermitUncheckedError();
}

std::string Store::Impl::Doing(std::string_view what) const {
  return absl::StrCat("cannot ", std::string(what), " the store in '", directory, "'");
}

std::shared_ptr<Database> Store::Impl::database() const {
  const std::lock_guard guard(database_mutex);
  return published;
}

void Store::Impl::Publish(std::shared_ptr<Database> opened) {
  const std::lock_guard guard(database_mutex);
  published.swap(opened);
}

Status Store::Impl::Lock() {
  if (lock != nullptr) return OkStatus();
  const rocksdb::IOStatus status =
      file_system->LockFile(absl::StrCat(directory, "/LOCK"), rocksdb::IOOptions(), &lock, nullptr);
  return FromRocks(status, Doing("lock"));
}

Status Store::Impl::Open(bool create) {
  if (environment->in_memory) {
    const rocksdb::IOStatus made = file_system->CreateDirIfMissing(directory, rocksdb::IOOptions(), nullptr);
    RETURN_IF_ERROR(FromRocks(made, Doing("make")));
    RETURN_IF_ERROR(Lock());
    ASSIGN_OR_RETURN(auto opened, Database::Open({.environment = environment, .directory = directory, .fresh = true}));
    acknowledged = synced = opened->rocks()->GetLatestSequenceNumber();
    Publish(std::move(opened));
    return OkStatus();
  }
  RETURN_IF_ERROR(FindOrMakeFiles(create));
  RETURN_IF_ERROR(Lock());
  ASSIGN_OR_RETURN(mark, SyncedMark::Open(file_system.get(), directory));
  ASSIGN_OR_RETURN(auto opened, OpenDatabase(/*keep_files=*/false));
  acknowledged = opened->rocks()->GetLatestSequenceNumber();
  Publish(std::move(opened));
  return OkStatus();
}

// Opening has flushed what it replayed, so the old logs can go. They have to: one whose sync had failed would look
// damaged after a power cut, and RocksDB itself leaves them until the store is opened once more.
Status Store::Impl::RemoveLogsBefore(uint64_t number) {
  const rocksdb::IOOptions io;
  std::vector<std::string> names;
  RETURN_IF_ERROR(FromRocks(file_system->GetChildren(directory, io, &names, nullptr), Doing("list")));
  for (const std::string& name : names) {
    if (LogNumber(name) == 0 || LogNumber(name) >= number) continue;
    const rocksdb::IOStatus deleted = file_system->DeleteFile(absl::StrCat(directory, "/", name), io, nullptr);
    if (deleted.IsPathNotFound() || deleted.IsNotFound()) continue;  // RocksDB was faster
    RETURN_IF_ERROR(FromRocks(deleted, Doing("remove an old log of")));
  }
  return FromRocks(SyncDirectory(file_system.get(), directory), Doing("remove old logs of"));
}

Result<std::shared_ptr<Database>> Store::Impl::OpenDatabase(bool keep_files) {
  ASSIGN_OR_RETURN(const uint64_t reached, PrepareLogs(file_system.get(), directory, mark->state()));
  ASSIGN_OR_RETURN(auto opened, Database::Open({.environment = environment,
                                                .directory = directory,
                                                .mark = mark.get(),
                                                .reached = reached,
                                                .keep_files = keep_files}));
  RETURN_IF_ERROR(opened->Check());
  synced = opened->rocks()->GetLatestSequenceNumber();
  const LogPosition log = opened->files().log_position();
  mark->SetLog(synced, log.number, log.bytes);
  RETURN_IF_ERROR(RemoveLogsBefore(log.number));
  return opened;
}

// A store is whole from the moment its mark exists. Without one, either nothing was ever committed (a creation that was
// interrupted: it is simply done again) or the mark was lost.
Status Store::Impl::FindOrMakeFiles(bool create) {
  const rocksdb::IOOptions io;
  const auto exists = [&](const std::string& name) {
    return file_system->FileExists(directory + "/" + name, io, nullptr).ok();
  };
  const bool marked = exists(SyncedMark::kName), current = exists("CURRENT");
  if (marked && !current) return Corruption(absl::StrCat("'", directory, "/CURRENT' is missing"));
  if (marked) return OkStatus();
  if (!create && !current) return NotFound(absl::StrCat("there is no store in '", directory, "'"));

  std::vector<std::string> names;
  file_system->GetChildren(directory, io, &names, nullptr).PermitUncheckedError();  // absent, most often
  for (const std::string& name : names) {
    // A creation flushes nothing and logs nothing.
    uint64_t bytes = 0;
    const std::string path = absl::StrCat(directory, "/", name);
    const bool log = LogNumber(name) != 0 && file_system->GetFileSize(path, io, &bytes, nullptr).ok() && bytes > 0;
    if (log || name.ends_with(".sst") || name.ends_with(".blob")) {
      return Corruption(absl::StrCat("'", directory, "/", SyncedMark::kName, "' is missing beside '", name, "'"));
    }
  }
  if (!create) return NotFound(absl::StrCat("the store in '", directory, "' was never finished"));
  // Private and durable, which RocksDB would not make it.
  RETURN_IF_ERROR(MakePosixFileSystem()->CreateDirs(directory));
  RETURN_IF_ERROR(FromRocks(file_system->CreateDirIfMissing(directory, io, nullptr), Doing("make")));
  for (const std::string& name : names) {
    if (name != "." && name != "..") {
      const rocksdb::IOStatus deleted = file_system->DeleteFile(directory + "/" + name, io, nullptr);
      RETURN_IF_ERROR(FromRocks(deleted, Doing("clear")));
    }
  }
  return MakeFiles();
}

Status Store::Impl::MakeFiles() {
  RETURN_IF_ERROR(Lock());
  RETURN_IF_ERROR(
      Database::Open({.environment = environment, .directory = directory, .fresh = true}).status());  // and close it
  RETURN_IF_ERROR(FromRocks(SyncDirectory(file_system.get(), directory), Doing("make")));
  return SyncedMark::Create(file_system.get(), directory);
}

Status Store::Impl::Commit(WriteBatch::Impl* batch, bool sync) {
  const std::lock_guard guard(commit_mutex);
  RETURN_IF_ERROR(FromRocks(batch->error, Doing("write to")));
  if (failed || published->refuses_writes()) RETURN_IF_ERROR(Recover());
  StoreFiles& files = published->files();
  const uint64_t log_writes = files.log_writes();
  Status status = Write(batch, sync);
  if (status.ok()) {
    acknowledged = published->rocks()->GetLatestSequenceNumber();
    if (sync && mark != nullptr) {
      synced = acknowledged;
      const LogPosition log = files.log_position();
      mark->SetLog(synced, log.number, log.bytes);
    }
    return status;
  }
  failed = true;
  if (mark == nullptr) return status;
  files.KillLogs();
  if (files.log_writes() != log_writes) {
    log_uncut = true;
    if (const Status cut = CutLog(); !cut.ok()) {
      status = Annotate(status, absl::StrCat("the failed write may be there after a restart (", cut.message(), ")"));
    }
  }
  return status;
}

Status Store::Impl::Write(WriteBatch::Impl* batch, bool sync) {
  rocksdb::DB* const rocks = published->rocks();
  return Fenced(Doing("write to"), [&]() -> Status {
    rocksdb::WriteOptions options;
    if (mark == nullptr) {
      options.disableWAL = true;
      return FromRocks(rocks->Write(options, &batch->batch), Doing("write to"));
    }
    if (batch->batch.Count() == 0) {
      return sync ? FromRocks(rocks->SyncWAL(), Doing("sync")) : OkStatus();
    }
    options.sync = sync;
    RETURN_IF_ERROR(FromRocks(batch->batch.PutLogData(SyncNote(synced)), Doing("write to")));
    return FromRocks(rocks->Write(options, &batch->batch), Doing("write to"));
  });
}

Status Store::Impl::CutLog() {
  RETURN_IF_ERROR(CutLogs(file_system.get(), directory, acknowledged));
  log_uncut = false;
  return OkStatus();
}

// Opening writes files. While the disk takes none, that is found out here, which costs little.
Status Store::Impl::ProbeDisk() {
  const std::string path = directory + "/PROBE";
  const rocksdb::IOOptions io;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = file_system->NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (status.ok()) status = file->Append(std::string(64 << 10, '\0'), io, nullptr);
  if (status.ok()) status = file->Sync(io, nullptr);
  if (file != nullptr) file->Close(io, nullptr).PermitUncheckedError();
  if (file != nullptr) file_system->DeleteFile(path, io, nullptr).PermitUncheckedError();
  return FromRocks(status, Doing("recover"));
}

Status Store::Impl::Recover() {
  if (mark == nullptr) return Internal(absl::StrCat(Doing("write to"), ": an earlier write failed"));
  failed = true;
  RETURN_IF_ERROR(ProbeDisk());
  if (log_uncut) RETURN_IF_ERROR(CutLog());
  published->Retire();
  ASSIGN_OR_RETURN(auto opened, OpenDatabase(/*keep_files=*/true));
  if (const uint64_t last = opened->rocks()->GetLatestSequenceNumber(); last != acknowledged) {
    opened->Retire();
    return Internal(absl::StrCat(Doing("recover"), ": it ends at change ", last, " instead of ", acknowledged,
                                 "; changes that were not synced are lost, and the server must be started again"));
  }
  published->KeepFilesOf(opened);
  Publish(std::move(opened));
  failed = false;
  return OkStatus();
}

Status Store::Impl::CompactFamily(Family family, const rocksdb::Slice* begin, const rocksdb::Slice* end) {
  const std::shared_ptr<Database> target = database();
  return Fenced(Doing("compact"), [&]() -> Status {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
    options.blob_garbage_collection_age_cutoff = 1.0;
    options.allow_write_stall = false;
    return FromRocks(target->rocks()->CompactRange(options, target->family(family), begin, end), Doing("compact"));
  });
}

}  // namespace sextant::storage
