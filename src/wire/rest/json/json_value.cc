#include "wire/rest/json/json_value.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "wire/rest/json/json_text.h"

namespace sextant::wire {
namespace {

// Payloads may be nested kMaxPayloadDepth deep; requests around them need a few levels more, deep filters as many.
// Prefetches may be nested 64 deep, which takes two levels each, with filters and formulas inside.
constexpr size_t kMaxBodyDepth = 256;
// A parser keeps buffers as large as its largest document; above this size a body gets a parser of its own.
constexpr size_t kSharedParserLimit = size_t{1} << 18;
// Values quoted in messages are cut to this length.
constexpr size_t kMaxQuoted = 64;

std::string Quoted(std::string_view text) {
  if (text.size() <= kMaxQuoted) return absl::StrCat("\"", std::string(text), "\"");
  size_t cut = kMaxQuoted;  // not inside a UTF-8 sequence
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return absl::StrCat("\"", std::string(text.substr(0, cut)), "…\"");
}

template <typename Number>
std::string NumberText(Number number) {
  std::string out;
  AppendJsonNumber(number, &out);
  return out;
}

Status ParseInto(simdjson::dom::parser* parser, const std::string& body, simdjson::dom::element* root) {
  if (body.empty()) return FormatError("EOF while parsing a value: the body is empty");
  if (parser->max_depth() != kMaxBodyDepth) {
    if (auto error = parser->allocate(body.size(), kMaxBodyDepth)) return Internal(simdjson::error_message(error));
  }
  auto error = parser->parse(body).get(*root);
  if (error == simdjson::NUMBER_ERROR) error = parser->parse(WithLargeIntegersAsDoubles(body)).get(*root);
  if (error == simdjson::NUMBER_ERROR) return FormatError("invalid JSON: number out of range or malformed");
  if (error == simdjson::DEPTH_ERROR)
    return FormatError(absl::StrCat("recursion limit exceeded: nested deeper than ", kMaxBodyDepth));
  if (error == simdjson::MEMALLOC) return Internal("out of memory while parsing the body");
  if (error) return FormatError(absl::StrCat("invalid JSON: ", simdjson::error_message(error)));
  return OkStatus();
}

Status DecodeWith(simdjson::dom::parser* parser, const std::string& body, void (*decode)(Value, void*), void* out) {
  simdjson::dom::element root;
  RETURN_IF_ERROR(ParseInto(parser, body, &root));
  Decoding decoding;
  const Value value = Value::Root(root, &decoding);
  if (value.Expect(value.is_object(), "an object")) decode(value, out);
  return decoding.status();
}

}  // namespace

Status DecodeBody(const std::string& body, void (*decode)(Value, void*), void* out) {
  if (body.size() > kSharedParserLimit) {
    simdjson::dom::parser parser;
    return DecodeWith(&parser, body, decode, out);
  }
  thread_local simdjson::dom::parser parser;
  return DecodeWith(&parser, body, decode, out);
}

Status Decoding::status() const {
  if (!error_.ok() || violations_.empty()) return error_;
  return ValidationError(absl::StrCat("[", absl::StrJoin(violations_, "; "), "]"));
}

void Decoding::Fail(Status error) {
  if (error_.ok()) error_ = std::move(error);
}

int64_t Decoding::Push(Step step) {
  steps_.push_back(step);
  return static_cast<int64_t>(steps_.size()) - 1;
}

std::string Decoding::PathOf(int64_t step) const {
  if (step == kRoot) return "";
  const Step& at = steps_[static_cast<size_t>(step)];
  std::string path = PathOf(at.parent);
  if (at.index >= 0) return absl::StrCat(path, "[", at.index, "]");
  return absl::StrCat(path, path.empty() ? "" : ".", std::string(at.key));
}

Value::Value(Decoding* decoding, int64_t step, std::optional<simdjson::dom::element> element)
    : decoding_(decoding), step_(step), element_(element) {
  if (element_ && element_->is_null()) element_.reset();
}

bool Value::is_object() const {
  return element_ && element_->is_object();
}
bool Value::is_array() const {
  return element_ && element_->is_array();
}
bool Value::is_string() const {
  return element_ && element_->is_string();
}
bool Value::is_bool() const {
  return element_ && element_->is_bool();
}
bool Value::is_number() const {
  return element_ && element_->is_number();
}
bool Value::is_integer() const {
  return element_ && (element_->is_int64() || element_->is_uint64());
}
bool Value::is_unsigned() const {
  return element_ && element_->is_uint64();
}

bool Value::StartsWithList() const {
  if (!is_array()) return false;
  simdjson::dom::element first;
  return element_->get_array().value_unsafe().at(0).get(first) == simdjson::SUCCESS && first.is_array();
}

size_t Value::size() const {
  if (is_array()) return element_->get_array().value_unsafe().size();
  return is_object() ? element_->get_object().value_unsafe().size() : 0;
}

Value Value::operator[](std::string_view key) const {
  if (!element_ || !Expect(is_object(), "an object")) return Value(decoding_, step_, std::nullopt);
  simdjson::dom::element member;
  if (element_->get_object().value_unsafe().at_key(key).get(member) != simdjson::SUCCESS)
    return Value(decoding_, step_, std::nullopt);
  return Value(decoding_, decoding_->Push({step_, key, -1}), member);
}

Value Value::Either(std::string_view key, std::string_view alias) const {
  return Has(key) ? (*this)[key] : (*this)[alias];
}

Value Value::Required(std::string_view key) const {
  Value member = (*this)[key];
  if (!member) Fail(absl::StrCat("missing field `", std::string(key), "`"));
  return member;
}

bool Value::Has(std::string_view key) const {
  return is_object() && element_->get_object().value_unsafe().at_key(key).error() == simdjson::SUCCESS;
}

void Value::Read(bool* out) const {
  if (element_ && Expect(is_bool(), "a boolean")) *out = element_->get_bool().value_unsafe();
}

void Value::Read(uint64_t* out) const {
  if (element_ && Expect(element_->is_uint64(), "an unsigned integer")) *out = element_->get_uint64().value_unsafe();
}

void Value::Read(uint32_t* out) const {
  uint64_t wide = *out;
  Read(&wide);
  if (Expect(wide <= std::numeric_limits<uint32_t>::max(), "an unsigned integer of 32 bits"))
    *out = static_cast<uint32_t>(wide);
}

void Value::Read(int64_t* out) const {
  if (element_ && Expect(element_->is_int64(), "an integer of 64 bits")) *out = element_->get_int64().value_unsafe();
}

void Value::Read(double* out) const {
  if (element_ && Expect(is_number(), "a number")) *out = element_->get_double().value_unsafe();
}

void Value::Read(float* out) const {
  double wide = 0;
  if (!element_) return;
  Read(&wide);
  const auto narrow = static_cast<float>(wide);
  if (Expect(std::isfinite(narrow), "a number within the range of f32")) *out = narrow;
}

void Value::Read(std::string_view* out) const {
  if (element_ && Expect(is_string(), "a string")) *out = element_->get_string().value_unsafe();
}

void Value::Read(std::string* out) const {
  std::string_view text;
  if (!element_) return;
  Read(&text);
  *out = std::string(text);
}

std::optional<size_t> Value::Choice(std::initializer_list<std::string_view> names) const {
  std::string_view text;
  Read(&text);
  if (!is_string()) return std::nullopt;
  size_t place = 0;
  for (std::string_view name : names) {
    if (name == text) return place;
    ++place;
  }
  std::string expected;
  for (std::string_view name : names)
    absl::StrAppend(&expected, expected.empty() ? "`" : ", `", std::string(name), "`");
  Fail(absl::StrCat("unknown variant ", Quoted(text), ", expected one of ", expected));
  return std::nullopt;
}

void Value::ReadFloats(std::vector<float>* out) const {
  out->clear();
  if (is_array()) out->reserve(element_->get_array().value_unsafe().size());
  AppendFloats(out);
}

void Value::AppendFloats(std::vector<float>* out) const {
  if (!element_ || !Expect(is_array(), "a list of numbers")) return;
  const simdjson::dom::array elements = element_->get_array().value_unsafe();
  const size_t before = out->size();
  bool finite = true;
  for (simdjson::dom::element element : elements) {
    double wide = 0;
    if (element.get_double().get(wide) != simdjson::SUCCESS) {
      const int64_t step = decoding_->Push({step_, {}, static_cast<int64_t>(out->size() - before)});
      Value(decoding_, step, element).Expect(false, "a number");
      return;
    }
    const auto narrow = static_cast<float>(wide);
    finite = finite && std::isfinite(narrow);
    out->push_back(narrow);
  }
  if (!finite) Fail("a component is outside the range of f32");
}

void Value::ReadIndices(std::vector<uint32_t>* out) const {
  if (!element_ || !Expect(is_array(), "a list of indices")) return;
  const simdjson::dom::array elements = element_->get_array().value_unsafe();
  out->clear();
  out->reserve(elements.size());
  for (simdjson::dom::element element : elements) {
    uint64_t wide = 0;
    if (element.get_uint64().get(wide) != simdjson::SUCCESS || wide > std::numeric_limits<uint32_t>::max()) {
      const int64_t step = decoding_->Push({step_, {}, static_cast<int64_t>(out->size())});
      Value(decoding_, step, element).Expect(false, "an unsigned integer of 32 bits");
      return;
    }
    out->push_back(static_cast<uint32_t>(wide));
  }
}

std::string Value::Text() const {
  std::string out;
  if (!element_) return "null";
  if (!AppendMinified(*element_, &out)) Fail(absl::StrCat("nested deeper than ", kMaxPayloadDepth));
  return out;
}

Json Value::ToJson() const {
  const std::string text = Text();
  if (decoding_->failed()) return Json();
  auto json = Json::Parse(text);
  if (!json.ok()) {
    Reject(json.status());
    return Json();
  }
  return *std::move(json);
}

void Value::ForEach(absl::FunctionRef<void(Value)> visit) const {
  if (!element_ || !Expect(is_array(), "a list")) return;
  const simdjson::dom::array elements = element_->get_array().value_unsafe();
  int64_t index = 0;
  for (simdjson::dom::element element : elements) {
    if (decoding_->failed()) return;
    const size_t mark = decoding_->steps_.size();
    visit(Value(decoding_, decoding_->Push({step_, {}, index++}), element));
    decoding_->steps_.resize(mark);
  }
}

void Value::ForEachMember(absl::FunctionRef<void(std::string_view, Value)> visit) const {
  if (!element_ || !Expect(is_object(), "an object")) return;
  const simdjson::dom::object members = element_->get_object().value_unsafe();
  for (simdjson::dom::key_value_pair member : members) {
    if (decoding_->failed()) return;
    const size_t mark = decoding_->steps_.size();
    visit(member.key, Value(decoding_, decoding_->Push({step_, member.key, -1}), member.value));
    decoding_->steps_.resize(mark);
  }
}

bool Value::Expect(bool fits, std::string_view expected) const {
  if (!fits) Fail(absl::StrCat("invalid type: ", Describe(), ", expected ", std::string(expected)));
  return fits;
}

void Value::Fail(std::string_view message) const {
  if (decoding_->failed()) return;
  const std::string path = decoding_->PathOf(step_);
  decoding_->Fail(FormatError(absl::StrCat(path, path.empty() ? "" : ": ", std::string(message))));
}

void Value::Invalid(std::string_view message) const {
  decoding_->violations_.push_back(absl::StrCat(decoding_->PathOf(step_), ": ", std::string(message)));
}

void Value::Unsupported(std::string_view feature) const {
  const std::string path = decoding_->PathOf(step_);
  decoding_->Fail(
      WrongInput(absl::StrCat(path, path.empty() ? "" : ": ", std::string(feature), " is not supported yet")));
}

void Value::CheckBounds(uint64_t least, uint64_t most) const {
  uint64_t value = 0;
  if (!element_ || element_->get_uint64().get(value) != simdjson::SUCCESS || (value >= least && value <= most)) return;
  if (most == UINT64_MAX)
    Invalid(absl::StrCat("value ", value, " invalid, must be ", least, " or larger"));
  else
    Invalid(absl::StrCat("value ", value, " invalid, must be from ", least, " to ", most));
}

void Value::CheckFraction(double least, double most) const {
  double value = 0;
  if (!element_ || element_->get_double().get(value) != simdjson::SUCCESS || (value >= least && value <= most)) return;
  if (std::isinf(most))
    Invalid(absl::StrCat("value ", NumberText(value), " invalid, must be ", NumberText(least), " or larger"));
  else
    Invalid(absl::StrCat("value ", NumberText(value), " invalid, must be from ", NumberText(least), " to ",
                         NumberText(most)));
}

std::string Value::Describe() const {
  if (!element_) return "null";
  using Type = simdjson::dom::element_type;
  switch (element_->type()) {
    case Type::ARRAY: return "sequence";
    case Type::OBJECT: return "map";
    case Type::INT64: return absl::StrCat("integer `", element_->get_int64().value_unsafe(), "`");
    case Type::UINT64: return absl::StrCat("integer `", element_->get_uint64().value_unsafe(), "`");
    case Type::DOUBLE: return absl::StrCat("floating point `", NumberText(element_->get_double().value_unsafe()), "`");
    case Type::STRING: return absl::StrCat("string ", Quoted(element_->get_string().value_unsafe()));
    case Type::BOOL: return absl::StrCat("boolean `", element_->get_bool().value_unsafe() ? "true" : "false", "`");
    case Type::NULL_VALUE: break;
  }
  return "null";
}

}  // namespace sextant::wire
