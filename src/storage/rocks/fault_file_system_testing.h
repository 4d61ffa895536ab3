#pragma once

#include <memory>

#include "storage/disk_model_testing.h"
#include "storage/rocks/store_environment.h"

namespace sextant::storage {

// The simulated disk as RocksDB sees it.
std::shared_ptr<StoreFileSystem> MakeFaultyStoreFileSystem(std::shared_ptr<DiskModel> model);

}  // namespace sextant::storage
