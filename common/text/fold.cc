#include "common/text/fold.h"

#include <algorithm>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/check.h"

namespace wirewatch::text_internal {

namespace {

#include "common/text/fold_table.inc"

constexpr std::uint32_t kTableLimit = 0x20000;

std::uint32_t encode_utf8(std::uint32_t code_point, char* out) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (code_point < 0x80) {
    out[0] = byte(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = byte(0xC0 | (code_point >> 6));
    out[1] = byte(0x80 | (code_point & 0x3F));
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = byte(0xE0 | (code_point >> 12));
    out[1] = byte(0x80 | ((code_point >> 6) & 0x3F));
    out[2] = byte(0x80 | (code_point & 0x3F));
    return 3;
  }
  out[0] = byte(0xF0 | (code_point >> 18));
  out[1] = byte(0x80 | ((code_point >> 12) & 0x3F));
  out[2] = byte(0x80 | ((code_point >> 6) & 0x3F));
  out[3] = byte(0x80 | (code_point & 0x3F));
  return 4;
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char fold_ascii(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c | 0x20);
  if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return ' ';
  return c == 0x7F ? ' ' : c;
}

// Hangul syllable composition, Unicode Standard section 3.12.
constexpr std::uint32_t kSyllableBase = 0xAC00;
constexpr std::uint32_t kLeadBase = 0x1100;
constexpr std::uint32_t kVowelBase = 0x1161;
constexpr std::uint32_t kTailBase = 0x11A7;
constexpr std::uint32_t kVowelCount = 21;
constexpr std::uint32_t kTailCount = 28;

// Composes `next` onto `last` where Hangul or kana do; 0 where they do not.
std::uint32_t compose(std::uint32_t last, std::uint32_t next) {
  if (next == 0x3099 || next == 0x309A) {
    if (last < 0x3041 || last > 0x30FA) return 0;
    return last + (next - 0x3098);
  }
  if (last >= kLeadBase && last < kLeadBase + 19 && next >= kVowelBase &&
      next < kVowelBase + kVowelCount) {
    return kSyllableBase + ((last - kLeadBase) * kVowelCount + (next - kVowelBase)) * kTailCount;
  }
  if (last >= kSyllableBase && last <= 0xD7A3 && (last - kSyllableBase) % kTailCount == 0 &&
      next > kTailBase && next < kTailBase + kTailCount) {
    return last + (next - kTailBase);
  }
  return 0;
}

// Writes the folded text; knows what stands before, for joints and compositions.
class Folder {
 public:
  Folder(char* out) : out_(out), begin_(out) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] char* out() const { return out_; }
  void set_out(char* out) { out_ = out; }

  // A character outside the fast path.
  void put(std::uint32_t code_point, const FoldEntry& entry) {
    switch (entry.kind) {
      case FoldKind::kDropped:
        return;
      case FoldKind::kSeparator:
        *out_++ = entry.length == 0 ? ' ' : entry.bytes[0];
        last_ = 0;
        return;
      case FoldKind::kVoicing:
      case FoldKind::kJamo: {
        const std::uint32_t composed = compose(last_, code_point);
        if (composed != 0) {  // As long as what it replaces: three bytes.
          encode_utf8(composed, out_ - 3);
          last_ = composed;
          return;
        }
        if (entry.kind == FoldKind::kVoicing) return;
        put_word(FoldKind::kHangul, entry);
        last_ = code_point;
        return;
      }
      default:
        put_word(entry.kind, entry);
        last_ = code_point;
        return;
    }
  }

  // Puts a joint where an ASCII word byte follows a character of another script at once.
  void before_ascii(char next) {
    if (out_ != begin_ && is_ascii_word(next) && after_word() && kind_ != FoldKind::kSpaced) {
      *out_++ = kScriptJoint;
    }
    kind_ = FoldKind::kSpaced;
    last_ = 0;
  }

 private:
  [[nodiscard]] bool after_word() const {
    return static_cast<unsigned char>(out_[-1]) >= 0x80 || is_ascii_word(out_[-1]);
  }

  void put_word(FoldKind kind, const FoldEntry& entry) {
    if (out_ != begin_ && after_word()) {
      if (kind != kind_) {
        *out_++ = kScriptJoint;
      } else if (kind == FoldKind::kSingle || kind == FoldKind::kHangul) {
        *out_++ = kInnerJoint;
      }
    }
    std::memcpy(out_, entry.bytes, 8);
    out_ += entry.length;
    kind_ = kind;
  }

  char* out_;
  char* begin_;
  FoldKind kind_ = FoldKind::kSpaced;
  std::uint32_t last_ = 0;
};

}  // namespace

Decoded decode_utf8(const char* at, const char* end) {
  const auto lead = static_cast<unsigned char>(*at);
  const auto bits = [&](int index) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(at[index]) & 0x3F);
  };
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xC2 && lead < 0xE0 && end - at >= 2 && is_continuation(at[1])) {
    return {(static_cast<std::uint32_t>(lead & 0x1F) << 6) | bits(1), 2};
  }
  if (lead >= 0xE0 && lead < 0xF0 && end - at >= 3 && is_continuation(at[1]) &&
      is_continuation(at[2])) {
    const std::uint32_t value =
        (static_cast<std::uint32_t>(lead & 0x0F) << 12) | (bits(1) << 6) | bits(2);
    if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF)) return {value, 3};
  }
  if (lead >= 0xF0 && lead < 0xF5 && end - at >= 4 && is_continuation(at[1]) &&
      is_continuation(at[2]) && is_continuation(at[3])) {
    const std::uint32_t value = (static_cast<std::uint32_t>(lead & 0x07) << 18) | (bits(1) << 12) |
                                (bits(2) << 6) | bits(3);
    if (value >= 0x10000 && value <= 0x10FFFF) return {value, 4};
  }
  return {kInvalid, 1};
}

FoldEntry fold_entry(std::uint32_t code_point) {
  FoldEntry entry;
  if (code_point < 0x80) {
    entry.length = 1;
    entry.bytes[0] = fold_ascii(static_cast<char>(code_point));
    entry.kind = is_ascii_word(entry.bytes[0]) ? FoldKind::kSpaced : FoldKind::kSeparator;
    entry.upper = code_point >= 'A' && code_point <= 'Z';
    return entry;
  }
  if (code_point >= kTableLimit) {
    // Han extensions; what else lies there is no text.
    entry.kind = code_point < 0x40000 ? FoldKind::kSingle : FoldKind::kSeparator;
    if (entry.kind == FoldKind::kSingle) {
      entry.length = encode_utf8(code_point, entry.bytes);
    } else {
      entry.length = 1;
      entry.bytes[0] = ' ';
    }
    return entry;
  }
  const std::uint32_t packed =
      kFoldEntries[kFoldIndex[code_point >> 8] * 256U + (code_point & 0xFF)];
  entry.kind = static_cast<FoldKind>((packed >> 27) & 7);
  entry.length = (packed >> 24) & 7;
  entry.upper = (packed & 0x40000000U) != 0;
  if ((packed & 0x80000000U) != 0) {
    encode_utf8(code_point, entry.bytes);
  } else if (entry.length <= 3) {
    const std::uint32_t payload = packed & 0xFFFFFF;
    std::memcpy(entry.bytes, &payload, 4);
  } else {
    std::memcpy(entry.bytes, kFoldLong + (packed & 0xFFFFFF), 8);
  }
  return entry;
}

void fold_into(std::string_view text, std::size_t source_base, std::string& folded,
               std::vector<std::uint32_t>* checkpoint_source,
               std::vector<std::uint32_t>* checkpoint_folded) {
  const std::size_t folded_base = folded.size();
  // Worst case: one byte that folds to seven (a two-byte ligature letter) plus a joint.
  // std::string grows without giving the old content up, and the room is reused.
  const std::size_t room = text.size() * 4 + 64;
  folded.resize_and_overwrite(folded_base + room, [](char*, std::size_t size) { return size; });
  Folder folder(folded.data() + folded_base);
  const char* at = text.data();
  const char* const begin = at;
  const char* const end = at + text.size();
  std::size_t next_checkpoint =
      (folded_base + kCheckpointBytes - 1) / kCheckpointBytes * kCheckpointBytes;
  const auto checkpoint = [&] {
    const auto out = static_cast<std::size_t>(folder.out() - folded.data());
    while (next_checkpoint <= out) {
      checkpoint_source->push_back(static_cast<std::uint32_t>(source_base) +
                                   static_cast<std::uint32_t>(at - begin));
      checkpoint_folded->push_back(static_cast<std::uint32_t>(out));
      next_checkpoint += kCheckpointBytes;
    }
  };
  const bool checkpoints = checkpoint_source != nullptr;
  while (at < end) {
    if (checkpoints) checkpoint();
    if (static_cast<unsigned char>(*at) < 0x80) {
      folder.before_ascii(fold_ascii(*at));
#if defined(__AVX2__)
      while (end - at >= 32) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
        if (_mm256_movemask_epi8(bytes) != 0) break;
        const __m256i upper = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('A' - 1)),
                                               _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), bytes));
        __m256i out = _mm256_or_si256(bytes, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
        const __m256i control =
            _mm256_or_si256(_mm256_andnot_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')),
                                                _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes)),
                            _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7F)));
        out = _mm256_blendv_epi8(out, _mm256_set1_epi8(' '), control);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(folder.out()), out);
        folder.set_out(folder.out() + 32);
        at += 32;
        if (checkpoints) checkpoint();
      }
#endif
      while (at < end && static_cast<unsigned char>(*at) < 0x80) {
        *folder.out() = fold_ascii(*at);
        folder.set_out(folder.out() + 1);
        ++at;
#if defined(__AVX2__)
        if (end - at >= 32 &&
            _mm256_movemask_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))) == 0) {
          break;  // Back to the fast path.
        }
#endif
      }
      continue;
    }
    const Decoded decoded = decode_utf8(at, end);
    if (decoded.code_point == kInvalid) {
      folder.put(' ', fold_entry(' '));
    } else {
      folder.put(decoded.code_point, fold_entry(decoded.code_point));
    }
    at += decoded.size;
  }
  if (checkpoints) checkpoint();
  folded.resize(static_cast<std::size_t>(folder.out() - folded.data()));
}

}  // namespace wirewatch::text_internal
