#pragma once

#include <string>
#include <variant>

namespace sextant::collection {

// Changes of aliases: second names of collections.
struct CreateAlias {  // an existing alias of that name is repointed
  std::string collection, alias;
};
struct DeleteAlias {  // deleting an unknown alias succeeds
  std::string alias;
};
struct RenameAlias {  // an existing alias of the new name is replaced
  std::string old_alias, new_alias;
};
using AliasAction = std::variant<CreateAlias, DeleteAlias, RenameAlias>;

}  // namespace sextant::collection
