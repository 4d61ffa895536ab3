#pragma once

#include <string>
#include <vector>

#include "service/query/query_report.h"

namespace sextant::wire {

// The member `explain` of an answer as JSON text: a tree of stages, of shards below those that compare vectors, and of
// segments below these. Times are seconds. An extension.
std::string EncodeExplanation(const service::QueryExplanation& explanation);
// A list of them. Precondition: each report has one.
std::string EncodeExplanations(const std::vector<service::QueryReport>& reports);
// The counters of searches, as JSON text.
std::string EncodeStats(const search::SearchStats& stats);

}  // namespace sextant::wire
