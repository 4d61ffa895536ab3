#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"
#include "service/service.h"
#include "shard/operation.h"
#include "wire/rest/message.h"
#include "wire/rest/uri.h"

namespace sextant::wire {

// A query, or a batch of them, that carries this header gets it back with what its searches did together, as JSON
// (rows_scored, rows_rescored, hops, graph_searches, probes, scans). An extension; so is the parameter `explain`, see
// ParseReadOptions.
inline constexpr char kStatsHeader[] = "x-sextant-stats";

// One request on its way.
struct Call {
  Request request;
  std::vector<std::string> parameters;  // what stood in the path for `{}`, decoded
  QueryParameters query;
  ResponseCallback done;
  std::chrono::steady_clock::time_point start;
  // What queries did: answered as kStatsHeader to clients that ask with that header, and as the member `explain` where
  // the call has that parameter (else it is empty).
  mutable search::SearchStats stats;
  mutable std::string explanation;
};

// What an operation does with a call; the kind of function says where it runs and which query parameters it takes.
// Results are the JSON text of `result`.
using PlainHandler = Response (*)();  // at once, no envelope
using MetaHandler = Result<std::string> (*)(service::Service&, const Call&);
using ChangeHandler = Result<std::string> (*)(service::Service&, const Call&, const service::WriteOptions&);
using ReadHandler = Result<std::string> (*)(const service::Service&, const Call&, const service::ReadOptions&);
using WriteHandler = Result<shard::Operation> (*)(const Call&);  // parameters[0] names the collection
using WriteBatchHandler = Result<std::vector<shard::Operation>> (*)(const Call&);

struct Route {
  std::string_view method;
  std::string_view pattern;  // `{}` stands for one segment; a literal segment is preferred
  std::variant<PlainHandler, MetaHandler, ChangeHandler, ReadHandler, WriteHandler, WriteBatchHandler> handler;
};

const std::vector<Route>& Routes();

}  // namespace sextant::wire
