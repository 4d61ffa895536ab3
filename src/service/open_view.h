#pragma once

#include <string_view>

#include "base/status.h"
#include "collection/sharding/collection_view.h"
#include "runtime/deadline.h"
#include "service/requests.h"

namespace sextant::collection {
class Node;
}

namespace sextant::service {

// One state of a collection, by name or alias: all reads of a request go through the one that this takes.
Result<collection::CollectionView> OpenView(collection::Node* node, std::string_view name);

Deadline DeadlineOf(const ReadOptions& options);

}  // namespace sextant::service
