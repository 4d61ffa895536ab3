#include "payload_index/log_snapshot.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "payload_index/background/column_piece.h"
#include "payload_index/filter_key.h"
#include "payload_index/payload_parser.h"
#include "payload_index/runs/run_merge.h"

namespace sextant::payload_index {
namespace {

constexpr size_t kAnswerBudget = size_t{16} << 20;

// The last change of each ordinal, by ordinal.
std::vector<const PayloadChange*> LastChanges(std::span<const PayloadChange> changes) {
  std::vector<const PayloadChange*> last;
  last.reserve(changes.size());
  for (const PayloadChange& change : changes) last.push_back(&change);
  std::stable_sort(last.begin(), last.end(), [](const PayloadChange* a, const PayloadChange* b) {
    return Index(a->ordinal) < Index(b->ordinal);
  });
  // Of equal ordinals the last one stays: unique() keeps the first of a group, so it runs from the back.
  const auto kept = std::unique(last.rbegin(), last.rend(), [](const PayloadChange* a, const PayloadChange* b) {
    return a->ordinal == b->ordinal;
  });
  last.erase(last.begin(), kept.base());
  return last;
}

Run BuildRun(std::span<const PayloadChange* const> changes, std::span<const IndexedField> fields) {
  std::vector<std::unique_ptr<ColumnBuilder>> builders;
  for (const IndexedField& field : fields) builders.push_back(ColumnBuilder::Make(field));
  std::vector<uint32_t> ordinals;
  for (const PayloadChange* change : changes) {
    if (!change->exists) continue;
    ordinals.push_back(Index(change->ordinal));
    if (builders.empty() || change->payload.empty()) continue;
    ThreadPayloadParser().With(change->payload, [&](auto root) {
      for (const auto& builder : builders) builder->Add(ordinals.back(), root);
    });
  }
  auto columns = std::make_shared<Run::Columns>();
  for (const auto& builder : builders) columns->push_back(builder->Build());
  return Run(Bitmap::FromSorted(ordinals), std::move(columns));
}

Result<IndexedField> MakeField(const PayloadPath& path, const FieldSchema& schema) {
  IndexedField field{path, schema, nullptr};
  if (schema.type == FieldType::kText) {
    TextParams params;
    if (schema.params) RETURN_IF_ERROR(ReadTextParams(*schema.params, &params));
    field.analyzer = std::make_shared<const text::TextAnalyzer>(std::move(params));
  }
  return field;
}

std::shared_ptr<LogSnapshot::FieldList> Without(const PayloadPath& path, const LogSnapshot::FieldList& fields) {
  auto rest = std::make_shared<LogSnapshot::FieldList>(fields);
  std::erase_if(*rest, [&](const IndexedField& field) { return field.path == path; });
  return rest;
}

void Erase(size_t place, LogSnapshot::FieldList* fields, std::vector<Run>* runs) {
  fields->erase(fields->begin() + static_cast<ptrdiff_t>(place));
  for (Run& run : *runs) {
    Run::Columns columns = run.columns();
    columns.erase(columns.begin() + static_cast<ptrdiff_t>(place));
    run = run.WithColumns(std::move(columns));
  }
}

// Which run each living point is live in.
std::vector<uint32_t> OwnersOf(std::span<const Run> runs) {
  std::vector<uint32_t> owners;
  for (uint32_t r = 0; r < runs.size(); ++r) {
    if (runs[r].live().empty()) continue;
    if (runs[r].live().Max() >= owners.size()) owners.resize(size_t{runs[r].live().Max()} + 1, UINT32_MAX);
    runs[r].live().ForEach([&](uint32_t ordinal) {
      owners[ordinal] = r;
      return true;
    });
  }
  return owners;
}

}  // namespace

LogSnapshot::LogSnapshot(Parts parts)
    : fields_(std::move(parts.fields)),
      declared_(std::move(parts.declared)),
      runs_(std::move(parts.runs)),
      demand_(std::move(parts.demand)),
      answers_(kAnswerBudget) {
  for (const Run& run : runs_) point_count_ += run.live_count();
}

std::shared_ptr<const IndexSnapshot> IndexSnapshot::Empty() {
  const auto none = std::make_shared<const LogSnapshot::FieldList>();
  return std::make_shared<LogSnapshot>(LogSnapshot::Parts{none, none, {}, std::make_shared<ColumnDemand>()});
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::Make(std::shared_ptr<const FieldList> fields,
                                                       std::shared_ptr<const FieldList> declared,
                                                       std::vector<Run> runs) const {
  return std::make_shared<const LogSnapshot>(Parts{std::move(fields), std::move(declared), std::move(runs), demand_});
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::With(std::span<const PayloadChange> changes) const {
  const std::vector<const PayloadChange*> last = LastChanges(changes);
  std::vector<uint32_t> ordinals;
  for (const PayloadChange* change : last) ordinals.push_back(Index(change->ordinal));
  const Bitmap changed = Bitmap::FromSorted(ordinals);

  std::vector<Run> runs = runs_;
  for (Run& run : runs)
    if (run.Touches(changed)) run = run.Without(changed);
  runs.push_back(BuildRun(last, *fields_));
  Compact(*fields_, &runs);
  return Make(fields_, declared_, std::move(runs));
}

Result<std::shared_ptr<const IndexSnapshot>> LogSnapshot::WithField(const PayloadPath& path, const FieldSchema& schema,
                                                                    const PointSource& points) const {
  ASSIGN_OR_RETURN(const IndexedField field, MakeField(path, schema));
  const std::vector<uint32_t> owners = OwnersOf(runs_);
  std::vector<std::unique_ptr<ColumnBuilder>> builders;
  for (size_t r = 0; r < runs_.size(); ++r) builders.push_back(ColumnBuilder::Make(field));
  RETURN_IF_ERROR(points.ForEachPayload({}, [&](Ordinal ordinal, std::string_view payload) -> Status {
    if (Index(ordinal) >= owners.size() || owners[Index(ordinal)] == UINT32_MAX) return OkStatus();
    ColumnBuilder& builder = *builders[owners[Index(ordinal)]];
    ThreadPayloadParser().With(payload, [&](auto root) { builder.Add(Index(ordinal), root); });
    return OkStatus();
  }));

  auto fields = std::make_shared<FieldList>(*fields_);
  const size_t place = View().FindFilled(path).value_or(fields->size());
  if (place == fields->size()) fields->emplace_back();
  (*fields)[place] = field;
  std::vector<Run> runs;
  for (size_t r = 0; r < runs_.size(); ++r) {
    Run::Columns columns = runs_[r].columns();
    columns.resize(fields->size());
    columns[place] = builders[r]->Build();
    builders[r].reset();
    runs.push_back(runs_[r].WithColumns(std::move(columns)));
  }
  return Make(std::move(fields), Without(path, *declared_), std::move(runs));
}

Result<std::shared_ptr<const IndexSnapshot>> LogSnapshot::Declare(const PayloadPath& path,
                                                                  const FieldSchema& schema) const {
  ASSIGN_OR_RETURN(IndexedField field, MakeField(path, schema));
  auto declared = Without(path, *declared_);
  const auto filled = View().FindFilled(path);
  const bool same = filled && ToJson((*fields_)[*filled].schema) == ToJson(schema);
  if (!same) declared->push_back(std::move(field));
  return Make(fields_, std::move(declared), runs_);
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::WithoutField(const PayloadPath& path) const {
  auto fields = std::make_shared<FieldList>(*fields_);
  std::vector<Run> runs = runs_;
  if (const auto place = View().FindFilled(path)) Erase(*place, fields.get(), &runs);
  return Make(std::move(fields), Without(path, *declared_), std::move(runs));
}

IndexView LogSnapshot::View() const {
  return {*fields_, runs_, point_count_, [this] { return Living(); }, *declared_, demand_.get()};
}

std::shared_ptr<const Bitmap> LogSnapshot::Living() const {
  const std::lock_guard lock(mutex_);
  if (living_ == nullptr) {
    std::vector<const Bitmap*> live;
    for (const Run& run : runs_) live.push_back(&run.live());
    living_ = std::make_shared<const Bitmap>(Bitmap::UnionOf(live));
  }
  return living_;
}

std::shared_ptr<const OrdinalSet> LogSnapshot::AllPoints() const {
  const auto living = Living();
  const std::lock_guard lock(mutex_);
  if (all_points_ == nullptr) all_points_ = std::make_shared<const OrdinalSet>(living->ToOrdinalSet());
  return all_points_;
}

std::vector<IndexSnapshot::Field> LogSnapshot::Fields() const {
  std::vector<Field> out;
  for (size_t f = 0; f < fields_->size(); ++f) {
    if ((*fields_)[f].background) continue;
    Field field{(*fields_)[f].path, (*fields_)[f].schema, 0};
    for (const Run& run : runs_) field.points += run.column(f).present().IntersectionSize(run.live());
    out.push_back(std::move(field));
  }
  return out;
}

size_t LogSnapshot::field_count() const {
  const IndexView view = View();
  const auto hides_one = [&](const IndexedField& field) { return view.FindFilled(field.path).has_value(); };
  const auto filled =
      std::count_if(fields_->begin(), fields_->end(), [](const IndexedField& field) { return !field.background; });
  return static_cast<size_t>(filled - std::count_if(declared_->begin(), declared_->end(), hides_one)) +
         declared_->size();
}

const FieldSchema* LogSnapshot::SchemaOf(const PayloadPath& path) const {
  const IndexView view = View();
  if (const IndexedField* declared = view.FindDeclared(path)) return &declared->schema;
  const auto place = view.FindFilled(path);
  return place ? &(*fields_)[*place].schema : nullptr;
}

Result<std::shared_ptr<const OrdinalSet>> LogSnapshot::Evaluate(const Filter& filter, const PointSource& points,
                                                                const Deadline& deadline) const {
  const auto key = FilterKey(filter);
  if (key) {
    if (auto cached = answers_.Find(*key)) return cached;
  }
  RETURN_IF_ERROR(deadline.Check());
  ASSIGN_OR_RETURN(OrdinalSet satisfying, EvaluateFilter(filter, View(), points, deadline));
  auto answer = std::make_shared<const OrdinalSet>(std::move(satisfying));
  if (key) answers_.Put(*key, answer);
  return answer;
}

size_t LogSnapshot::Estimate(const Filter& filter, const PointSource& points) const {
  const auto key = FilterKey(filter);
  if (key) {
    if (const auto cached = answers_.Find(*key)) return cached->size();
  }
  return static_cast<size_t>(std::llround(EstimateFilter(filter, View(), points)));
}

Result<std::vector<OrderedValue>> LogSnapshot::Ordered(const PayloadPath& path, OrderDirection direction,
                                                       std::optional<double> start_from, const OrdinalSet* accept,
                                                       size_t limit) const {
  const auto field = View().FindFilled(path);
  if (!field || !ServesOrder((*fields_)[*field].schema))
    return WrongInput(absl::StrCat("No range index for `order_by` key: `", path.ToString(),
                                   "`. Please create one to use `order_by`. Integer indexes with `range`, float and "
                                   "datetime indexes support it"));
  return OrderedValues(View(), *field, {direction, start_from, accept, limit});
}

Result<std::vector<FacetCount>> LogSnapshot::Facet(const PayloadPath& path, const OrdinalSet* accept,
                                                   size_t limit) const {
  const auto field = View().FindFilled(path);
  if (!field || !ServesFacet((*fields_)[*field].schema))
    return WrongInput(absl::StrCat("No index to facet on `", path.ToString(),
                                   "`. Please create one. Keyword, integer (with `lookup`), bool and uuid indexes "
                                   "support it"));
  return FacetCounts(View(), *field, accept, limit);
}

std::optional<size_t> LogSnapshot::TenantField() const {
  const auto found = std::find_if(fields_->begin(), fields_->end(), [](const IndexedField& field) {
    return !field.background && IsTenant(field.schema);
  });
  if (found == fields_->end()) return std::nullopt;
  return static_cast<size_t>(found - fields_->begin());
}

std::vector<uint32_t> LogSnapshot::TenantsOf(std::span<const Ordinal> points) const {
  const std::optional<size_t> field = TenantField();
  return field ? TenantNumbers(View(), *field, points) : std::vector<uint32_t>();
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::WithColumn(const BackgroundColumn& column) const {
  auto fields = std::make_shared<FieldList>(*fields_);
  std::vector<Run> runs = runs_;
  if (const auto place = View().FindColumn(column)) Erase(*place, fields.get(), &runs);
  IndexedField& field = fields->emplace_back();
  field.path = column.path;
  field.schema.type = column.type;
  field.background = true;
  for (Run& run : runs) {
    Run::Columns columns = run.columns();
    columns.push_back(nullptr);
    run = run.WithColumns(std::move(columns));
  }
  return Make(std::move(fields), declared_, std::move(runs));
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::WithoutColumn(const BackgroundColumn& column) const {
  auto fields = std::make_shared<FieldList>(*fields_);
  std::vector<Run> runs = runs_;
  if (const auto place = View().FindColumn(column)) Erase(*place, fields.get(), &runs);
  return Make(std::move(fields), declared_, std::move(runs));
}

std::vector<ColumnState> LogSnapshot::Columns() const {
  std::vector<ColumnState> out;
  for (size_t f = 0; f < fields_->size(); ++f) {
    const IndexedField& field = (*fields_)[f];
    if (!field.background) continue;
    ColumnState state{{field.path, field.schema.type}, 0, 0};
    for (const Run& run : runs_) {
      if (!run.HasColumn(f)) continue;
      state.filled_points += run.live_count();
      state.memory_bytes += run.column(f).memory_bytes();
    }
    out.push_back(std::move(state));
  }
  return out;
}

bool LogSnapshot::has_columns() const {
  return std::any_of(fields_->begin(), fields_->end(), [](const IndexedField& field) { return field.background; });
}

bool LogSnapshot::LacksPieces() const {
  return std::any_of(runs_.begin(), runs_.end(), [&](const Run& run) { return !run.HasAllColumns(); });
}

Result<std::shared_ptr<const ColumnPiece>> LogSnapshot::ReadColumns(const PointSource& points, size_t about_points,
                                                                    const CancelToken& cancel) const {
  ASSIGN_OR_RETURN(ColumnPiece piece, ReadPiece(*fields_, runs_, points, about_points, cancel));
  if (piece.parts.empty()) return std::shared_ptr<const ColumnPiece>();
  return std::make_shared<const ColumnPiece>(std::move(piece));
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::WithPiece(const ColumnPiece& piece) const {
  std::vector<Run> runs = runs_;
  for (Run& run : runs) run = payload_index::WithPiece(piece, *fields_, run);
  return Make(fields_, declared_, std::move(runs));
}

bool LogSnapshot::HasRunsToMerge(bool at_rest) const {
  return !fields_->empty() && !RunsToMerge(runs_, at_rest).empty();
}

std::shared_ptr<const RunMerge> LogSnapshot::MergeRuns(bool at_rest) const {
  return std::make_shared<const RunMerge>(MergeOf(RunsToMerge(runs_, at_rest), *fields_));
}

std::shared_ptr<const IndexSnapshot> LogSnapshot::WithRunMerge(const RunMerge& merge) const {
  std::vector<Run> runs = runs_;
  return Replace(merge, &runs) ? Make(fields_, declared_, std::move(runs)) : nullptr;
}

size_t LogSnapshot::memory_bytes() const {
  size_t bytes = sizeof(*this) + answers_.memory_bytes();
  for (const Run& run : runs_) bytes += run.memory_bytes();
  const std::lock_guard lock(mutex_);
  if (living_ != nullptr) bytes += living_->memory_bytes();
  if (all_points_ != nullptr) bytes += all_points_->memory_bytes();
  return bytes;
}

}  // namespace sextant::payload_index
