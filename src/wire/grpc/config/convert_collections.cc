#include "wire/grpc/config/convert_collections.h"

#include <string>
#include <utility>

#include "types/json.h"
#include "wire/grpc/config/config_json.h"
#include "wire/rest/answer/answers.h"
#include "wire/rest/request/collection_requests.h"

namespace sextant::wire {

Result<service::CreateCollection> ConvertCreate(const qdrant::CreateCollection& request,
                                                const CollectionConfig& defaults) {
  ASSIGN_OR_RETURN(const Json body, ConfigToJson(request));
  return DecodeCreateCollection(body.Dump(), defaults);
}

Result<service::UpdateCollection> ConvertUpdate(const qdrant::UpdateCollection& request) {
  ASSIGN_OR_RETURN(const Json body, ConfigToJson(request));
  return DecodeUpdateCollection(body.Dump());
}

Result<VectorParams> ConvertVectorName(const qdrant::CreateVectorNameRequest& request) {
  const bool dense = request.has_dense_config();
  if (!dense && !request.has_sparse_config())
    return FormatError("vector_config: dense or sparse parameters are missing");
  ASSIGN_OR_RETURN(Json config, dense ? ConfigToJson(request.dense_config()) : ConfigToJson(request.sparse_config()));
  const Json body(Json::Object{{dense ? "dense" : "sparse", std::move(config)}});
  return DecodeVectorName(body.Dump());
}

Result<std::vector<service::AliasAction>> ConvertAliasActions(const qdrant::ChangeAliases& request) {
  std::vector<service::AliasAction> out;
  for (const qdrant::AliasOperations& action : request.actions()) {
    switch (action.action_case()) {
      case qdrant::AliasOperations::kCreateAlias:
        out.emplace_back(
            service::CreateAlias{action.create_alias().collection_name(), action.create_alias().alias_name()});
        break;
      case qdrant::AliasOperations::kRenameAlias:
        out.emplace_back(
            service::RenameAlias{action.rename_alias().old_alias_name(), action.rename_alias().new_alias_name()});
        break;
      case qdrant::AliasOperations::kDeleteAlias:
        out.emplace_back(service::DeleteAlias{action.delete_alias().alias_name()});
        break;
      case qdrant::AliasOperations::ACTION_NOT_SET: return FormatError("Malformed AliasOperations: no action");
    }
  }
  return out;
}

Status FillCollectionInfo(const service::CollectionInfo& info, qdrant::CollectionInfo* out) {
  ASSIGN_OR_RETURN(const Json json, Json::Parse(EncodeCollectionInfo(info)));
  FillConfig(json, out);
  return OkStatus();
}

void FillCollectionNames(const std::vector<std::string>& names, qdrant::ListCollectionsResponse* out) {
  for (const std::string& name : names) out->add_collections()->set_name(name);
}

void FillAliases(const std::vector<service::AliasDescription>& aliases, qdrant::ListAliasesResponse* out) {
  for (const service::AliasDescription& alias : aliases) {
    qdrant::AliasDescription* description = out->add_aliases();
    description->set_alias_name(alias.alias);
    description->set_collection_name(alias.collection);
  }
}

}  // namespace sextant::wire
