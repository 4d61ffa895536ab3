#pragma once

#include "service/requests.h"
#include "wire/rest/error.h"
#include "wire/rest/uri.h"

namespace sextant::wire {

// The parameters that stand in the query of a request. Unknown ones are ignored. An unreadable one is a 400
// ("Deserialize error in query parameters: …"), one out of range a 422 ("Validation error in query parameters: …").

// timeout (whole seconds, at least 1) and consistency, which has no effect on one node. explain (true or false), an
// extension: answers of queries, single ones and batches, get a member beside `result` that says what was done.
Outcome<service::ReadOptions> ParseReadOptions(const QueryParameters& parameters);
// wait, timeout and ordering, which has no effect on one node.
Outcome<service::WriteOptions> ParseWriteOptions(const QueryParameters& parameters);
// Operations on collections: timeout. They always wait.
Outcome<bool> CheckMetaOptions(const QueryParameters& parameters);

}  // namespace sextant::wire
