#include "common/text/fold.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/check.h"
#include "common/base/utf8.h"
#include "common/text/joined_fold.h"
#include "common/text/two_byte_fold.h"

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

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Of a folded text.
bool is_word_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || is_ascii_word(c);
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

// The packed form of a character below kTableLimit; make_fold_table.py has the layout.
constexpr std::uint32_t packed_entry(std::uint32_t code_point) {
  return kFoldEntries[kFoldIndex[code_point >> 8] * 256U + (code_point & 0xFF)];
}

FoldEntry unpack(std::uint32_t packed, std::uint32_t code_point) {
  FoldEntry entry;
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

#if defined(__AVX2__)
// By bits 2 to 4 of their first bytes.
constexpr std::array<LeadFour, 8> kLeadFours = [] {
  std::array<LeadFour, 8> fours;
  for (std::uint32_t code_point = 0x80; code_point < 0x800; ++code_point) {
    const std::uint32_t packed = packed_entry(code_point);
    const bool spaced = static_cast<FoldKind>((packed >> 27) & 7) == FoldKind::kSpaced;
    if (!spaced || ((packed >> 24) & 7) != 2) continue;
    const bool same = (packed & 0x80000000U) != 0;
    if (!same && (packed & 0xE0) != 0xC0) continue;  // Two ASCII letters.
    const std::uint32_t form = same ? code_point : (packed & 0x1F) << 6 | (packed >> 8 & 0x3F);
    if (form / 256 != code_point / 256) continue;
    fours[code_point / 256].set(code_point % 256, form % 256, (packed & 0x40000000U) != 0);
  }
  return fours;
}();
#endif

// Writes the folded text; knows what stands before, for joints and compositions.
class Folder {
 public:
  Folder(std::string_view text, std::size_t source_base, std::string& folded,
         std::size_t folded_base, FoldTrace* trace)
      : at_(text.data()),
        end_(at_ + text.size()),
        source_begin_(at_ - source_base),
        folded_begin_(folded.data()),
        out_(folded.data() + folded_base),
        offsets_(trace == nullptr ? nullptr : &trace->offsets),
        capitals_(trace == nullptr ? nullptr : trace->capitals.data()) {}

  // Folds all of the text and returns the end of the folded form.
  char* run() {
    while (at_ < end_) {
      if (is_ascii(*at_) && before_ > FoldKind::kSpaced && is_ascii_word(fold_ascii(*at_))) {
        *out_++ = kScriptJoint;
        before_ = FoldKind::kSeparator;
      }
      if (is_ascii(*at_) || (before_ <= FoldKind::kSpaced && !is_east_asian(*at_))) {
        if (put_two_byte_script() || put_spaced_text()) continue;
      }
      if (!put_short_characters()) put_any_character();
    }
    if (offsets_ != nullptr) note(out_, at_);
    return out_;
  }

 private:
  void note(const char* out, const char* at) {
    offsets_->note(static_cast<std::size_t>(out - folded_begin_),
                   static_cast<std::size_t>(at - source_begin_));
  }

  // Where it is kept whether the character whose folded form begins at `out` is a capital. Eight
  // bytes and more may be written. Only with a trace.
  [[nodiscard]] char* capital(const char* out) { return capitals_ + (out - folded_begin_); }

  // Parts a character of a word from one right before it of another script, or in a script without
  // spaces. Returns the end of what is written.
  static char* put_joint(FoldKind kind, FoldKind before, char* out) {
    if (before == FoldKind::kSeparator) return out;
    if (before != kind) {
      *out++ = kScriptJoint;
    } else if (kind == FoldKind::kSingle || kind == FoldKind::kHangul) {
      *out++ = kInnerJoint;
    }
    return out;
  }

  // Text in scripts with spaces between words, without a character that is dropped or has a long
  // form: most of most texts. Nothing in it needs a joint; nor may what stands before it. False
  // when there is none.
  //
  // The members are worked on in local variables: a byte that is written could be one of theirs, so
  // that the compiler would read them again for every character.
  bool put_spaced_text() {
    const char* at = at_;
    char* out = out_;
    while (at < end_) {
      if (is_ascii(*at)) {
        if (offsets_ != nullptr) note(out, at);
        // Between words of another script there is a single space.
        if (end_ - at >= 2 && !is_ascii(at[1])) {
          put_ascii(at, out);
        } else {
          put_ascii_run(at, out);
        }
        continue;
      }
      if (at != at_ && (is_two_byte_script(at) || is_east_asian(*at))) break;
      if (end_ - at < 4) break;
      const Short next = decode_short(at);
      if (next.size == 0) break;
      const std::uint32_t packed = packed_entry(next.code_point);
      const std::uint32_t length = (packed >> 24) & 7;
      const auto kind = static_cast<FoldKind>((packed >> 27) & 7);
      if (kind > FoldKind::kSpaced || length == 0 || length > 3) break;
      put_form(next.word, packed, at, out);
      out += length;
      at += next.size;
      if (kind != FoldKind::kSpaced || length != next.size) continue;
      std::uint32_t last = 0;
      put_like<false>(next.size, kind_and_length(packed), at, out, last);
    }
    if (at == at_) return false;
    at_ = at;
    out_ = out;
    before_ = is_word_byte(out[-1]) ? FoldKind::kSpaced : FoldKind::kSeparator;
    last_ = 0;  // Composes with nothing.
    return true;
  }

  [[gnu::always_inline]] void put_ascii(const char*& at, char*& out) {
    if (capitals_ != nullptr) *capital(out) = static_cast<char>(*at >= 'A' && *at <= 'Z');
    *out++ = fold_ascii(*at++);
  }

  // All ASCII characters from here on.
  [[gnu::always_inline]] void put_ascii_run(const char*& at, char*& out) {
#if defined(__AVX2__)
    while (end_ - at >= 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
      const AsciiBlock block = fold_ascii_block(bytes);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), block.folded);
      if (capitals_ != nullptr) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(capital(out)), block.capitals);
      }
      // Bytes from the first that is no ASCII are written over later.
      const auto other = static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
      const int plain = other == 0 ? 32 : std::countr_zero(other);
      out += plain;
      at += plain;
      if (other != 0) return;
    }
#endif
    while (at < end_ && is_ascii(*at)) put_ascii(at, out);
  }

  // U+3000 and above: hardly any of these scripts has spaces.
  [[nodiscard]] static bool is_east_asian(char lead) {
    return static_cast<unsigned char>(lead) >= 0xE3;
  }

  // Whether many characters from here on can be folded at a time.
  [[nodiscard]] bool is_two_byte_script(const char* at) const {
#if defined(__AVX2__)
    const auto lead = static_cast<unsigned char>(*at);
    // Latin letters stand alone among ASCII, and mostly become ASCII.
    constexpr unsigned char kBehindLatin = 0xCC;
    return lead >= kBehindLatin && lead < 0xE0 && end_ - at >= 32;
#else
    return false;
#endif
  }
  // Letters of such a script and ASCII. False when there is none.
  bool put_two_byte_script() {
#if defined(__AVX2__)
    if (!is_two_byte_script(at_)) return false;
    if (offsets_ != nullptr) note(out_, at_);
    const std::size_t size =
        put_blocks(at_, end_, out_, capitals_ != nullptr ? capital(out_) : nullptr);
    if (size == 0) return false;
    at_ += size;
    out_ += size;
    before_ = is_word_byte(out_[-1]) ? FoldKind::kSpaced : FoldKind::kSeparator;
    last_ = 0;
    return true;
#else
    return false;
#endif
  }
#if defined(__AVX2__)
  // Not inline, because its many vectors would leave no registers to the loop around it, nor a
  // function that knows the members; see put_spaced_text(). `capitals` may be null.
  [[gnu::noinline]] static std::size_t put_blocks(const char* const begin, const char* end,
                                                  char* out, char* capitals) {
    const LeadFour& four = kLeadFours[static_cast<unsigned char>(*begin) >> 2 & 7];
    const char* at = begin;
    while (end - at >= 32) {
      const LeadFour::Block block = four.fold(at, *begin);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), block.folded);
      out += block.size;
      if (capitals != nullptr) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(capitals), block.capitals);
        capitals += block.size;
      }
      at += block.size;
      if (!block.more) break;
    }
    return static_cast<std::size_t>(at - begin);
  }
#endif

  // A character of two or three bytes; size 0 for any other.
  struct Short {
    std::uint32_t word = 0;  // Its bytes, and what follows.
    std::uint32_t code_point = 0;
    std::uint32_t size = 0;
  };
  // Four bytes must be readable.
  static Short decode_short(const char* at) {
    Short next;
    std::memcpy(&next.word, at, 4);
    const std::uint32_t word = next.word;
    if ((word & 0xC0E0) == 0x80C0) {
      next.code_point = (word & 0x1F) << 6 | (word >> 8 & 0x3F);
      next.size = next.code_point < 0x80 ? 0 : 2;
    } else if ((word & 0xC0C0F0) == 0x8080E0) {
      next.code_point = (word & 0x0F) << 12 | (word >> 2 & 0xFC0) | (word >> 16 & 0x3F);
      next.size = next.code_point < 0x800 || (next.code_point & 0xF800) == 0xD800 ? 0 : 3;
    }
    return next;
  }

  // The folded form of such a character, which stands in the entry, or is the character itself.
  [[gnu::always_inline]] void put_form(std::uint32_t word, std::uint32_t packed, const char* at,
                                       char* out) {
    if (offsets_ != nullptr) {
      note(out, at);
      const std::uint32_t upper = packed >> 30 & 1;  // At the form's first byte.
      std::memcpy(capital(out), &upper, 4);
    }
    const std::uint32_t form = (packed & 0x80000000U) != 0 ? word : packed;
    std::memcpy(out, &form, 4);
  }

  static std::uint32_t kind_and_length(std::uint32_t packed) { return packed >> 24 & 0x3F; }

  // The rest of a run of characters of one kind, each as long as its folded form, in the fewest
  // steps: whole words of most scripts.
  template <bool kJoined>
  [[gnu::always_inline]] void put_like(std::uint32_t size, std::uint32_t like, const char*& at,
                                       char*& out, std::uint32_t& last) {
    if (size == 2) {
      put_like<2, kJoined>(like, at, out, last);
    } else {
      put_like<3, kJoined>(like, at, out, last);
    }
  }
  template <std::uint32_t kSize, bool kJoined>
  [[gnu::always_inline]] void put_like(std::uint32_t like, const char*& at, char*& out,
                                       std::uint32_t& last) {
    while (end_ - at >= 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, at, 4);
      std::uint32_t code_point = 0;
      if constexpr (kSize == 2) {
        if ((word & 0xC0E0) != 0x80C0) return;
        code_point = (word & 0x1F) << 6 | (word >> 8 & 0x3F);  // ASCII's are of another length.
      } else {
        if ((word & 0xC0C0F0) != 0x8080E0) return;
        code_point = (word & 0x0F) << 12 | (word >> 2 & 0xFC0) | (word >> 16 & 0x3F);
        if (code_point < 0x800) return;  // Surrogates are of another kind.
      }
      const std::uint32_t packed = packed_entry(code_point);
      const std::uint32_t form = (packed & 0x80000000U) != 0 ? word : packed;
      if (kind_and_length(packed) != like || (form >> (8 * kSize - 1) & 1) == 0) return;
      if constexpr (kJoined) *out++ = kInnerJoint;
      if (offsets_ != nullptr) {
        if constexpr (kJoined) note(out, at);  // Else the distance is the same.
        const std::uint32_t upper = packed >> 30 & 1;
        std::memcpy(capital(out), &upper, 4);
      }
      std::memcpy(out, &form, 4);
      out += kSize;
      at += kSize;
      last = code_point;
    }
  }

  // The rest of a run of Han, hiragana or Hangul.
  [[gnu::always_inline]] void put_joined_blocks([[maybe_unused]] FoldKind kind,
                                                [[maybe_unused]] const char*& at,
                                                [[maybe_unused]] char*& out,
                                                [[maybe_unused]] std::uint32_t& last) {
#if defined(__AVX2__)
    const char* const begin = at;
    while (end_ - at >= kJoinedReadable) {
      const JoinedBlock block = fold_joined(at, kind);
      if (block.count == 0) break;
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), block.folded);
      if (offsets_ != nullptr) {
        offsets_->note_joined(static_cast<std::size_t>(out + 1 - folded_begin_),
                              static_cast<std::size_t>(at - source_begin_), block.count);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(capital(out)), _mm256_setzero_si256());
      }
      out += 4 * block.count;
      at += 3 * block.count;
      if (block.count < kJoinedCharacters) break;
    }
    if (at != begin) last = decode_utf8(at - 3, at).code_point;
#endif
  }

  // A run of characters of two or three bytes whose folded forms are short and that compose with
  // nothing. Of those that have 4 readable bytes. False when there is none.
  bool put_short_characters() {
    const char* at = at_;
    char* out = out_;
    FoldKind before = before_;
    std::uint32_t last = last_;
    while (end_ - at >= 4) {
      if (is_ascii(*at)) {  // A space, mostly.
        if (at == at_ || is_ascii_word(fold_ascii(*at)) || !is_east_asian(at[1])) break;
        if (offsets_ != nullptr) note(out, at);
        put_ascii(at, out);
        before = FoldKind::kSeparator;
        last = 0;
        continue;
      }
      const Short next = decode_short(at);
      if (next.size == 0) break;
      const std::uint32_t packed = packed_entry(next.code_point);
      const auto kind = static_cast<FoldKind>((packed >> 27) & 7);
      const std::uint32_t length = (packed >> 24) & 7;
      if (length == 0 || length > 3 || kind >= FoldKind::kDropped) break;
      if (kind != FoldKind::kSeparator) out = put_joint(kind, before, out);
      put_form(next.word, packed, at, out);
      out += length;
      at += next.size;
      before = kind != FoldKind::kSeparator && is_word_byte(out[-1]) ? kind : FoldKind::kSeparator;
      last = kind == FoldKind::kSeparator ? 0 : next.code_point;
      if (length != next.size || before == FoldKind::kSeparator) continue;
      const std::uint32_t like = kind_and_length(packed);
      if (kind == FoldKind::kSingle || kind == FoldKind::kHangul) {
        put_joined_blocks(kind, at, out, last);
        put_like<true>(next.size, like, at, out, last);
      } else {
        put_like<false>(next.size, like, at, out, last);
      }
    }
    const bool any = at != at_;
    at_ = at;
    out_ = out;
    before_ = before;
    last_ = last;
    return any;
  }

  void put_any_character() {
    const Decoded decoded = decode_utf8(at_, end_);
    const std::uint32_t code_point =
        decoded.code_point == kInvalid ? static_cast<std::uint32_t>(' ') : decoded.code_point;
    put(code_point, fold_entry(code_point));
    at_ += decoded.size;
  }

  void put(std::uint32_t code_point, const FoldEntry& entry) {
    switch (entry.kind) {
      case FoldKind::kDropped:
        return;
      case FoldKind::kSeparator:
        if (offsets_ != nullptr) note(out_, at_);
        *out_++ = entry.length == 0 ? ' ' : entry.bytes[0];
        before_ = FoldKind::kSeparator;
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
        if (entry.kind == FoldKind::kJamo) put_word(FoldKind::kHangul, code_point, entry);
        return;
      }
      default:
        put_word(entry.kind, code_point, entry);
    }
  }

  void put_word(FoldKind kind, std::uint32_t code_point, const FoldEntry& entry) {
    out_ = put_joint(kind, before_, out_);
    if (offsets_ != nullptr) {
      note(out_, at_);
      const std::uint64_t upper = entry.upper ? 1 : 0;
      std::memcpy(capital(out_), &upper, 8);
    }
    std::memcpy(out_, entry.bytes, 8);
    out_ += entry.length;
    before_ = entry.length > 0 && is_word_byte(out_[-1]) ? kind : FoldKind::kSeparator;
    last_ = code_point;
  }

  const char* at_;
  const char* end_;
  const char* source_begin_;
  char* folded_begin_;
  char* out_;
  OffsetMap* offsets_;
  char* capitals_;                          // Null as the offsets.
  FoldKind before_ = FoldKind::kSeparator;  // Of the character before, if a word's byte ends it.
  std::uint32_t last_ = 0;                  // That character.
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
  return unpack(packed_entry(code_point), code_point);
}

void OffsetMap::begin(std::size_t source_bytes, std::size_t pieces) {
  const std::size_t room = source_bytes + pieces + kRunMax;  // note_joined() writes so many.
  if (shifts_.size() < room) shifts_.resize(room);
  shift_count_ = 0;
  block_count_ = 0;
  distance_ = kNoDistance;
}

void OffsetMap::finish() {
  WIREWATCH_CHECK(shift_count_ > 0);
  block_count_ = shifts_[shift_count_ - 1].folded / kBlockBytes + 1;
  // Each shift is told to the first block that begins at or behind it, of several the last; a block
  // that is told none has that of the one before. So nothing depends on how many shifts a block
  // has, which could not be predicted. What comes after the last block's beginning is told to none.
  if (block_shift_.size() <= block_count_) block_shift_.resize(block_count_ + 1);
  std::fill_n(block_shift_.begin(), block_count_ + 1, 0U);
  for (std::uint32_t shift = 1; shift < shift_count_; ++shift) {
    block_shift_[(shifts_[shift].folded + kBlockBytes - 1) / kBlockBytes] = shift;
  }
  std::uint32_t latest = 0;
  for (std::size_t block = 0; block < block_count_; ++block) {
    latest = std::max(latest, block_shift_[block]);
    block_shift_[block] = latest;
  }
}

void fold_into(std::string_view text, std::size_t source_base, std::string& folded,
               FoldTrace* trace) {
  const std::size_t folded_base = folded.size();
  // Worst case: two bytes that fold to seven (a two-byte ligature letter) plus a joint.
  // std::string grows without giving the old content up, and the room is reused.
  const std::size_t room = text.size() * 4 + 64;
  const auto make_room = [&](std::string& out) {
    out.resize_and_overwrite(folded_base + room, [](char*, std::size_t size) { return size; });
  };
  make_room(folded);
  if (trace != nullptr && trace->capitals.size() < folded_base + room) make_room(trace->capitals);
  Folder folder(text, source_base, folded, folded_base, trace);
  folded.resize(static_cast<std::size_t>(folder.run() - folded.data()));
}

}  // namespace wirewatch::text_internal
