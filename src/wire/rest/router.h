#pragma once

#include <cstddef>

#include "wire/rest/message.h"

namespace sextant {
class Executor;
}
namespace sextant::service {
class Service;
}

namespace sextant::wire {

// What: the REST interface without its transport: finds the operation that a method and path mean, decodes the body,
// runs it where it belongs – reads on the search pool, operations on collections on the meta pool, writes through the
// service's own threads – and encodes the answer.
// Threads: Handle from any thread; with both executors it never blocks. `done` is called exactly once, on any thread,
// possibly before Handle returns.
// Ownership: borrows the service and the executors. They must finish what was posted before the router goes.
// Errors: every failure is a Response in the API's envelope; an exception of a library is a 500.
class Router {
 public:
  struct Options {
    service::Service* service = nullptr;
    // Where reads and operations on collections run; null: on the caller of Handle.
    Executor* search = nullptr;
    Executor* meta = nullptr;
    // Bodies of writes up to this size are decoded by the caller of Handle, larger ones on the search pool.
    size_t inline_body_bytes = size_t{16} << 10;
  };
  explicit Router(const Options& options) : options_(options) {}

  void Handle(Request request, ResponseCallback done) const;

 private:
  Options options_;
};

}  // namespace sextant::wire
