#include <utility>

#include "collection/collection.h"
#include "collection/node.h"
#include "service/checks/names.h"
#include "service/checks/write_check.h"
#include "service/service.h"
#include "service/write_answer.h"

namespace sextant::service {

void Service::Write(std::string_view collection, shard::Operation operation, const WriteOptions& options,
                    UpdateCallback done) {
  if (Status name = CheckName(collection); !name.ok()) return done(name);
  auto found = node_->Find(collection);
  if (!found.ok()) return done(found.status());
  if (Status check = CheckOperation(*(*found)->config(), operation); !check.ok()) return done(check);
  if (AddsData(operation)) {
    if (Status memory = node_->AdmitWrite(); !memory.ok()) return done(memory);
  }
  auto answer = options.wait ? AnswerInTime(node_->timer(), options.timeout_ms, std::move(done))
                             : AnswerAcknowledged(std::move(done));
  (*found)->Submit(std::move(operation), std::move(answer));
}

}  // namespace sextant::service
