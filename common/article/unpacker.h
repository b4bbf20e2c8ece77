// Bytes that gzip or zstd made smaller → the bytes again.
//
// For values that are compressed themselves; what a producer compressed (compression.type) the
// Kafka client has unpacked already. Internal to common/article.
//
// Limits: what unpacks to more than bytes_max is given up as soon as that is known, so that a few
// bytes that unpack to gigabytes take no more memory and time than a message of that size. Beside
// the text, gzip takes 40 KiB and zstd 160 KiB, from the first value on that is packed so.
// Threads: one at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace wirewatch {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// "gzip", "zstd", "none".
[[nodiscard]] std::string_view to_string(Compression compression);

// By the first bytes, which no JSON in UTF-8 begins with.
[[nodiscard]] inline Compression compression_of(std::string_view message) {
  if (message.starts_with("\x1F\x8B")) return Compression::kGzip;
  return message.starts_with("\x28\xB5\x2F\xFD") ? Compression::kZstd : Compression::kNone;
}

struct UnpackFault {
  bool too_large = false;    // More than bytes_max; else it is damaged.
  std::string detail;        // Of what is damaged, what the library says.
  std::size_t position = 0;  // How many bytes were good, as far as the library tells.
};

class Unpacker {
 public:
  Unpacker();
  ~Unpacker();
  Unpacker(Unpacker&&) noexcept;
  Unpacker& operator=(Unpacker&&) noexcept;

  // Sets the first bytes of `out` to what `packed` unpacks to, and gives their number, at most
  // bytes_max; what else is in `out` is of no use. Several members or frames one after another, as
  // appending makes them, are one text; anything else behind the end is a fault.
  [[nodiscard]] std::expected<std::size_t, UnpackFault> unpack(Compression compression,
                                                               std::string_view packed,
                                                               std::size_t bytes_max,
                                                               std::string& out);

 private:
  class Gzip;
  class Zstd;
  std::unique_ptr<Gzip> gzip_;  // Made with the first value that needs it.
  std::unique_ptr<Zstd> zstd_;
};

}  // namespace wirewatch
