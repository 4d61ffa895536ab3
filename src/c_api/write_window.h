#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "base/status.h"
#include "service/service.h"
#include "shard/operation.h"

namespace sextant::c_api {

// What: writes to one collection, a few under way at a time: the next one is made while earlier ones wait for the disk.
// Threads: one; answers come from the service's.
// Errors: after the first failed write none is started.
class WriteWindow {
 public:
  WriteWindow(service::Service* service, std::string collection);
  // Waits for the writes under way.
  ~WriteWindow();
  WriteWindow(const WriteWindow&) = delete;
  WriteWindow& operator=(const WriteWindow&) = delete;

  // Waits until there is room. False once a write has failed; the operation is dropped then.
  bool Push(shard::Operation operation);
  // Waits for all; the first error, or what the last one to end was answered.
  Result<service::UpdateResult> Finish();

 private:
  static constexpr int kUnderWay = 4;

  service::Service* service_;
  std::string collection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int under_way_ = 0;           // guarded by mutex_
  Status status_;               // guarded by mutex_
  service::UpdateResult last_;  // guarded by mutex_
};

}  // namespace sextant::c_api
