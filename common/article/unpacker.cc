#include "common/article/unpacker.h"

#include <algorithm>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "common/base/check.h"

namespace wirewatch {

namespace {

using Unpacked = std::expected<std::size_t, UnpackFault>;

Unpacked too_large() {
  return std::unexpected(UnpackFault{true, {}, 0});
}

Unpacked damaged(std::string detail, std::size_t position) {
  return std::unexpected(UnpackFault{false, std::move(detail), position});
}

// What is there already stays.
void grow(std::string& out, std::size_t size) {
  if (out.size() >= size) return;
  out.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
}

// News packs to a third or a fourth; a text that turns out larger is asked for again.
constexpr std::size_t kUsualRatio = 4;
constexpr std::size_t kFirstBytesMin = 16UL * 1024;

std::size_t first_guess(std::size_t packed, std::size_t bytes_max) {
  return std::min(std::max(packed * kUsualRatio, kFirstBytesMin), bytes_max);
}

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "none";
}

class Unpacker::Gzip {
 public:
  Gzip() {
    // 16: the format of gzip and no other. Fails for want of memory alone.
    WIREWATCH_CHECK(inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK);
  }
  ~Gzip() { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Unpacked unpack(std::string_view packed, std::size_t bytes_max, std::string& out) {
    inflateReset(&stream_);
    // zlib's interface is older than const; it does not write there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    std::size_t size = 0;
    std::size_t room = first_guess(packed.size(), bytes_max);
    while (true) {
      grow(out, room);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + size);
      stream_.avail_out = static_cast<uInt>(room - size);
      const int code = inflate(&stream_, Z_NO_FLUSH);
      size = room - stream_.avail_out;
      const std::size_t position = packed.size() - stream_.avail_in;
      WIREWATCH_CHECK(code != Z_MEM_ERROR && code != Z_STREAM_ERROR);
      if (size > bytes_max) return too_large();
      if (code == Z_STREAM_END) {
        if (stream_.avail_in == 0) return size;
        inflateReset(&stream_);  // Another member, or its header is a fault.
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return damaged(stream_.msg == nullptr ? "it is no gzip" : stream_.msg, position);
      } else if (stream_.avail_out > 0) {
        return damaged("it ends early", position);
      }
      // One byte over the limit tells what has its size from what is larger.
      if (stream_.avail_out == 0) room = std::min(room * kUsualRatio, bytes_max + 1);
    }
  }

 private:
  z_stream stream_{};
};

class Unpacker::Zstd {
 public:
  Zstd() : context_(ZSTD_createDCtx()) { WIREWATCH_CHECK(context_ != nullptr); }
  ~Zstd() { ZSTD_freeDCtx(context_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  // In one go, so that no window is needed, however large a frame asks for; where the room turns
  // out too small, again with more, which costs a third more at most.
  Unpacked unpack(std::string_view packed, std::size_t bytes_max, std::string& out) {
    const auto told = ZSTD_getFrameContentSize(packed.data(), packed.size());
    const bool is_told = told != ZSTD_CONTENTSIZE_UNKNOWN && told != ZSTD_CONTENTSIZE_ERROR;
    if (is_told && told > bytes_max) return too_large();
    std::size_t room =
        is_told ? static_cast<std::size_t>(told) : first_guess(packed.size(), bytes_max);
    while (true) {
      grow(out, room);
      const std::size_t size =
          ZSTD_decompressDCtx(context_, out.data(), room, packed.data(), packed.size());
      if (ZSTD_isError(size) == 0) return size;
      if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall)
        return damaged(ZSTD_getErrorName(size), 0);
      if (room == bytes_max) return too_large();
      room = std::min(std::max(room, kFirstBytesMin) * kUsualRatio, bytes_max);
    }
  }

 private:
  ZSTD_DCtx* context_;
};

Unpacker::Unpacker() = default;
Unpacker::~Unpacker() = default;
Unpacker::Unpacker(Unpacker&&) noexcept = default;
Unpacker& Unpacker::operator=(Unpacker&&) noexcept = default;

std::expected<std::size_t, UnpackFault> Unpacker::unpack(Compression compression,
                                                         std::string_view packed,
                                                         std::size_t bytes_max, std::string& out) {
  if (compression == Compression::kGzip) {
    if (gzip_ == nullptr) gzip_ = std::make_unique<Gzip>();
    return gzip_->unpack(packed, bytes_max, out);
  }
  WIREWATCH_CHECK(compression == Compression::kZstd);
  if (zstd_ == nullptr) zstd_ = std::make_unique<Zstd>();
  return zstd_->unpack(packed, bytes_max, out);
}

}  // namespace wirewatch
