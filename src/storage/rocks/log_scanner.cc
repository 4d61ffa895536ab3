#include "storage/rocks/log_scanner.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <cstring>
#include <string>

#include "storage/key_codec.h"

namespace sextant::storage {
namespace {

constexpr uint64_t kBlock = 32768;
constexpr uint64_t kHeader = 7;
// Near the end of the file the next whole fragment behind damage is sought at every byte; before that, at the next
// block, because the search costs some milliseconds a block.
constexpr uint64_t kSearchedBytes = 8 * kBlock;
enum FragmentType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// CRC-32C of the type and the bytes, rotated and shifted as RocksDB stores it.
uint32_t MaskedChecksum(std::string_view type_and_bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(type_and_bytes.data(), type_and_bytes.size());
  const uint32_t sum = crc.checksum();
  return ((sum >> 15) | (sum << 17)) + 0xa282ead8u;
}

class Scanner {
 public:
  Scanner(std::string_view bytes, const std::function<void(const LogRecord&)>& on_record)
      : bytes_(bytes), on_record_(on_record) {}

  LogExtent Run() {
    while (position_ < bytes_.size()) Step();
    if (assembling_) Damage();
    return extent_;
  }

 private:
  void Damage() {
    extent_.damaged = true;
    assembling_ = false;
    record_.clear();
  }

  void Resume() {
    const bool search = bytes_.size() - position_ <= kSearchedBytes;
    position_ = search ? position_ + 1 : (position_ / kBlock + 1) * kBlock;
  }

  void Step() {
    const uint64_t left = std::min<uint64_t>(kBlock - position_ % kBlock, bytes_.size() - position_);
    if (left < kHeader) {
      // The end of a block too short for a header is padding; the end of the file is a header cut off.
      if ((position_ + left) % kBlock != 0) Damage();
      position_ += left;
      return;
    }
    const char* header = bytes_.data() + position_;
    uint16_t length;
    std::memcpy(&length, header + 4, sizeof(length));
    const uint8_t type = static_cast<uint8_t>(header[6]);
    const bool whole = kHeader + length <= left && type >= kFull && type <= kLast &&
                       ReadFixed32(header) == MaskedChecksum({header + 6, size_t{1} + length});
    if (!whole) {
      Damage();
      Resume();
      return;
    }
    position_ += kHeader + length;
    Fragment(type, {header + kHeader, length});
  }

  void Fragment(uint8_t type, std::string_view bytes) {
    const bool starts = type == kFull || type == kFirst;
    if (starts == assembling_) {  // an unfinished record before it, or no beginning
      Damage();
      if (!starts) return;
    }
    if (starts) record_.clear();
    assembling_ = true;
    record_.append(bytes);
    if (type != kFull && type != kLast) return;
    assembling_ = false;
    on_record_({record_, position_, extent_.damaged});
    if (!extent_.damaged) extent_.good_bytes = position_;
  }

  std::string_view bytes_;
  const std::function<void(const LogRecord&)>& on_record_;
  uint64_t position_ = 0;
  bool assembling_ = false;
  std::string record_;
  LogExtent extent_;
};

}  // namespace

LogExtent ScanLog(std::string_view bytes, const std::function<void(const LogRecord&)>& on_record) {
  return Scanner(bytes, on_record).Run();
}

}  // namespace sextant::storage
