// Any bytes behind the marks of gzip and zstd unpack within the limit or are refused, twice the
// same; and what was packed comes back.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/article/unpacker.h"
#include "common/base/check.h"
#include "tests/support/packed.h"

namespace {

constexpr std::size_t kBytesMax = 64UL * 1024;

std::string unpacked(std::string_view packed) {
  static wirewatch::Unpacker unpacker;
  static std::string out;
  const auto compression = wirewatch::compression_of(packed);
  if (compression == wirewatch::Compression::kNone) return "none";
  const auto size = unpacker.unpack(compression, packed, kBytesMax, out);
  WIREWATCH_CHECK(out.size() <= kBytesMax + 1);
  if (!size) {
    WIREWATCH_CHECK(size.error().position <= packed.size());
    return size.error().too_large ? "too large" : size.error().detail;
  }
  WIREWATCH_CHECK(*size <= kBytesMax);
  return out.substr(0, *size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  WIREWATCH_CHECK(unpacked(bytes) == unpacked(bytes));
  if (size == 0 || size > kBytesMax) return 0;
  WIREWATCH_CHECK(unpacked(wirewatch::gzip_packed(bytes)) == bytes);
  WIREWATCH_CHECK(unpacked(wirewatch::zstd_packed(bytes, data[0] % 2 == 0)) == bytes);
  return 0;
}
