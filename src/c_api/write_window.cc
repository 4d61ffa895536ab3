#include "c_api/write_window.h"

#include <utility>

namespace sextant::c_api {

WriteWindow::WriteWindow(service::Service* service, std::string collection)
    : service_(service), collection_(std::move(collection)) {}

WriteWindow::~WriteWindow() {
  Finish().status().IgnoreError();
}

bool WriteWindow::Push(shard::Operation operation) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ < kUnderWay; });
    if (!status_.ok()) return false;
    ++under_way_;
  }
  service_->Write(collection_, std::move(operation), {.wait = true},
                  [this](const Result<service::UpdateResult>& result) {
                    const std::lock_guard lock(mutex_);
                    --under_way_;
                    if (status_.ok()) status_ = result.status();
                    if (result.ok()) last_ = *result;
                    changed_.notify_all();  // under the lock: the window may go as soon as it is free
                  });
  return true;
}

Result<service::UpdateResult> WriteWindow::Finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return under_way_ == 0; });
  if (!status_.ok()) return status_;
  return last_;
}

}  // namespace sextant::c_api
