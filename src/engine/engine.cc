#include "engine/engine.h"

#include <sys/resource.h>

#include <utility>

#include "runtime/memory.h"

namespace sextant {
namespace {

// Stores and segments keep many files open; the soft limit is often 1024.
void RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Open(const collection::NodeOptions& options, ReadsRun reads_run) {
  RaiseFileLimit();
  ASSIGN_OR_RETURN(auto node, collection::Node::Open(options));
  return std::unique_ptr<Engine>(new Engine(std::move(node), reads_run));
}

Engine::Engine(std::unique_ptr<collection::Node> node, ReadsRun reads_run) : node_(std::move(node)) {
  service_.emplace(node_.get());
  wire::Router::Options options;
  options.service = &*service_;
  if (reads_run == ReadsRun::kOnPools) {
    options.search = node_->search_executor();
    options.meta = node_->meta_executor();
  }
  router_.emplace(options);
}

// What was posted uses the router and the service.
Engine::~Engine() {
  node_->search_executor()->Stop();
  node_->meta_executor()->Stop();
  router_.reset();
  service_.reset();
  node_.reset();
  ReturnFreeMemory();
}

}  // namespace sextant
