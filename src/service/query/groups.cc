#include "service/query/groups.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "service/query/filters.h"
#include "service/query/query_run.h"
#include "service/query/stages.h"

namespace sextant::service {
namespace {

using collection::CollectionView;
using collection::FoundPoint;

// A query that cannot be narrowed by filters is run with limits that grow by this factor.
constexpr uint64_t kGrowth = 4;

uint64_t SaturatingProduct(uint64_t a, uint64_t b) {
  return b != 0 && a > std::numeric_limits<uint64_t>::max() / b ? std::numeric_limits<uint64_t>::max() : a * b;
}

void ScaleLimits(uint64_t factor, std::vector<QueryStage>* stages) {
  for (QueryStage& stage : *stages) {
    stage.limit = SaturatingProduct(stage.limit, factor);
    ScaleLimits(factor, &stage.prefetch);
  }
}

// The groups of a value; nothing for one that names no group.
std::optional<GroupId> ToGroupId(const Json& value) {
  if (value.is_string()) return GroupId(value.as_string());
  if (value.is_uint()) return GroupId(value.as_uint());
  if (value.is_int()) return GroupId(value.as_int());
  return std::nullopt;
}

struct Group {
  GroupId id;
  QueryHits hits;
};

// What: the groups met so far, in order of their first hits.
class Groups {
 public:
  Groups(uint64_t limit, uint64_t size) : limit_(limit), size_(size) {}

  void Add(const QueryHit& hit, const std::vector<GroupId>& ids) {
    for (const GroupId& id : ids) {
      const auto [place, fresh] = places_.try_emplace(id, groups_.size());
      if (fresh) groups_.push_back({id, {}});
      QueryHits& hits = groups_[place->second].hits;
      const auto same = [&](const QueryHit& other) { return KeyOf(other.point) == KeyOf(hit.point); };
      if (hits.size() < size_ && std::none_of(hits.begin(), hits.end(), same)) hits.push_back(hit);
    }
  }

  bool enough() const { return groups_.size() >= limit_; }
  // Whether the groups that will be answered are full.
  bool complete() const { return enough() && Wanted(false).empty(); }
  // Ids of the full (or lacking) ones among the groups that will be answered.
  std::vector<GroupId> Wanted(bool full) const {
    std::vector<GroupId> ids;
    for (size_t i = 0; i < std::min<uint64_t>(groups_.size(), limit_); ++i)
      if ((groups_[i].hits.size() >= size_) == full) ids.push_back(groups_[i].id);
    return ids;
  }
  std::vector<Group> Take() {
    if (groups_.size() > limit_) groups_.erase(groups_.begin() + static_cast<std::ptrdiff_t>(limit_), groups_.end());
    return std::move(groups_);
  }

 private:
  uint64_t limit_, size_;
  std::vector<Group> groups_;
  std::map<GroupId, size_t> places_;
};

// The ids by type. No condition reaches the numbers beyond i64: their groups stay as they are.
void Split(const std::vector<GroupId>& ids, std::vector<std::string>* texts, std::vector<int64_t>* numbers) {
  for (const GroupId& id : ids) {
    if (const auto* text = std::get_if<std::string>(&id)) texts->push_back(*text);
    if (const auto* negative = std::get_if<int64_t>(&id)) numbers->push_back(*negative);
    if (const auto* number = std::get_if<uint64_t>(&id); number != nullptr && *number <= INT64_MAX)
      numbers->push_back(static_cast<int64_t>(*number));
  }
}

// The condition that a point is in any of these groups.
Condition InAnyOf(const PayloadPath& key, const std::vector<GroupId>& ids) {
  std::vector<std::string> texts;
  std::vector<int64_t> numbers;
  Split(ids, &texts, &numbers);
  auto any = std::make_shared<Filter>();
  any->should.emplace();
  any->should->push_back(FieldCondition{key, MatchAny{std::move(texts)}});
  any->should->push_back(FieldCondition{key, MatchAny{std::move(numbers)}});
  return FilterCondition{std::move(any)};
}

// The condition that a point may be in a group beside these: none when they are of two types, of which a condition
// excludes but one.
Condition InOtherThan(const PayloadPath& key, const std::vector<GroupId>& ids) {
  std::vector<std::string> texts;
  std::vector<int64_t> numbers;
  Split(ids, &texts, &numbers);
  auto other = std::make_shared<Filter>();
  if (texts.empty() && !numbers.empty())
    other->must.emplace().push_back(FieldCondition{key, MatchExcept{std::move(numbers)}});
  else if (numbers.empty() && !texts.empty())
    other->must.emplace().push_back(FieldCondition{key, MatchExcept{std::move(texts)}});
  return FilterCondition{std::move(other)};
}

class GroupRun {
 public:
  GroupRun(const CollectionView& view, const QueryGroupsRequest& request, const VectorSources& sources,
           const Deadline& deadline)
      : view_(view),
        request_(request),
        sources_(sources),
        deadline_(deadline),
        groups_(request.limit, request.group_size) {}

  Result<std::vector<Group>> Run() {
    const bool vectors_alone = request_.query.prefetch.empty() && request_.query.query &&
                               IsVectorQuery(*request_.query.query) && !IsDiverse(*request_.query.query);
    RETURN_IF_ERROR(vectors_alone ? Narrow() : Widen());
    return groups_.Take();
  }

 private:
  static bool IsDiverse(const Query& query) {
    const auto* nearest = std::get_if<NearestQuery>(&query);
    return nearest != nullptr && nearest->mmr;
  }

  uint64_t Room() const { return SaturatingProduct(request_.limit, request_.group_size); }

  Result<QueryHits> Ask(uint64_t limit, const std::optional<Filter>& narrower) const {
    QueryRequest request = request_.query;
    request.limit = limit;
    request.offset = 0;
    const Filter* const own = request_.query.filter ? &*request_.query.filter : nullptr;
    request.filter = MergeFilters(own, narrower ? &*narrower : nullptr);
    ScaleLimits(request_.group_size, &request.prefetch);
    return QueryRun(view_, sources_, deadline_, nullptr).Run(request);
  }

  Result<std::vector<GroupId>> GroupsOf(const FoundPoint& point) const {
    ASSIGN_OR_RETURN(const Record record, view_.Fetch(point, {PayloadSelector::Kind::kAll, {}}, {}));
    ASSIGN_OR_RETURN(const Json payload, Json::Parse(*record.payload));
    std::set<GroupId> ids;
    bool fits = true;
    const auto add = [&](const Json& value) {
      auto id = ToGroupId(value);
      fits = fits && id;
      if (id) ids.insert(*std::move(id));
    };
    request_.group_by.Visit(payload, [&](const Json& value) {
      if (!value.is_array()) return add(value);
      for (const Json& element : value.array()) add(element);
    });
    if (!fits) ids.clear();
    return std::vector<GroupId>(ids.begin(), ids.end());
  }

  Status AddAll(const QueryHits& hits, Groups* groups) const {
    for (const QueryHit& hit : hits) {
      RETURN_IF_ERROR(deadline_.Check());
      ASSIGN_OR_RETURN(const std::vector<GroupId> ids, GroupsOf(hit.point));
      groups->Add(hit, ids);
    }
    return OkStatus();
  }

  // Points at random come in another order every time; the widest run counts.
  Status Widen() {
    for (uint64_t limit = Room();; limit = SaturatingProduct(limit, kGrowth)) {
      ASSIGN_OR_RETURN(const QueryHits hits, Ask(limit, std::nullopt));
      Groups groups(request_.limit, request_.group_size);
      RETURN_IF_ERROR(AddAll(hits, &groups));
      groups_ = std::move(groups);
      if (groups_.complete() || hits.size() < limit) return OkStatus();
    }
  }

  // Each round brings points that no round has seen, in order of their scores: first those that may be in a group
  // which is not full yet, then those of the groups that lack hits.
  Status Narrow() {
    std::vector<PointId> seen;
    std::optional<Filter> narrower;  // the first round needs none
    while (true) {
      ASSIGN_OR_RETURN(const QueryHits hits, Ask(Room(), narrower));
      RETURN_IF_ERROR(AddAll(hits, &groups_));
      if (groups_.complete() || hits.size() < Room()) return OkStatus();
      for (const QueryHit& hit : hits) seen.push_back(hit.point.id);
      narrower.emplace().must_not.emplace().push_back(HasIdCondition{seen});
      narrower->must_not->push_back(IsEmptyCondition{request_.group_by});
      narrower->must.emplace().push_back(groups_.enough() ? InAnyOf(request_.group_by, groups_.Wanted(false))
                                                          : InOtherThan(request_.group_by, groups_.Wanted(true)));
    }
  }

  const CollectionView& view_;
  const QueryGroupsRequest& request_;
  const VectorSources& sources_;
  const Deadline deadline_;
  Groups groups_;
};

Result<std::optional<CollectionView>> OpenLookup(const QueryGroupsRequest& request,
                                                 const VectorSources::OpenView& open) {
  if (!request.with_lookup) return std::optional<CollectionView>();
  ASSIGN_OR_RETURN(CollectionView view, open(request.with_lookup->collection));
  return std::optional<CollectionView>(std::move(view));
}

std::optional<PointId> ToPointId(const GroupId& id) {
  if (const auto* text = std::get_if<std::string>(&id)) return PointId::ParsePath(*text);
  if (const auto* number = std::get_if<uint64_t>(&id)) return PointId::Number(*number);
  return std::nullopt;
}

Result<std::optional<Record>> LookUp(const CollectionView& view, const GroupLookup& lookup, const GroupId& id) {
  const std::optional<PointId> point = ToPointId(id);
  if (!point) return std::optional<Record>();
  ASSIGN_OR_RETURN(const auto found, view.Find({*point}));
  if (!found[0]) return std::optional<Record>();
  ASSIGN_OR_RETURN(Record record, view.Fetch(*found[0], lookup.with_payload, lookup.with_vector));
  return std::optional<Record>(std::move(record));
}

}  // namespace

Result<std::vector<PointGroup>> RunGroups(const CollectionView& view, const QueryGroupsRequest& request,
                                          const VectorSources::OpenView& open, const Deadline& deadline) {
  ASSIGN_OR_RETURN(const std::optional<CollectionView> lookup_view, OpenLookup(request, open));
  VectorSources sources(view, open);
  RETURN_IF_ERROR(sources.Load(request.query, deadline));
  ASSIGN_OR_RETURN(const std::vector<Group> groups, GroupRun(view, request, sources, deadline).Run());
  std::vector<PointGroup> answer;
  for (const Group& group : groups) {
    PointGroup& out = answer.emplace_back();
    out.id = group.id;
    ASSIGN_OR_RETURN(out.hits, FetchHits(view, request.query, group.hits, deadline));
    if (!lookup_view) continue;
    ASSIGN_OR_RETURN(out.lookup, LookUp(*lookup_view, *request.with_lookup, group.id));
  }
  return answer;
}

}  // namespace sextant::service
