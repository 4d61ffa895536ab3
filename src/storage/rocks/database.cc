#include "storage/rocks/database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/system_clock.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/log.h"
#include "storage/rocks/status.h"
#include "storage/rocks/store_recovery.h"

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

// A thread of RocksDB that meets an error sleeps for a second, which nobody needs: nothing is tried again before the
// store is opened again, and the thread is shared by all stores. The short pauses that slow writers down are kept.
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

}  // namespace

Database::Database(Options options)
    : options_(std::move(options)),
      files_(std::make_shared<StoreFiles>(options_.environment->file_system, options_.mark)),
      env_(std::make_unique<StoreEnv>(files_)) {
  // Opening lets a background thread remove all that the manifest does not name.
  files_->set_keeping_tables(options_.keep_files);
}

Result<std::shared_ptr<Database>> Database::Open(const Options& options) {
  std::shared_ptr<Database> database(new Database(options));  // the constructor is private
  const std::string context = absl::StrCat("cannot open the store in '", options.directory, "'");
  RETURN_IF_ERROR(Fenced(context, [&] { return database->OpenRocks(); }));
  return database;
}

Status Database::OpenRocks() {
  const std::string context = absl::StrCat("cannot open the store in '", options_.directory, "'");
  ReplayWatch watch(options_.reached);
  rocksdb::DBOptions options = options_.environment->DatabaseOptions();
  options.env = env_.get();
  options.create_if_missing = options_.fresh;
  options.create_missing_column_families = options_.fresh;
  options.info_log = std::make_shared<ErrorLogger>(options_.directory);
  options.listeners.push_back(background_errors_);
  if (!options_.environment->in_memory) options.wal_filter = &watch;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, options_.directory, options_.environment->FamilyDescriptors(), &families_, &opened);
  db_.reset(opened);
  // A store that is whole but cannot be opened because files are not what the manifest says.
  if (status.IsInvalidArgument() || status.IsPathNotFound() || status.IsNotFound()) {
    return Corruption(absl::StrCat(context, ": ", status.ToString()));
  }
  RETURN_IF_ERROR(FromRocks(status, context));
  for (size_t i = 0; i < families_.size(); ++i) {
    if (families_[i]->GetID() != i) return Corruption(absl::StrCat(context, ": its families are out of order"));
  }
  if (options_.keep_files) db_->DisableFileDeletions().PermitUncheckedError();  // cannot fail
  return OkStatus();
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  const rocksdb::Status closed = db_->Close();
  if (!closed.ok() && !retired_ && !refuses_writes()) {
    LogWarning(absl::StrCat("cannot close the store in '", options_.directory, "': ", closed.ToString()));
  }
  if (successor_ == nullptr) return;
  successor_->files_->set_keeping_tables(false);
  successor_->db_->EnableFileDeletions(/*force=*/false).PermitUncheckedError();  // looks for all that is left over
}

Status Database::Check() const {
  if (const uint64_t last = db_->GetLatestSequenceNumber(); last < options_.reached) {
    return Corruption(absl::StrCat("the store in '", options_.directory, "' ends at change ", last, " although change ",
                                   options_.reached, " was synced: a log or manifest was cut short or is missing"));
  }
  // RocksDB itself checks only that the table files are there.
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    rocksdb::ColumnFamilyMetaData metadata;
    db_->GetColumnFamilyMetaData(family, &metadata);
    for (const rocksdb::BlobMetaData& blob : metadata.blob_files) {
      const std::string path = absl::StrCat(options_.directory, "/", blob.blob_file_name);
      uint64_t bytes = 0;
      const rocksdb::IOStatus status = files_->GetFileSize(path, rocksdb::IOOptions(), &bytes, nullptr);
      if (!status.ok()) return Corruption(absl::StrCat("'", path, "' is missing: ", status.ToString()));
      if (bytes != blob.blob_file_size) {
        return Corruption(
            absl::StrCat("'", path, "' is damaged: it has ", bytes, " bytes, expected ", blob.blob_file_size));
      }
    }
  }
  return OkStatus();
}

void Database::Retire() {
  if (retired_) return;
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
  files_->Retire();
  retired_ = true;
}

void Database::KeepFilesOf(std::shared_ptr<Database> successor) {
  successor_ = std::move(successor);
}

}  // namespace sextant::storage
