#include "collection/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/key_codec.h"

namespace sextant::collection {
namespace {

using storage::Family;
using storage::WriteBatch;

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kNextIdKey = "next_id";
constexpr std::string_view kCollectionPrefix = "c/";
constexpr std::string_view kAliasPrefix = "a/";
constexpr uint32_t kFormatVersion = 1;

std::string CollectionKey(uint64_t id) {
  std::string key(kCollectionPrefix);
  storage::AppendBigEndian64(id, &key);
  return key;
}

std::string AliasKey(std::string_view alias) {
  return std::string(kAliasPrefix).append(alias);
}

std::string Fixed64(uint64_t value) {
  std::string bytes;
  storage::AppendFixed64(value, &bytes);
  return bytes;
}

}  // namespace

Catalog::Catalog(std::string directory, std::unique_ptr<storage::Store> store)
    : directory_(std::move(directory)), store_(std::move(store)) {}

Result<std::unique_ptr<Catalog>> Catalog::Open(storage::StoreEnvironment* environment, const std::string& directory) {
  auto store = storage::Store::Open(environment, directory, /*create=*/true);
  if (!store.ok()) return Annotate(store.status(), fmt::format("cannot open the catalog '{}'", directory));
  std::unique_ptr<Catalog> catalog(new Catalog(directory, std::move(*store)));
  RETURN_IF_ERROR(catalog->CheckFormat());
  return catalog;
}

Status Catalog::Damaged(const std::string& what) const {
  return Corruption(fmt::format("the catalog '{}' is damaged: {}", directory_, what));
}

Status Catalog::CheckFormat() {
  ASSIGN_OR_RETURN(const auto format, store_->Get(Family::kMeta, kFormatKey));
  if (!format) {
    const auto any = store_->Iterate(Family::kMeta);
    any->SeekToFirst();
    RETURN_IF_ERROR(any->status());
    if (any->Valid()) return Damaged("it has entries but no format version");
    WriteBatch batch;
    std::string version;
    storage::AppendFixed32(kFormatVersion, &version);
    batch.Put(Family::kMeta, kFormatKey, version);
    return store_->Commit(std::move(batch), /*sync=*/true);
  }
  if (format->size() != sizeof(uint32_t)) return Damaged("its format version cannot be read");
  if (const uint32_t version = storage::ReadFixed32(format->data()); version != kFormatVersion) {
    return Corruption(fmt::format("the catalog '{}' has format version {}; this program reads version {}", directory_,
                                  version, kFormatVersion));
  }
  return OkStatus();
}

Result<Catalog::Contents> Catalog::Load() {
  Contents contents;
  ASSIGN_OR_RETURN(const auto next_id, store_->Get(Family::kMeta, kNextIdKey));
  if (next_id) {
    if (next_id->size() != sizeof(uint64_t)) return Damaged("its id counter cannot be read");
    contents.next_id = storage::ReadFixed64(next_id->data());
  }
  RETURN_IF_ERROR(LoadCollections(&contents));
  RETURN_IF_ERROR(LoadAliases(&contents));
  next_id_ = contents.next_id;
  return contents;
}

Status Catalog::LoadCollections(Contents* contents) const {
  const auto entry = store_->Iterate(Family::kMeta);
  for (entry->Seek(kCollectionPrefix); entry->Valid() && entry->key().starts_with(kCollectionPrefix); entry->Next()) {
    if (entry->key().size() != kCollectionPrefix.size() + sizeof(uint64_t)) return Damaged("a key cannot be read");
    const uint64_t id = storage::ReadBigEndian64(entry->key().data() + kCollectionPrefix.size());
    const auto json = Json::Parse(entry->value());
    const Json* name = json.ok() ? json->Find("name") : nullptr;
    const Json* config = json.ok() ? json->Find("config") : nullptr;
    if (name == nullptr || !name->is_string() || config == nullptr) {
      return Damaged(fmt::format("the entry of collection {} cannot be read", id));
    }
    contents->collections.push_back({id, name->as_string(), CollectionConfigFromJson(*config)});
    contents->next_id = std::max(contents->next_id, id + 1);
  }
  return entry->status();
}

Status Catalog::LoadAliases(Contents* contents) const {
  const auto entry = store_->Iterate(Family::kMeta);
  for (entry->Seek(kAliasPrefix); entry->Valid() && entry->key().starts_with(kAliasPrefix); entry->Next()) {
    const std::string alias(entry->key().substr(kAliasPrefix.size()));
    if (entry->value().size() != sizeof(uint64_t)) return Damaged(fmt::format("alias `{}` cannot be read", alias));
    contents->aliases[alias] = storage::ReadFixed64(entry->value().data());
  }
  return entry->status();
}

Status Catalog::PutCollection(uint64_t id, const std::string& name, const CollectionConfig& config) {
  Json::Object entry;
  entry.emplace_back("name", name);
  entry.emplace_back("config", ToJson(config));
  const uint64_t next_id = std::max(next_id_, id + 1);
  WriteBatch batch;
  batch.Put(Family::kMeta, kNextIdKey, Fixed64(next_id));
  batch.Put(Family::kMeta, CollectionKey(id), Json(std::move(entry)).Dump());
  RETURN_IF_ERROR(store_->Commit(std::move(batch), /*sync=*/true));
  next_id_ = next_id;
  return OkStatus();
}

Status Catalog::RemoveCollection(uint64_t id, const std::vector<std::string>& aliases) {
  WriteBatch batch;
  batch.Delete(Family::kMeta, CollectionKey(id));
  for (const std::string& alias : aliases) batch.Delete(Family::kMeta, AliasKey(alias));
  return store_->Commit(std::move(batch), /*sync=*/true);
}

Status Catalog::ChangeAliases(const std::map<std::string, std::optional<uint64_t>>& changes) {
  if (changes.empty()) return OkStatus();
  WriteBatch batch;
  for (const auto& [alias, id] : changes) {
    if (id) {
      batch.Put(Family::kMeta, AliasKey(alias), Fixed64(*id));
    } else {
      batch.Delete(Family::kMeta, AliasKey(alias));
    }
  }
  return store_->Commit(std::move(batch), /*sync=*/true);
}

}  // namespace sextant::collection
