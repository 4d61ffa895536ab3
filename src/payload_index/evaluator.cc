#include "payload_index/evaluator.h"

#include <algorithm>
#include <utility>

#include "payload_index/background/column_demand.h"
#include "payload_index/background/column_verdict.h"
#include "payload_index/filter_key.h"
#include "payload_index/index_rule.h"
#include "payload_index/payload_check.h"
#include "payload_index/payload_parser.h"
#include "payload_index/runs/selected_points.h"
#include "payload_index/text_query.h"
#include "types/values/siphash.h"

namespace sextant::payload_index {
namespace {

using Set = std::shared_ptr<const Bitmap>;  // null: all living points, so that this large set need not exist

constexpr size_t kStepsPerDeadlineCheck = 1024;
// Reading all payloads in order costs about a quarter of reading each by its own.
constexpr size_t kScanAdvantage = 4;

// Operations on such sets.
class Sets {
 public:
  explicit Sets(const IndexView& view) : view_(view) {}

  const Set& none() const { return none_; }
  Set Make(Bitmap bitmap) const { return bitmap.empty() ? none_ : std::make_shared<const Bitmap>(std::move(bitmap)); }
  Set Resolve(Set a) const { return a == nullptr ? view_.living() : std::move(a); }

  Set And(const Set& a, const Set& b) const {
    if (a == nullptr || a == b) return b;
    if (b == nullptr) return a;
    return Make(*a & *b);
  }
  Set Minus(const Set& a, const Set& b) const {
    if (b == nullptr || a == b) return none_;
    if (b->empty()) return a;
    return Make(*Resolve(a) - *b);
  }
  Set Or(const std::vector<Set>& sets) const {
    std::vector<const Bitmap*> raw;
    for (const Set& set : sets) {
      if (set == nullptr) return nullptr;
      if (!set->empty()) raw.push_back(set.get());
    }
    if (raw.empty()) return none_;
    return Make(Bitmap::UnionOf(raw));
  }
  // The points that are in at least `count` of the sets.
  Set AtLeast(const std::vector<Set>& sets, uint64_t count) const {
    if (count > sets.size()) return none_;
    std::vector<Set> levels(count + 1, none_);  // levels[j]: in at least j of the sets so far
    levels[0] = nullptr;
    for (const Set& set : sets)
      for (uint64_t j = count; j >= 1; --j) levels[j] = Or({levels[j], And(levels[j - 1], set)});
    return levels[count];
  }

 private:
  const IndexView& view_;
  Set none_ = std::make_shared<const Bitmap>();
};

// What the indexes know of a filter or condition: `lower` surely satisfies it, what is outside `upper` surely not.
struct Bounds {
  Set lower, upper;
  bool exact() const { return lower == upper; }
};

// A filter or condition with its bounds, and what is needed to decide on the points in between.
struct Node {
  struct Clauses {
    std::vector<Node> must, should, must_not, min_should;
    uint64_t min_count = 0;
  };
  Bounds bounds;
  const Condition* condition = nullptr;   // of a leaf that is not exact
  std::unique_ptr<const TextQuery> text;  // of one that a text index narrows down, in place of the condition
  std::unique_ptr<const IndexRule> rule;  // of one that an index would decide if it were filled, likewise
  std::unique_ptr<Clauses> clauses;       // of a filter that is not exact; an empty list is no clause
};

class Evaluator {
 public:
  Evaluator(const IndexView& view, const PointSource& points, const Deadline& deadline)
      : view_(view), points_(points), deadline_(deadline), sets_(view) {}

  Result<Bitmap> Evaluate(const Filter& filter) {
    ASSIGN_OR_RETURN(Node root, Compile(filter));
    if (root.bounds.exact()) return sets_.Resolve(root.bounds.lower)->Clone();
    const Set undecided = sets_.Resolve(sets_.Minus(root.bounds.upper, root.bounds.lower));
    ASSIGN_OR_RETURN(Bitmap accepted, Decide(root, *undecided));
    return root.bounds.lower->empty() ? std::move(accepted) : accepted | *root.bounds.lower;
  }

 private:
  Result<Node> Compile(const Filter& filter);
  Result<Node> Compile(const Condition& condition);
  Result<std::vector<Node>> CompileAll(const std::vector<Condition>& conditions);
  void Combine(Node::Clauses* clauses, Bounds* bounds) const;
  Result<Bitmap> PointsOf(const HasIdCondition& condition) const;
  Result<Node> Compile(TextQuery query, const PayloadPath& key, size_t field) const;
  Bounds BoundsOf(ColumnVerdict verdict) const;

  Result<Bitmap> Decide(const Node& root, const Bitmap& undecided);
  Status ScanPayloads(const Node& root, const Bitmap& undecided, std::vector<uint32_t>* accepted, Bitmap* rest);
  Status ReadPayloads(const Node& root, const Bitmap& undecided, bool with_payload, std::vector<uint32_t>* accepted);
  Result<bool> Accepts(const Node& root, uint32_t ordinal, std::string_view payload);
  template <typename Value>
  bool Holds(const Node& node, uint32_t ordinal, Value root);

  const IndexView& view_;
  const PointSource& points_;
  const Deadline& deadline_;
  const Sets sets_;
  Status error_;  // the first one of a HasVector() on the way
};

Result<Node> Evaluator::Compile(const Filter& filter) {
  Node node;
  auto clauses = std::make_unique<Node::Clauses>();
  static const std::vector<Condition> kNone;
  ASSIGN_OR_RETURN(clauses->must, CompileAll(filter.must ? *filter.must : kNone));
  ASSIGN_OR_RETURN(clauses->must_not, CompileAll(filter.must_not ? *filter.must_not : kNone));
  ASSIGN_OR_RETURN(clauses->should, CompileAll(filter.should ? *filter.should : kNone));
  ASSIGN_OR_RETURN(clauses->min_should, CompileAll(filter.min_should ? filter.min_should->conditions : kNone));
  if (filter.min_should) clauses->min_count = filter.min_should->min_count;
  Combine(clauses.get(), &node.bounds);
  if (node.bounds.upper != nullptr && node.bounds.upper->empty()) node.bounds = {sets_.none(), sets_.none()};
  if (!node.bounds.exact()) node.clauses = std::move(clauses);
  return node;
}

void Evaluator::Combine(Node::Clauses* clauses, Bounds* bounds) const {
  for (const bool lower : {true, false}) {
    const auto sets_of = [lower](const std::vector<Node>& nodes) {
      std::vector<Set> sets;
      for (const Node& node : nodes) sets.push_back(lower ? node.bounds.lower : node.bounds.upper);
      return sets;
    };
    Set all;
    for (const Set& set : sets_of(clauses->must)) all = sets_.And(all, set);
    if (!clauses->should.empty()) all = sets_.And(all, sets_.Or(sets_of(clauses->should)));
    if (!clauses->min_should.empty())
      all = sets_.And(all, sets_.AtLeast(sets_of(clauses->min_should), clauses->min_count));
    for (const Node& node : clauses->must_not) all = sets_.Minus(all, lower ? node.bounds.upper : node.bounds.lower);
    (lower ? bounds->lower : bounds->upper) = std::move(all);
    if (!lower) break;
    // Where every child is exact, one pass gives both bounds.
    const auto exact = [](const std::vector<Node>& nodes) {
      return std::all_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.bounds.exact(); });
    };
    if (!exact(clauses->must) || !exact(clauses->should) || !exact(clauses->min_should) || !exact(clauses->must_not))
      continue;
    bounds->upper = bounds->lower;
    return;
  }
}

Result<std::vector<Node>> Evaluator::CompileAll(const std::vector<Condition>& conditions) {
  std::vector<Node> nodes;
  for (const Condition& condition : conditions) {
    RETURN_IF_ERROR(deadline_.Check());
    ASSIGN_OR_RETURN(Node node, Compile(condition));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<Node> Evaluator::Compile(const Condition& condition) {
  if (const auto* inner = std::get_if<FilterCondition>(&condition)) return Compile(*inner->filter);
  Node node;
  const auto exactly = [&](Bitmap points) {
    node.bounds.lower = sets_.Make(std::move(points));
    node.bounds.upper = node.bounds.lower;
  };
  if (const auto* ids = std::get_if<HasIdCondition>(&condition)) {
    ASSIGN_OR_RETURN(Bitmap points, PointsOf(*ids));
    exactly(std::move(points));
    return node;
  }
  if (const auto field_condition = AsFieldCondition(condition)) {
    if (MatchesNothing(*field_condition)) {
      exactly({});
      return node;
    }
    if (const IndexedField* declared = view_.FindDeclared(field_condition->key)) {
      if (auto rule = IndexRule::Make(*field_condition, *declared)) {
        node.bounds = {sets_.none(), nullptr};
        node.rule = std::make_unique<const IndexRule>(*std::move(rule));
        return node;
      }
    }
    const auto field = view_.FindField(field_condition->key);
    if (const auto served = field ? ServedBy(view_.fields[*field].schema, *field_condition) : std::nullopt) {
      if (view_.fields[*field].analyzer != nullptr)
        if (auto query = TextQuery::Make(*served, view_.fields[*field]))
          return Compile(*std::move(query), served->key, *field);
      ASSIGN_OR_RETURN(Bitmap points, SelectIndexed(*served, *field, view_, deadline_));
      exactly(std::move(points));
      return node;
    }
  }
  node.bounds = {sets_.none(), nullptr};
  if (const auto* field_condition = std::get_if<FieldCondition>(&condition)) {
    ASSIGN_OR_RETURN(auto verdict, DecideByColumns(*field_condition, view_, deadline_));
    if (verdict) node.bounds = BoundsOf(*std::move(verdict));
  }
  if (!node.bounds.exact()) node.condition = &condition;
  return node;
}

Bounds Evaluator::BoundsOf(ColumnVerdict verdict) const {
  const Set accepted = sets_.Make(std::move(verdict.accepted));
  if (verdict.unknown.empty()) return {accepted, accepted};
  return {accepted, sets_.Or({accepted, sets_.Make(std::move(verdict.unknown))})};
}

Result<Node> Evaluator::Compile(TextQuery query, const PayloadPath& key, size_t field) const {
  Node node;
  Set found = sets_.none();
  if (query.any()) {
    ASSIGN_OR_RETURN(Bitmap points, SelectIndexed({key, MatchAny{query.tokens()}}, field, view_, deadline_));
    found = sets_.Make(std::move(points));
  } else {
    for (const std::string& token : query.tokens()) {
      RETURN_IF_ERROR(deadline_.Check());
      ASSIGN_OR_RETURN(Bitmap points, SelectIndexed({key, MatchValue{token}}, field, view_, deadline_));
      Set holders = sets_.Make(std::move(points));
      found = token == query.tokens().front() ? holders : sets_.And(found, holders);
      if (found->empty()) break;
    }
  }
  node.bounds = {found, found};
  if (query.needs_text() && !found->empty()) {
    node.bounds.lower = sets_.none();
    node.text = std::make_unique<const TextQuery>(std::move(query));
  }
  return node;
}

Result<Bitmap> Evaluator::PointsOf(const HasIdCondition& condition) const {
  std::vector<uint32_t> found;
  for (size_t i = 0; i < condition.ids.size(); ++i) {
    if (i % kStepsPerDeadlineCheck == 0) RETURN_IF_ERROR(deadline_.Check());
    ASSIGN_OR_RETURN(const std::optional<Ordinal> ordinal, points_.Find(condition.ids[i]));
    if (ordinal && view_.HasPoint(Index(*ordinal))) found.push_back(Index(*ordinal));
  }
  return Bitmap::FromUnsorted(&found);
}

bool NeedsPayload(const Node& node) {
  if (node.condition != nullptr)
    return !std::holds_alternative<HasVectorCondition>(*node.condition) &&
           !std::holds_alternative<SliceCondition>(*node.condition);
  if (node.text != nullptr || node.rule != nullptr) return true;
  if (node.clauses == nullptr) return false;
  const auto any = [](const std::vector<Node>& nodes) { return std::any_of(nodes.begin(), nodes.end(), NeedsPayload); };
  return any(node.clauses->must) || any(node.clauses->should) || any(node.clauses->must_not) ||
         any(node.clauses->min_should);
}

// The columns that would decide the conditions for which payloads are read.
void CollectColumns(const Node& node, std::vector<BackgroundColumn>* columns) {
  if (node.condition != nullptr)
    if (const auto* field = std::get_if<FieldCondition>(node.condition)) AddColumnsFor(*field, columns);
  if (node.clauses == nullptr) return;
  for (const auto* nodes :
       {&node.clauses->must, &node.clauses->should, &node.clauses->must_not, &node.clauses->min_should})
    for (const Node& child : *nodes) CollectColumns(child, columns);
}

Result<Bitmap> Evaluator::Decide(const Node& root, const Bitmap& undecided) {
  if (undecided.empty()) return Bitmap();
  std::vector<BackgroundColumn> wanted;
  CollectColumns(root, &wanted);
  for (const BackgroundColumn& column : wanted) view_.demand->CountRead(column, undecided.size(), view_.point_count);
  std::vector<uint32_t> scanned;
  std::vector<uint32_t> read;
  if (!NeedsPayload(root)) {
    RETURN_IF_ERROR(ReadPayloads(root, undecided, false, &read));
  } else if (undecided.size() * kScanAdvantage < view_.point_count) {
    RETURN_IF_ERROR(ReadPayloads(root, undecided, true, &read));
  } else {
    Bitmap without_payload;
    RETURN_IF_ERROR(ScanPayloads(root, undecided, &scanned, &without_payload));
    RETURN_IF_ERROR(ReadPayloads(root, without_payload, false, &read));
  }
  return Bitmap::FromSorted(scanned) | Bitmap::FromSorted(read);
}

// Decides on the undecided points that have a payload; `rest` receives the others.
Status Evaluator::ScanPayloads(const Node& root, const Bitmap& undecided, std::vector<uint32_t>* accepted,
                               Bitmap* rest) {
  std::vector<uint32_t> seen;
  AscendingProbe probe(undecided);
  size_t steps = 0;
  const auto visit = [&](Ordinal at, std::string_view payload) -> Status {
    if (++steps % kStepsPerDeadlineCheck == 0) RETURN_IF_ERROR(deadline_.Check());
    const uint32_t ordinal = Index(at);
    if (!probe.Contains(ordinal)) return OkStatus();
    seen.push_back(ordinal);
    ASSIGN_OR_RETURN(const bool accepts, Accepts(root, ordinal, payload));
    if (accepts) accepted->push_back(ordinal);
    return OkStatus();
  };
  RETURN_IF_ERROR(points_.ForEachPayload({undecided.Min(), undecided.Max()}, visit));
  *rest = undecided - Bitmap::FromSorted(seen);
  return OkStatus();
}

// Decides on each of the undecided points by its own payload, or, without `with_payload`, as if it had none.
Status Evaluator::ReadPayloads(const Node& root, const Bitmap& undecided, bool with_payload,
                               std::vector<uint32_t>* accepted) {
  Status status;
  size_t steps = 0;
  const auto decide = [&](uint32_t ordinal) -> Status {
    if (++steps % kStepsPerDeadlineCheck == 0) RETURN_IF_ERROR(deadline_.Check());
    std::string payload;
    if (with_payload) {
      ASSIGN_OR_RETURN(payload, points_.Payload(Ordinal{ordinal}));
    }
    ASSIGN_OR_RETURN(const bool accepts, Accepts(root, ordinal, payload));
    if (accepts) accepted->push_back(ordinal);
    return OkStatus();
  };
  undecided.ForEach([&](uint32_t ordinal) {
    status = decide(ordinal);
    return status.ok();
  });
  return status;
}

Result<bool> Evaluator::Accepts(const Node& root, uint32_t ordinal, std::string_view payload) {
  const bool holds = ThreadPayloadParser().With(payload, [&](auto value) { return Holds(root, ordinal, value); });
  if (!error_.ok()) return error_;
  return holds;
}

template <typename Value>
bool Evaluator::Holds(const Node& node, uint32_t ordinal, Value root) {
  const auto holds = [&](const Node& child) { return Holds(child, ordinal, root); };
  if (node.bounds.exact()) return node.bounds.lower == nullptr || node.bounds.lower->Contains(ordinal);
  if (node.text != nullptr) return node.bounds.upper->Contains(ordinal) && node.text->HoldsIn(root);
  if (node.rule != nullptr) return node.rule->Holds(root);
  if (node.condition != nullptr) {
    const auto* vector = std::get_if<HasVectorCondition>(node.condition);
    if (const auto* slice = std::get_if<SliceCondition>(node.condition))
      return SliceHash(points_.Id(Ordinal{ordinal})) % slice->total == slice->index;
    if (vector == nullptr) return PayloadHolds(*node.condition, root);
    const Result<bool> stored = points_.HasVector(Ordinal{ordinal}, vector->name);
    if (!stored.ok() && error_.ok()) error_ = stored.status();
    return stored.ok() && *stored;
  }
  const Node::Clauses& clauses = *node.clauses;
  if (!std::all_of(clauses.must.begin(), clauses.must.end(), holds)) return false;
  if (std::any_of(clauses.must_not.begin(), clauses.must_not.end(), holds)) return false;
  if (!clauses.should.empty() && !std::any_of(clauses.should.begin(), clauses.should.end(), holds)) return false;
  if (clauses.min_should.empty()) return true;
  uint64_t count = 0;
  for (const Node& child : clauses.min_should)
    if (count < clauses.min_count && holds(child)) ++count;
  return count >= clauses.min_count;
}

// Precondition: the predicate is on values; see SelectIndexed.
Result<SelectedPoints> SelectByValue(const FieldCondition& condition, size_t field, const IndexView& view,
                                     const Deadline& deadline) {
  const std::string key = PredicateKey(condition);
  SelectedPoints selected;
  for (const Run& run : view.runs) RETURN_IF_ERROR(selected.Add(run, field, condition.predicate, key, deadline));
  return selected;
}

// A condition on values that the index of `field` decides.
struct IndexedCondition {
  FieldCondition condition;
  size_t field;
};
std::optional<IndexedCondition> AsIndexed(const Condition& condition, const IndexView& view) {
  const auto* on_field = std::get_if<FieldCondition>(&condition);
  if (on_field == nullptr || MatchesNothing(*on_field)) return std::nullopt;
  const auto field = view.FindField(on_field->key);
  if (!field || view.fields[*field].analyzer != nullptr) return std::nullopt;
  auto served = ServedBy(view.fields[*field].schema, *on_field);
  if (!served || std::holds_alternative<IsEmpty>(served->predicate) ||
      std::holds_alternative<IsNull>(served->predicate))
    return std::nullopt;
  return IndexedCondition{*std::move(served), *field};
}

// Most filters are a few indexed conditions that must all hold. Their points go from the columns right into the form of
// answers. Nothing for other filters.
Result<std::optional<OrdinalSet>> IntersectIndexed(const Filter& filter, const IndexView& view,
                                                   const Deadline& deadline) {
  if (!filter.must || filter.must->empty() || filter.should || filter.must_not || filter.min_should)
    return std::optional<OrdinalSet>();
  std::vector<IndexedCondition> conditions;
  for (const Condition& condition : *filter.must) {
    auto indexed = AsIndexed(condition, view);
    if (!indexed) return std::optional<OrdinalSet>();
    conditions.push_back(*std::move(indexed));
  }
  std::optional<OrdinalSet> all;
  for (const IndexedCondition& condition : conditions) {
    RETURN_IF_ERROR(deadline.Check());
    ASSIGN_OR_RETURN(const SelectedPoints selected,
                     SelectByValue(condition.condition, condition.field, view, deadline));
    OrdinalSet own = selected.TakeOrdinals();
    all = all ? OrdinalSet::Intersection(*all, own) : std::move(own);
    if (all->empty()) break;
  }
  return all;
}

}  // namespace

std::optional<size_t> IndexView::FindField(const PayloadPath& path) const {
  return FindDeclared(path) == nullptr ? FindFilled(path) : std::nullopt;
}

const IndexedField* IndexView::FindDeclared(const PayloadPath& path) const {
  const auto found =
      std::find_if(declared.begin(), declared.end(), [&](const IndexedField& field) { return field.path == path; });
  return found == declared.end() ? nullptr : &*found;
}

std::optional<size_t> IndexView::FindFilled(const PayloadPath& path) const {
  for (size_t i = 0; i < fields.size(); ++i)
    if (fields[i].path == path && !fields[i].background) return i;
  return std::nullopt;
}

std::optional<size_t> IndexView::FindColumn(const BackgroundColumn& column) const {
  for (size_t i = 0; i < fields.size(); ++i)
    if (fields[i].background && fields[i].schema.type == column.type && fields[i].path == column.path) return i;
  return std::nullopt;
}

bool IndexView::HasPoint(uint32_t ordinal) const {
  return std::any_of(runs.begin(), runs.end(), [&](const Run& run) { return run.Contains(ordinal); });
}

std::optional<FieldCondition> AsFieldCondition(const Condition& condition) {
  if (const auto* field = std::get_if<FieldCondition>(&condition)) return *field;
  if (const auto* empty = std::get_if<IsEmptyCondition>(&condition)) return FieldCondition{empty->key, IsEmpty{true}};
  if (const auto* null = std::get_if<IsNullCondition>(&condition)) return FieldCondition{null->key, IsNull{true}};
  return std::nullopt;
}

bool MatchesNothing(const FieldCondition& condition) {
  const auto* any = std::get_if<MatchAny>(&condition.predicate);
  return condition.alternatives.empty() && any != nullptr &&
         std::visit([](const auto& values) { return values.empty(); }, any->values);
}

Result<Bitmap> SelectIndexed(const FieldCondition& condition, size_t field, const IndexView& view,
                             const Deadline& deadline) {
  const auto* is_empty = std::get_if<IsEmpty>(&condition.predicate);
  const auto* is_null = std::get_if<IsNull>(&condition.predicate);
  if (is_empty == nullptr && is_null == nullptr) {
    ASSIGN_OR_RETURN(const SelectedPoints selected, SelectByValue(condition, field, view, deadline));
    return selected.Take();
  }
  std::vector<Bitmap> living;
  for (const Run& run : view.runs) {
    const Column& column = run.column(field);
    living.push_back((is_empty != nullptr ? column.not_empty() : column.holds_null()) & run.live());
  }
  std::vector<const Bitmap*> raw;
  for (const Bitmap& set : living) raw.push_back(&set);
  Bitmap points = Bitmap::UnionOf(raw);
  if ((is_empty != nullptr && is_empty->expected) || (is_null != nullptr && !is_null->expected))
    return *view.living() - points;
  return points;
}

Result<OrdinalSet> EvaluateFilter(const Filter& filter, const IndexView& view, const PointSource& points,
                                  const Deadline& deadline) {
  ASSIGN_OR_RETURN(std::optional<OrdinalSet> matches, IntersectIndexed(filter, view, deadline));
  if (matches) return *std::move(matches);
  ASSIGN_OR_RETURN(const Bitmap accepted, Evaluator(view, points, deadline).Evaluate(filter));
  return accepted.ToOrdinalSet();
}

}  // namespace sextant::payload_index
