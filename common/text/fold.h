// Folding of Unicode text to "ASCII separators and word bytes", one character at a time.
//
// Internal to common/text: the analyzer and the offset mapping share these pieces, so that the
// length of a character's folded form is the same on both ways.

#pragma once

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

// Appends the folded form of `text`. `checkpoints` get, for every 64 bytes of output counted from
// the beginning of `folded`, the offset of a source character (plus source_base) and of its form.
// Output is at most 4 bytes per 3 bytes of input plus 4 per character that expands.
void fold_into(std::string_view text, std::size_t source_base, std::string& folded,
               std::vector<std::uint32_t>* checkpoint_source,
               std::vector<std::uint32_t>* checkpoint_folded);

inline constexpr std::size_t kCheckpointBytes = 64;

}  // namespace wirewatch::text_internal
