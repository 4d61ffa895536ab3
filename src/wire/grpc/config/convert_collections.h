#pragma once

#include <vector>

#include "base/status.h"
#include "collections.pb.h"
#include "points.pb.h"
#include "service/requests.h"
#include "types/config.h"

namespace sextant::wire {

// Operations on collections and aliases. Errors as of the REST interface; kFormat for members without a form.
Result<service::CreateCollection> ConvertCreate(const qdrant::CreateCollection& request,
                                                const CollectionConfig& defaults);
Result<service::UpdateCollection> ConvertUpdate(const qdrant::UpdateCollection& request);
// A vector to be added to a collection.
Result<VectorParams> ConvertVectorName(const qdrant::CreateVectorNameRequest& request);
Result<std::vector<service::AliasAction>> ConvertAliasActions(const qdrant::ChangeAliases& request);

Status FillCollectionInfo(const service::CollectionInfo& info, qdrant::CollectionInfo* out);
void FillCollectionNames(const std::vector<std::string>& names, qdrant::ListCollectionsResponse* out);
void FillAliases(const std::vector<service::AliasDescription>& aliases, qdrant::ListAliasesResponse* out);

}  // namespace sextant::wire
