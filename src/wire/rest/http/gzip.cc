#include "wire/rest/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "base/check.h"

namespace sextant::wire {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kGzipOrZlibWindow = 15 + 32;
constexpr int kFastLevel = 1;
constexpr int kMemoryLevel = 8;
constexpr size_t kFirstChunk = size_t{64} << 10;
// The limit on expansion, once there is enough output to tell: JSON with vectors shrinks by less than 10.
constexpr uint64_t kMaxExpansion = 200;
constexpr uint64_t kExpansionFloorBytes = uint64_t{1} << 20;

// A zlib stream that ends itself.
class Inflater {
 public:
  Inflater() { ok_ = inflateInit2(&stream_, kGzipOrZlibWindow) == Z_OK; }
  ~Inflater() {
    if (ok_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool ok() const { return ok_; }
  z_stream* operator->() { return &stream_; }
  int Step() { return inflate(&stream_, Z_NO_FLUSH); }

 private:
  z_stream stream_ = {};
  bool ok_ = false;
};

Bytef* Bytes(std::string_view text) {
  // zlib's interface is older than const; it does not write through next_in.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

Status CheckExpansion(uint64_t out, uint64_t in, uint64_t max_bytes) {
  if (out > max_bytes)
    return BadRequest("the decompressed body is larger than allowed (limit: " + std::to_string(max_bytes) + " bytes)");
  if (out > kExpansionFloorBytes && out / kMaxExpansion > in)
    return BadRequest("the compressed body expands by more than " + std::to_string(kMaxExpansion) + " times");
  return OkStatus();
}

// The quality of one element of Accept-Encoding is zero.
bool IsRefused(std::string_view element) {
  const size_t at = element.find("q=");
  if (at == std::string_view::npos) return false;
  return element.find_first_not_of("0. ", at + 2) == std::string_view::npos;
}

}  // namespace

std::string Gzip(std::string_view body) {
  z_stream stream = {};
  SEXTANT_CHECK(body.size() < std::numeric_limits<uInt>::max());
  SEXTANT_CHECK(deflateInit2(&stream, kFastLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = Bytes(body);
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = Bytes(out);
  stream.avail_out = static_cast<uInt>(out.size());
  SEXTANT_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> Gunzip(std::string_view body, uint64_t max_bytes) {
  Inflater stream;
  if (!stream.ok()) return Internal("no memory to decompress the body");
  if (body.size() > std::numeric_limits<uInt>::max()) return BadRequest("the compressed body is too large");
  stream->next_in = Bytes(body);
  stream->avail_in = static_cast<uInt>(body.size());
  std::string out;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    const size_t chunk = std::max(kFirstChunk, out.size());
    const size_t start = out.size();
    out.resize(start + chunk);
    stream->next_out = Bytes(out) + start;
    stream->avail_out = static_cast<uInt>(chunk);
    state = stream.Step();
    out.resize(start + chunk - stream->avail_out);
    if (state != Z_OK && state != Z_STREAM_END) return WrongInput("the body is not valid gzip");
    RETURN_IF_ERROR(CheckExpansion(out.size(), body.size(), max_bytes));
    if (state == Z_OK && stream->avail_in == 0 && stream->avail_out > 0)
      return WrongInput("the gzip body is cut short");
  }
  if (stream->avail_in > 0) return WrongInput("the gzip body is followed by other bytes");
  return out;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::string_view element = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(accept_encoding.size(), element.size() + 1));
    const size_t start = element.find_first_not_of(" \t");
    if (start == std::string_view::npos) continue;
    const std::string name(element.substr(start, element.find_first_of("; \t", start) - start));
    if (absl::EqualsIgnoreCase(name, "gzip") || name == "*") return !IsRefused(element);
  }
  return false;
}

}  // namespace sextant::wire
