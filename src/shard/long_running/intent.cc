#include "shard/long_running/intent.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "storage/key_codec.h"

namespace sextant::shard {
namespace {

using storage::Family;

constexpr char kRecordKey[] = "i";
constexpr char kChangeKey[] = "ic";

std::string OrdinalsKey(uint32_t chunk) {
  std::string key = "io";
  storage::AppendBigEndian32(chunk, &key);
  return key;
}

// Payloads are kept as text, so that the entry nests no deeper than they do.
Json ChangeToJson(const Operation& operation) {
  Json::Object out;
  const auto kind = [&](const char* name) { out.emplace_back("kind", Json(name)); };
  const auto texts = [](const auto& values, auto&& text) {
    Json::Array array;
    for (const auto& value : values) array.emplace_back(text(value));
    return Json(std::move(array));
  };
  if (const auto* set = std::get_if<SetPayload>(&operation)) {
    kind("set_payload");
    out.emplace_back("payload", Json(set->payload.Dump()));
    if (set->key) out.emplace_back("key", Json(set->key->ToString()));
  } else if (const auto* overwrite = std::get_if<OverwritePayload>(&operation)) {
    kind("overwrite_payload");
    out.emplace_back("payload", Json(overwrite->payload.Dump()));
  } else if (const auto* erase = std::get_if<DeletePayload>(&operation)) {
    kind("delete_payload");
    out.emplace_back("keys", texts(erase->keys, [](const PayloadPath& path) { return path.ToString(); }));
  } else if (const auto* vectors = std::get_if<DeleteVectors>(&operation)) {
    kind("delete_vectors");
    out.emplace_back("names", texts(vectors->names, [](const std::string& name) { return name; }));
  } else {
    kind(std::holds_alternative<ClearPayload>(operation) ? "clear_payload" : "delete_points");
  }
  return Json(std::move(out));
}

// Reads the members of a change; the first thing that is not as written above is the error.
class ChangeReader {
 public:
  explicit ChangeReader(const Json& json) : json_(json) {}

  std::string Text(const char* name) {
    const Json* value = json_.Find(name);
    if (value != nullptr && value->is_string()) return value->as_string();
    intact_ = false;
    return std::string();
  }
  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> out;
    const Json* value = json_.Find(name);
    if (value == nullptr || !value->is_array()) {
      intact_ = false;
      return out;
    }
    for (const Json& text : value->array()) {
      intact_ = intact_ && text.is_string();
      if (intact_) out.push_back(text.as_string());
    }
    return out;
  }
  Json Payload() {
    Result<Json> payload = Json::Parse(Text("payload"));
    intact_ = intact_ && payload.ok() && payload->is_object();
    return intact_ ? *std::move(payload) : Json(Json::Object());
  }
  PayloadPath Path(const std::string& text) {
    Result<PayloadPath> path = PayloadPath::Parse(text);
    intact_ = intact_ && path.ok();
    return intact_ ? *std::move(path) : PayloadPath();
  }

  Operation Read() {
    const std::string kind = Text("kind");
    if (kind == "set_payload") {
      SetPayload set{{}, Payload(), std::nullopt};
      if (json_.Find("key") != nullptr) set.key = Path(Text("key"));
      return set;
    }
    if (kind == "overwrite_payload") return OverwritePayload{{}, Payload()};
    if (kind == "delete_payload") {
      DeletePayload erase;
      for (const std::string& key : Texts("keys")) erase.keys.push_back(Path(key));
      return erase;
    }
    if (kind == "delete_vectors") return DeleteVectors{{}, Texts("names")};
    if (kind == "clear_payload") return ClearPayload{};
    intact_ = intact_ && kind == "delete_points";
    return DeletePoints{};
  }
  bool intact() const { return intact_; }

 private:
  const Json& json_;
  bool intact_ = true;
};

Status Damaged(const char* what) {
  return Corruption(std::string("the shard's unfinished operation has a malformed ") + what);
}

}  // namespace

void PutIntent(const IntentRecord& intent, storage::WriteBatch* batch) {
  std::string value;
  storage::AppendFixed64(intent.number, &value);
  storage::AppendFixed64(intent.points, &value);
  storage::AppendFixed64(intent.done, &value);
  batch->Put(Family::kMeta, kRecordKey, value);
}

Result<IntentRecord> DecodeIntent(std::string_view value) {
  if (value.size() != 24) return Damaged("record");
  const IntentRecord intent{storage::ReadFixed64(value.data()), storage::ReadFixed64(value.data() + 8),
                            storage::ReadFixed64(value.data() + 16)};
  if (intent.done > intent.points) return Damaged("record");
  return intent;
}

void PutIntentChange(const Operation& operation, storage::WriteBatch* batch) {
  batch->Put(Family::kMeta, kChangeKey, ChangeToJson(operation).Dump());
}

Result<Operation> ReadIntentChange(const storage::Store& store) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, store.Get(Family::kMeta, kChangeKey));
  if (!text) return Damaged("change");
  const Result<Json> json = Json::Parse(*text);
  if (!json.ok()) return Damaged("change");
  ChangeReader reader(*json);
  Operation operation = reader.Read();
  if (!reader.intact()) return Damaged("change");
  return operation;
}

void PutIntentOrdinals(uint32_t chunk, std::span<const Ordinal> ordinals, storage::WriteBatch* batch) {
  std::string value;
  value.reserve(ordinals.size() * 4);
  for (const Ordinal ordinal : ordinals) storage::AppendFixed32(Index(ordinal), &value);
  batch->Put(Family::kMeta, OrdinalsKey(chunk), value);
}

Result<std::vector<Ordinal>> ReadIntentOrdinals(const storage::Store& store, uint32_t chunk) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value, store.Get(Family::kMeta, OrdinalsKey(chunk)));
  if (!value || value->size() % 4 != 0) return Damaged("list of points");
  std::vector<Ordinal> ordinals(value->size() / 4);
  for (size_t i = 0; i < ordinals.size(); ++i) ordinals[i] = Ordinal{storage::ReadFixed32(value->data() + i * 4)};
  return ordinals;
}

Status DeleteIntent(const storage::Store& store, storage::WriteBatch* batch) {
  const auto cursor = store.Iterate(Family::kMeta);
  for (cursor->Seek(kRecordKey); cursor->Valid() && cursor->key().starts_with(kRecordKey); cursor->Next())
    batch->Delete(Family::kMeta, cursor->key());
  return cursor->status();
}

}  // namespace sextant::shard
