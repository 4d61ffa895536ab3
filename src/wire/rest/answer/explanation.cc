#include "wire/rest/answer/explanation.h"

#include <utility>

#include "types/json.h"

namespace sextant::wire {
namespace {

using search::MatchesFrom;
using search::SegmentPlan;

const char* NameOf(SegmentPlan plan) {
  switch (plan) {
    case SegmentPlan::kSkipped: return "skipped";
    case SegmentPlan::kExact: return "exact";
    case SegmentPlan::kScan: return "scan";
    case SegmentPlan::kGraph: return "graph";
    case SegmentPlan::kFilteredGraph: return "filtered_graph";
    case SegmentPlan::kProbe: return "probe";
    case SegmentPlan::kIndex: return "index";
    case SegmentPlan::kGrowing: return "growing";
  }
  return "";
}

const char* NameOf(MatchesFrom from) {
  switch (from) {
    case MatchesFrom::kAllPoints: return "all_points";
    case MatchesFrom::kFilter: return "filter";
    case MatchesFrom::kPrefetches: return "prefetches";
  }
  return "";
}

void AddStats(const search::SearchStats& stats, Json::Object* object) {
  object->emplace_back("rows_scored", Json(stats.rows_scored));
  object->emplace_back("rows_rescored", Json(stats.rows_rescored));
  object->emplace_back("hops", Json(stats.hops));
  object->emplace_back("graph_searches", Json(uint64_t{stats.graph_searches}));
  object->emplace_back("probes", Json(uint64_t{stats.probes}));
  object->emplace_back("scans", Json(uint64_t{stats.scans}));
}

template <typename Part>
Json ListOf(const std::vector<Part>& parts, Json (*encode)(const Part&)) {
  Json::Array list;
  for (const Part& part : parts) list.push_back(encode(part));
  return Json(std::move(list));
}

Json EncodeSegment(const search::SegmentExplanation& segment) {
  Json::Object object{{"plan", Json(NameOf(segment.plan))},
                      {"rows", Json(segment.rows)},
                      {"expected_matches", Json(segment.expected_matches)}};
  if (segment.sampled_pass_rate) object.emplace_back("sampled_pass_rate", Json(*segment.sampled_pass_rate));
  if (segment.ef) object.emplace_back("ef", Json(uint64_t{*segment.ef}));
  AddStats(segment.stats, &object);
  object.emplace_back("time", Json(segment.seconds));
  object.emplace_back("rescoring_time", Json(segment.rescoring_seconds));
  return Json(std::move(object));
}

Json EncodeShard(const search::ShardExplanation& shard) {
  return Json(Json::Object{{"points", Json(shard.points)},
                           {"matches", Json(shard.matches)},
                           {"matches_from", Json(NameOf(shard.matches_from))},
                           {"time", Json(shard.seconds)},
                           {"filter_time", Json(shard.filter_seconds)},
                           {"segments", ListOf(shard.segments, EncodeSegment)}});
}

Json EncodeStage(const service::StageExplanation& stage) {
  Json::Object object{{"query", Json(std::string(stage.kind))},
                      {"limit", Json(stage.limit)},
                      {"hits", Json(stage.hits)},
                      {"time", Json(stage.seconds)}};
  if (!stage.shards.empty()) object.emplace_back("shards", ListOf(stage.shards, EncodeShard));
  if (!stage.prefetch.empty()) object.emplace_back("prefetch", ListOf(stage.prefetch, EncodeStage));
  return Json(std::move(object));
}

Json EncodeQuery(const service::QueryExplanation& explanation) {
  return Json(Json::Object{{"stage", EncodeStage(explanation.query)},
                           {"lookup_time", Json(explanation.lookup_seconds)},
                           {"fetch_time", Json(explanation.fetch_seconds)}});
}

Json EncodeReport(const service::QueryReport& report) {
  return EncodeQuery(*report.explanation);
}

}  // namespace

std::string EncodeExplanation(const service::QueryExplanation& explanation) {
  return EncodeQuery(explanation).Dump();
}

std::string EncodeExplanations(const std::vector<service::QueryReport>& reports) {
  return ListOf(reports, EncodeReport).Dump();
}

std::string EncodeStats(const search::SearchStats& stats) {
  Json::Object object;
  AddStats(stats, &object);
  return Json(std::move(object)).Dump();
}

}  // namespace sextant::wire
