#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "service/query/query_request.h"
#include "wire/rest/json/json_value.h"

namespace sextant::wire {

// The parts that several query bodies share. Each leaves its output as it was when the value is absent.

// How many stages a body may still have: each costs much more memory than its text.
struct StageBudget {
  size_t left = 16384;
};

// A vector in any form (see DecodeVector), or a point id.
void DecodeVectorInput(Value value, service::VectorInput* out);
void DecodeVectorInputs(Value value, std::vector<service::VectorInput>* out);
// {positive, negative}, one or a list.
void DecodeContext(Value value, std::vector<service::ContextPair>* out);
void DecodeStrategy(Value value, service::RecommendStrategy* out);

void DecodeSearchParams(Value value, search::SearchParams* out);
void DecodeLookupFrom(Value value, std::optional<service::LookupLocation>* out);
// filter, params, score_threshold, with_payload and with_vector of a body.
void DecodeCommonParts(Value body, service::QueryRequest* out);

// group_by and with_lookup of a body.
void DecodeGroupParts(Value body, service::QueryGroupsRequest* out);

// One of the query forms.
void DecodeQueryVariant(Value value, std::optional<service::Query>* out);
// A formula and the defaults of its variables.
void DecodeFormula(Value expression, Value defaults, search::Formula* out);

}  // namespace sextant::wire
