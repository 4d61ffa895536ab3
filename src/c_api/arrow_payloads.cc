#include "c_api/arrow_payloads.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "nanoarrow.h"
#include "simdjson.h"
#include "types/json.h"
#include "wire/rest/json/json_text.h"

namespace sextant::c_api {

// A column of the batch, or what is inside one.
struct ArrowColumn {
  std::string path;  // for messages
  std::string key;   // of its member: `"name":`
  ArrowSchemaView type;
  const ArrowArrayView* values = nullptr;
  std::vector<ArrowColumn> inside;  // of lists and structs: the children; of dictionaries: the values
};

namespace {

bool IsList(ArrowType type) {
  return type == NANOARROW_TYPE_LIST || type == NANOARROW_TYPE_LARGE_LIST || type == NANOARROW_TYPE_FIXED_SIZE_LIST;
}

bool IsNested(ArrowType type) {
  return IsList(type) || type == NANOARROW_TYPE_STRUCT || type == NANOARROW_TYPE_DICTIONARY;
}

bool IsScalar(ArrowType type) {
  switch (type) {
    case NANOARROW_TYPE_NA:
    case NANOARROW_TYPE_BOOL:
    case NANOARROW_TYPE_INT8:
    case NANOARROW_TYPE_INT16:
    case NANOARROW_TYPE_INT32:
    case NANOARROW_TYPE_INT64:
    case NANOARROW_TYPE_UINT8:
    case NANOARROW_TYPE_UINT16:
    case NANOARROW_TYPE_UINT32:
    case NANOARROW_TYPE_UINT64:
    case NANOARROW_TYPE_HALF_FLOAT:
    case NANOARROW_TYPE_FLOAT:
    case NANOARROW_TYPE_DOUBLE:
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_STRING_VIEW:
    case NANOARROW_TYPE_DATE32:
    case NANOARROW_TYPE_DATE64:
    case NANOARROW_TYPE_TIMESTAMP: return true;
    default: return false;
  }
}

Status WrongColumns(std::string_view what) {
  return WrongInput(fmt::format("payload columns: {}", what));
}

// Of one more member of a struct.
Status CheckName(const ArrowColumn& column, const std::string& name) {
  if (!simdjson::validate_utf8(name)) return WrongColumns(fmt::format("a name in `{}` is not UTF-8", column.path));
  std::string key;
  AppendJsonString(name, &key);
  for (const ArrowColumn& other : column.inside)
    if (other.key == key + ":") return WrongColumns(fmt::format("there are two named `{}`", name));
  return OkStatus();
}

Result<ArrowColumn> OpenColumn(const ArrowSchema* schema, const ArrowArrayView* values, std::string path, int depth) {
  ArrowColumn column;
  column.path = std::move(path);
  column.values = values;
  ArrowError error;
  if (ArrowSchemaViewInit(&column.type, schema, &error) != NANOARROW_OK)
    return WrongColumns(fmt::format("`{}`: {}", column.path, error.message));
  if (!IsScalar(column.type.type) && !IsNested(column.type.type))
    return WrongColumns(
        fmt::format("`{}` is of type {}, which payloads cannot hold", column.path, ArrowTypeString(column.type.type)));
  if (depth > wire::kMaxPayloadDepth)
    return WrongColumns(fmt::format("`{}` is nested deeper than {}", column.path, wire::kMaxPayloadDepth));
  if (schema->name != nullptr) AppendJsonString(schema->name, &column.key);
  column.key += ':';
  if (column.type.type == NANOARROW_TYPE_DICTIONARY) {
    ASSIGN_OR_RETURN(ArrowColumn inside, OpenColumn(schema->dictionary, values->dictionary, column.path, depth));
    column.inside.push_back(std::move(inside));
    return column;
  }
  if (!IsNested(column.type.type)) return column;
  for (int64_t i = 0; i < schema->n_children; ++i) {
    const ArrowSchema* child = schema->children[i];
    const std::string name = child->name != nullptr ? child->name : "";
    if (column.type.type == NANOARROW_TYPE_STRUCT) RETURN_IF_ERROR(CheckName(column, name));
    ASSIGN_OR_RETURN(ArrowColumn inside, OpenColumn(child, values->children[i],
                                                    column.path.empty() ? name : column.path + "." + name, depth + 1));
    column.inside.push_back(std::move(inside));
  }
  return column;
}

// RFC 3339; without an offset when the column has no time zone, which is UTC to filters and indexes.
void AppendTime(std::chrono::sys_time<std::chrono::nanoseconds> time, bool has_zone, std::string* out) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  fmt::format_to(std::back_inserter(*out), "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                 clock.minutes().count(), clock.seconds().count());
  if (const auto fraction = clock.subseconds().count(); fraction != 0)
    fmt::format_to(std::back_inserter(*out), ".{:09}", fraction);
  *out += has_zone ? "Z\"" : "\"";
}

void AppendDate(std::chrono::sys_days day, std::string* out) {
  const std::chrono::year_month_day date(day);
  fmt::format_to(std::back_inserter(*out), "\"{:04}-{:02}-{:02}\"", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

// False when a nanosecond count of 64 bits does not reach so far.
bool ToNanoseconds(int64_t value, ArrowTimeUnit unit, int64_t* out) {
  constexpr int64_t kFactors[] = {1'000'000'000, 1'000'000, 1'000, 1};  // second, milli, micro, nano
  return !__builtin_mul_overflow(value, kFactors[unit], out);
}

Status AppendMember(const ArrowColumn& column, int64_t row, bool* is_absent, std::string* out);

// Items of a list, nulls among them.
Status AppendList(const ArrowColumn& column, int64_t row, std::string* out) {
  const ArrowArrayView* list = column.values;
  int64_t begin = 0, end = 0;
  if (column.type.type == NANOARROW_TYPE_FIXED_SIZE_LIST) {
    begin = (list->offset + row) * column.type.fixed_size;
    end = begin + column.type.fixed_size;
  } else {
    begin = ArrowArrayViewListChildOffset(list, list->offset + row);
    end = ArrowArrayViewListChildOffset(list, list->offset + row + 1);
  }
  *out += '[';
  for (int64_t i = begin; i < end; ++i) {
    if (i > begin) *out += ',';
    bool is_absent = false;
    RETURN_IF_ERROR(AppendMember(column.inside[0], i, &is_absent, out));
    if (is_absent) *out += "null";
  }
  *out += ']';
  return OkStatus();
}

// The members of a struct that are not null.
Status AppendObject(const ArrowColumn& column, int64_t row, std::string* out) {
  *out += '{';
  for (const ArrowColumn& member : column.inside) {
    const size_t before = out->size();
    if (out->back() != '{') *out += ',';
    *out += member.key;
    bool is_absent = false;
    RETURN_IF_ERROR(AppendMember(member, column.values->offset + row, &is_absent, out));
    if (is_absent) out->resize(before);
  }
  *out += '}';
  return OkStatus();
}

Status AppendText(const ArrowColumn& column, int64_t row, std::string* out) {
  const ArrowStringView text = ArrowArrayViewGetStringUnsafe(column.values, row);
  const std::string_view view(text.data, static_cast<size_t>(text.size_bytes));
  if (!simdjson::validate_utf8(view)) return WrongColumns(fmt::format("row {} of `{}` is not UTF-8", row, column.path));
  AppendJsonString(view, out);
  return OkStatus();
}

Status AppendTimestamp(const ArrowColumn& column, int64_t row, std::string* out) {
  int64_t nanoseconds = 0;
  if (!ToNanoseconds(ArrowArrayViewGetIntUnsafe(column.values, row), column.type.time_unit, &nanoseconds))
    return WrongColumns(fmt::format("row {} of `{}` is not between the years 1678 and 2262", row, column.path));
  AppendTime(std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(nanoseconds)),
             column.type.timezone != nullptr && *column.type.timezone != '\0', out);
  return OkStatus();
}

Status AppendValue(const ArrowColumn& column, int64_t row, std::string* out) {
  switch (column.type.type) {
    case NANOARROW_TYPE_BOOL:
      *out += ArrowArrayViewGetIntUnsafe(column.values, row) != 0 ? "true" : "false";
      return OkStatus();
    case NANOARROW_TYPE_UINT64:
      AppendJsonNumber(ArrowArrayViewGetUIntUnsafe(column.values, row), out);
      return OkStatus();
    case NANOARROW_TYPE_FLOAT:
      AppendJsonNumber(static_cast<float>(ArrowArrayViewGetDoubleUnsafe(column.values, row)), out);
      return OkStatus();
    case NANOARROW_TYPE_HALF_FLOAT:
    case NANOARROW_TYPE_DOUBLE:
      AppendJsonNumber(ArrowArrayViewGetDoubleUnsafe(column.values, row), out);
      return OkStatus();
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_STRING_VIEW: return AppendText(column, row, out);
    case NANOARROW_TYPE_DATE32:
      AppendDate(std::chrono::sys_days(std::chrono::days(ArrowArrayViewGetIntUnsafe(column.values, row))), out);
      return OkStatus();
    case NANOARROW_TYPE_DATE64:
      AppendDate(std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(
                     std::chrono::milliseconds(ArrowArrayViewGetIntUnsafe(column.values, row)))),
                 out);
      return OkStatus();
    case NANOARROW_TYPE_TIMESTAMP: return AppendTimestamp(column, row, out);
    case NANOARROW_TYPE_STRUCT: return AppendObject(column, row, out);
    default: break;
  }
  if (IsList(column.type.type)) return AppendList(column, row, out);
  AppendJsonNumber(ArrowArrayViewGetIntUnsafe(column.values, row), out);
  return OkStatus();
}

bool IsFloat(ArrowType type) {
  return type == NANOARROW_TYPE_HALF_FLOAT || type == NANOARROW_TYPE_FLOAT || type == NANOARROW_TYPE_DOUBLE;
}

Status AppendMember(const ArrowColumn& column, int64_t row, bool* is_absent, std::string* out) {
  *is_absent = column.type.type == NANOARROW_TYPE_NA || ArrowArrayViewIsNull(column.values, row) ||
               (IsFloat(column.type.type) && !std::isfinite(ArrowArrayViewGetDoubleUnsafe(column.values, row)));
  if (*is_absent) return OkStatus();
  if (column.type.type != NANOARROW_TYPE_DICTIONARY) return AppendValue(column, row, out);
  const int64_t index = ArrowArrayViewGetIntUnsafe(column.values, row);
  const ArrowColumn& values = column.inside[0];
  if (index < 0 || index >= values.values->length)
    return WrongColumns(
        fmt::format("row {} of `{}` names value {} of {}", row, column.path, index, values.values->length));
  return AppendMember(values, index, is_absent, out);
}

}  // namespace

struct ArrowPayloads::Batch {
  ArrowArrayView view;
  ArrowColumn root;

  Batch() { ArrowArrayViewInitFromType(&view, NANOARROW_TYPE_UNINITIALIZED); }
  ~Batch() { ArrowArrayViewReset(&view); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
};

Result<ArrowPayloads> ArrowPayloads::Open(const ArrowArray* array, const ArrowSchema* schema, uint64_t count) {
  auto batch = std::make_unique<Batch>();
  ArrowError error;
  if (schema->format == nullptr || std::string_view(schema->format) != "+s")
    return WrongColumns("they must be a record batch (a struct array)");
  if (ArrowArrayViewInitFromSchema(&batch->view, schema, &error) != NANOARROW_OK ||
      ArrowArrayViewSetArray(&batch->view, array, &error) != NANOARROW_OK ||
      ArrowArrayViewValidate(&batch->view, NANOARROW_VALIDATION_LEVEL_FULL, &error) != NANOARROW_OK)
    return WrongColumns(error.message);
  if (static_cast<uint64_t>(array->length) != count)
    return WrongColumns(fmt::format("{} rows for {} points", array->length, count));
  ASSIGN_OR_RETURN(batch->root, OpenColumn(schema, &batch->view, "", 0));
  return ArrowPayloads(std::move(batch));
}

ArrowPayloads::ArrowPayloads(std::unique_ptr<Batch> batch) : batch_(std::move(batch)) {}
ArrowPayloads::~ArrowPayloads() = default;
ArrowPayloads::ArrowPayloads(ArrowPayloads&&) noexcept = default;
ArrowPayloads& ArrowPayloads::operator=(ArrowPayloads&&) noexcept = default;

Result<std::string> ArrowPayloads::Row(uint64_t row) const {
  std::string payload;
  RETURN_IF_ERROR(AppendObject(batch_->root, static_cast<int64_t>(row), &payload));
  if (payload == "{}") payload.clear();
  return payload;
}

}  // namespace sextant::c_api
