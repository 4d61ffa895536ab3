#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collection/collection.h"
#include "collection/node.h"
#include "service/checks/names.h"
#include "service/checks/write_check.h"
#include "service/service.h"
#include "service/strict/strict_gate.h"
#include "service/timeouts.h"
#include "service/write_answer.h"

namespace sextant::service {
namespace {

// The updates of one batch, each submitted when the one before it is answered. Kept alive by the answer it waits for.
class BatchRun : public std::enable_shared_from_this<BatchRun> {
 public:
  BatchRun(Service* service, std::string collection, std::vector<shard::Operation> operations,
           const WriteOptions& options)
      : service_(service), collection_(std::move(collection)), operations_(std::move(operations)), options_(options) {}

  void Run(Service::UpdateBatchCallback done) {
    done_ = std::move(done);
    Next();
  }

 private:
  void Next() {
    if (results_.size() == operations_.size()) return done_(std::move(results_));
    service_->Write(collection_, std::move(operations_[results_.size()]), options_,
                    [self = shared_from_this()](const Result<UpdateResult>& result) {
                      if (!result.ok()) return self->done_(result.status());
                      self->results_.push_back(*result);
                      self->Next();
                    });
  }

  Service* const service_;
  const std::string collection_;
  std::vector<shard::Operation> operations_;
  const WriteOptions options_;
  std::vector<UpdateResult> results_;
  Service::UpdateBatchCallback done_;
};

}  // namespace

void Service::WriteBatch(std::string_view collection, std::vector<shard::Operation> operations,
                         const WriteOptions& options, UpdateBatchCallback done) {
  if (Status name = CheckName(collection); !name.ok()) return done(name);
  auto found = node_->Find(collection);
  if (!found.ok()) return done(found.status());
  const auto config = (*found)->config();
  for (const shard::Operation& operation : operations)
    if (Status check = strict_->CheckUpdate(*found, *config, operation, options); !check.ok()) return done(check);
  std::make_shared<BatchRun>(this, std::string(collection), std::move(operations), options)->Run(std::move(done));
}

void Service::Write(std::string_view collection, shard::Operation operation, const WriteOptions& options,
                    UpdateCallback done) {
  if (Status name = CheckName(collection); !name.ok()) return done(name);
  auto found = node_->Find(collection);
  if (!found.ok()) return done(found.status());
  const auto config = (*found)->config();
  if (Status check = CheckOperation(*config, operation); !check.ok()) return done(check);
  FitOperation(*config, &operation);
  if (Status strict = strict_->AdmitUpdate(*found, *config, operation, options); !strict.ok()) return done(strict);
  std::chrono::milliseconds delay{0};
  if (AddsData(operation)) {
    if (Status memory = node_->AdmitWrite(); !memory.ok()) return done(memory);
    delay = node_->WriteDelay();
  }
  const auto timeout_ms = static_cast<uint64_t>(TimeoutOf(options).count());
  auto answer =
      options.wait ? AnswerInTime(node_->timer(), timeout_ms, std::move(done)) : AnswerAcknowledged(std::move(done));
  (*found)->Submit(std::move(operation), HeldBack(node_->timer(), delay, std::move(answer)),
                   options.wait ? shard::AnswerTime::kWhenVisible : shard::AnswerTime::kWhenDurable);
}

}  // namespace sextant::service
