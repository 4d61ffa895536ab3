#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"

namespace sextant::wire {

// How the messages of a configuration relate to the JSON of the REST interface.
enum class ConfigShape {
  kObject,      // one member per field
  kOnlyMember,  // stands for its only set member: a map, or one of several alternatives
  kValue,       // any JSON value (qdrant.Value)
  kFlag,        // its presence means true
  kDisabled,    // its presence means "Disabled"
  kStemmer,     // {"type": …}
};
ConfigShape ShapeOf(const google::protobuf::Descriptor& type);

// The member of the JSON object that a field stands for.
std::string_view JsonKeyOf(const google::protobuf::FieldDescriptor& field);

// The JSON text of an enumerator: lower case with underscores (`OneAndHalfBits` is one_and_half_bits), except that
// distances keep their names.
std::string JsonNameOf(const google::protobuf::EnumValueDescriptor& value);
// Whether this enumerator says nothing, so that the JSON has no member.
bool SaysNothing(const google::protobuf::EnumValueDescriptor& value);

}  // namespace sextant::wire
