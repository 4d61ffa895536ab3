// Any bytes as the body of any request: decoding answers or refuses, never crashes. The first byte picks the decoder.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "wire/rest/request/collection_requests.h"
#include "wire/rest/request/query/query_requests.h"
#include "wire/rest/request/read_requests.h"
#include "wire/rest/request/write_requests.h"

namespace sextant::wire {
namespace {

using Decode = bool (*)(const std::string& body);

template <auto Decoder>
bool Run(const std::string& body) {
  return Decoder(body).ok();
}

bool RunCreate(const std::string& body) {
  return DecodeCreateCollection(body, CollectionConfig{}).ok();
}

constexpr Decode kDecoders[] = {
    RunCreate,
    Run<DecodeUpdateCollection>,
    Run<DecodeAliasActions>,
    Run<DecodeUpsert>,
    Run<DecodeDeletePoints>,
    Run<DecodeSetPayload>,
    Run<DecodeOverwritePayload>,
    Run<DecodeDeletePayload>,
    Run<DecodeClearPayload>,
    Run<DecodeCreateIndex>,
    Run<DecodeRetrieve>,
    Run<DecodeScroll>,
    Run<DecodeCount>,
    Run<DecodeQuery>,
    Run<DecodeQueryBatch>,
    Run<DecodeSearch>,
    Run<DecodeSearchBatch>,
    Run<DecodeUpdateVectors>,
    Run<DecodeDeleteVectors>,
    Run<DecodeUpdateBatch>,
    Run<DecodeQueryGroups>,
    Run<DecodeSearchGroups>,
    Run<DecodeRecommend>,
    Run<DecodeRecommendBatch>,
    Run<DecodeRecommendGroups>,
    Run<DecodeDiscover>,
    Run<DecodeDiscoverBatch>,
    Run<DecodeFacet>,
    Run<DecodeMatrix>,
    Run<DecodeVectorName>,
};

}  // namespace
}  // namespace sextant::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto decode = sextant::wire::kDecoders[data[0] % std::size(sextant::wire::kDecoders)];
  decode(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
