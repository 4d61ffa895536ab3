#pragma once

#include <memory>
#include <optional>

#include "base/status.h"
#include "collection/node.h"
#include "service/service.h"
#include "wire/rest/router.h"

namespace sextant {

// What: everything of a server but its sockets: a node with its data, the service in front of it, and the router of the
// REST interface in front of that.
// Threads: one owner; the parts as each says.
// Ownership: owns the parts, each of which borrows those before it.
// Errors: Open returns why the storage path cannot be opened.
class Engine {
 public:
  // Where reads and operations on collections run: on the pools of the node, whose threads bound how many run at once,
  // or on the thread that calls the router, which is then held until they are done.
  enum class ReadsRun { kOnPools, kOnCaller };
  // Raises the process's soft limit of open files to the hard one.
  static Result<std::unique_ptr<Engine>> Open(const collection::NodeOptions& options,
                                              ReadsRun reads_run = ReadsRun::kOnPools);
  // Finishes what was handed to the router, then closes the data. No call may be running.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  collection::Node* node() { return node_.get(); }
  service::Service* service() { return &*service_; }
  const wire::Router& router() const { return *router_; }

 private:
  explicit Engine(std::unique_ptr<collection::Node> node, ReadsRun reads_run);

  std::unique_ptr<collection::Node> node_;
  std::optional<service::Service> service_;
  std::optional<wire::Router> router_;
};

}  // namespace sextant
