// Any bytes as any request message: converting answers or refuses, never crashes. The first byte picks the message.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "wire/grpc/config/convert_collections.h"
#include "wire/grpc/convert/convert_answers.h"
#include "wire/grpc/convert/convert_options.h"
#include "wire/grpc/convert/convert_reads.h"
#include "wire/grpc/convert/convert_value.h"
#include "wire/grpc/convert/convert_writes.h"
#include "wire/grpc/convert/query/convert_queries.h"

namespace sextant::wire {
namespace {

using Convert = bool (*)(const std::string& bytes);

template <typename Request, auto kConvert>
bool Run(const std::string& bytes) {
  Request request;
  return request.ParseFromString(bytes) && kConvert(request).ok();
}

template <typename Request, auto kConvert>
bool RunRead(const std::string& bytes) {
  Request request;
  return request.ParseFromString(bytes) && ConvertReadOptions(request).ok() && kConvert(request).ok();
}

template <typename Request, auto kConvert>
bool RunWrite(const std::string& bytes) {
  Request request;
  return request.ParseFromString(bytes) && ConvertWriteOptions(request).ok() && kConvert(request).ok();
}

bool RunCreate(const std::string& bytes) {
  qdrant::CreateCollection request;
  if (!request.ParseFromString(bytes)) return false;
  const auto created = ConvertCreate(request, CollectionConfig{});
  if (!created.ok()) return false;
  service::CollectionInfo info;
  info.config = created->config;
  qdrant::CollectionInfo out;
  return FillCollectionInfo(info, &out).ok();
}

// What is converted can be shown, and shows as what it was.
bool RunPayload(const std::string& bytes) {
  qdrant::Struct object;
  if (!object.ParseFromString(bytes)) return false;
  const auto text = ConvertPayload(object.fields());
  if (!text.ok()) return false;
  qdrant::Struct back;
  if (!FillPayload(*text, back.mutable_fields()).ok()) __builtin_trap();
  if (*ConvertPayload(back.fields()) != *text) __builtin_trap();
  return true;
}

constexpr Convert kConverters[] = {
    RunCreate,
    RunPayload,
    Run<qdrant::UpdateCollection, ConvertUpdate>,
    Run<qdrant::ChangeAliases, ConvertAliasActions>,
    RunWrite<qdrant::UpsertPoints, ConvertUpsert>,
    RunWrite<qdrant::DeletePoints, ConvertDelete>,
    RunWrite<qdrant::SetPayloadPoints, ConvertSetPayload>,
    RunWrite<qdrant::SetPayloadPoints, ConvertOverwritePayload>,
    RunWrite<qdrant::DeletePayloadPoints, ConvertDeletePayload>,
    RunWrite<qdrant::ClearPayloadPoints, ConvertClearPayload>,
    RunWrite<qdrant::CreateFieldIndexCollection, ConvertCreateIndex>,
    RunWrite<qdrant::DeleteFieldIndexCollection, ConvertDropIndex>,
    RunRead<qdrant::GetPoints, ConvertRetrieve>,
    RunRead<qdrant::ScrollPoints, ConvertScroll>,
    RunRead<qdrant::CountPoints, ConvertCount>,
    RunRead<qdrant::QueryPoints, ConvertQuery>,
    RunRead<qdrant::QueryBatchPoints, ConvertQueryBatch>,
    RunRead<qdrant::SearchPoints, ConvertSearch>,
    RunRead<qdrant::SearchBatchPoints, ConvertSearchBatch>,
    RunRead<qdrant::QueryPointGroups, ConvertQueryGroups>,
    RunRead<qdrant::FacetCounts, ConvertFacet>,
    RunRead<qdrant::SearchMatrixPoints, ConvertMatrix>,
    RunRead<qdrant::SearchPointGroups, ConvertSearchGroups>,
    RunRead<qdrant::RecommendPoints, ConvertRecommend>,
    RunRead<qdrant::RecommendBatchPoints, ConvertRecommendBatch>,
    RunRead<qdrant::RecommendPointGroups, ConvertRecommendGroups>,
    RunRead<qdrant::DiscoverPoints, ConvertDiscover>,
    RunRead<qdrant::DiscoverBatchPoints, ConvertDiscoverBatch>,
    RunWrite<qdrant::CreateVectorNameRequest, ConvertVectorName>,
};

}  // namespace
}  // namespace sextant::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto convert = sextant::wire::kConverters[data[0] % std::size(sextant::wire::kConverters)];
  convert(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
