// Folding of Unicode text to "ASCII separators and word bytes".
//
// Internal to common/text. While it folds it notes in a FoldTrace where the distance to the source
// changes and which letters were capitals, so that nothing has to be folded again to find the way
// back.

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch::text_internal {

// What a character is to the folding; values as in make_fold_table.py.
enum class FoldKind : std::uint8_t {
  kSeparator,
  kSpaced,
  kSingle,
  kHangul,
  kKatakana,
  kDropped,
  kJamo,
  kVoicing,
};

struct FoldEntry {
  FoldKind kind = FoldKind::kSeparator;
  std::uint32_t length = 0;  // Bytes of the folded form, 0 to 7.
  bool upper = false;        // The source character is an upper-case letter.
  char bytes[8] = {};
};

// A decoded character: `size` source bytes, at least 1. Bytes that are not UTF-8 decode one by one
// to kInvalid.
struct Decoded {
  std::uint32_t code_point = 0;
  std::uint32_t size = 1;
};
inline constexpr std::uint32_t kInvalid = 0xFFFFFFFF;

[[nodiscard]] Decoded decode_utf8(const char* at, const char* end);

[[nodiscard]] FoldEntry fold_entry(std::uint32_t code_point);

// Separators that the folding itself puts between characters.
inline constexpr char kInnerJoint = '\x01';   // Between characters of one unspaced run.
inline constexpr char kScriptJoint = '\x02';  // Where the script changes without a space.

// Where in the source the bytes of a folded text come from.
//
// Over most of a text a character's folded form is as long as the character, so that the distance
// of the two offsets stays the same: a Shift is kept where it changes. Cost of a look-up: a table
// by 64 folded bytes, and a step for each shift within them.
class OffsetMap {
 public:
  // Forgets everything and makes room for the characters of a source of so many bytes, folded in
  // so many pieces.
  void begin(std::size_t source_bytes, std::size_t pieces);
  // A character (or the end of a piece) begins here; offsets rise from call to call.
  void note(std::size_t folded, std::size_t source) {
    const std::size_t distance = source - folded;
    if (distance == distance_) [[likely]]
      return;
    distance_ = distance;
    shifts_[shift_count_++] = {static_cast<std::uint32_t>(folded),
                               static_cast<std::uint32_t>(source)};
  }
  // `count` characters, 1 to kRunMax, of three bytes each, whose forms have three and a joint
  // before them: the first ones begin here.
  static constexpr std::size_t kRunMax = 8;
  void note_joined(std::size_t folded, std::size_t source, std::size_t count) {
    constexpr std::uint64_t kStep = std::uint64_t{3} << 32 | 4;
    std::uint64_t next = std::uint64_t{source} << 32 | folded;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRunMax; ++i, next += kStep)
      shifts_[shift_count_ + i] = std::bit_cast<Shift>(next);
    shift_count_ += count;
    distance_ = source - folded - (count - 1);
  }
  // All is noted: source_of() may be asked.
  void finish();
  // Source offset of the character whose folded form begins at `folded`; for an offset inside of a
  // form, one between that character's beginning and the next one's.
  [[nodiscard]] std::uint32_t source_of(std::uint32_t folded) const {
    const std::size_t block = std::min<std::size_t>(folded / kBlockBytes, block_count_ - 1);
    const Shift* shift = shifts_.data() + block_shift_[block];
    const Shift* const last = shifts_.data() + shift_count_ - 1;
    while (shift != last && shift[1].folded <= folded) ++shift;
    const std::uint32_t source = shift->source + (folded - shift->folded);
    return shift == last ? source : std::min(source, shift[1].source);
  }

 private:
  static constexpr std::size_t kBlockBytes = 64;
  static constexpr std::size_t kNoDistance = SIZE_MAX / 2;
  struct Shift {
    std::uint32_t folded = 0;
    std::uint32_t source = 0;
  };
  static_assert(std::endian::native == std::endian::little);  // Or a Shift is another number.

  // These never shrink, so that nothing is filled with zeros for an article.
  std::vector<Shift> shifts_;
  std::vector<std::uint32_t> block_shift_;  // The last shift at or before each block's beginning.
  std::size_t shift_count_ = 0;
  std::size_t block_count_ = 0;
  std::size_t distance_ = kNoDistance;  // Source less folded offset, from the last shift on.
};

// What the folding keeps of the source beside the folded text.
struct FoldTrace {
  OffsetMap offsets;
  // By byte of the folded text, and at least as long: not zero where the form of an upper-case
  // letter begins, zero at the other bytes of words. Says nothing about separators.
  std::string capitals;
};

// Appends the folded form of `text`, whose first byte is byte `source_base` of the source. Output
// is at most 4 bytes per byte of input. `trace` may be null; else the begin() of its offsets was
// told of the text.
void fold_into(std::string_view text, std::size_t source_base, std::string& folded,
               FoldTrace* trace);

}  // namespace wirewatch::text_internal
