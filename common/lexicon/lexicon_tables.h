// The tables of a lexicon, as they lie in memory and in a file, and what they are asked with; it is
// no public header.
//
//   lexicon_builder.cc  makes them
//   lexicon_search.cc   finds phrases by them
//   lexicon.cc          reads them from bytes

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/lexicon/lexicon.h"

namespace wirewatch::lexicon_internal {

// The trie: a node is a phrase prefix of two words or more; an edge is (node, word hash) -> node.
// First words and the first two words of longer phrases are edges of two roots. All edges lie in
// one hash table, by lines of the cache: an edge is one word, of which five bytes are the key's and
// three say where it leads, so that eight lie in a line, and a look-up seldom reads a second one.
//
// A prefix word ("korea*") is an own word: its hash is made from the prefix bytes. The table of
// leads tells by the first bytes of a token which lengths of prefixes begin so, and by one more
// byte whether any longer one can, again behind a filter; such a token is tried under each of its
// hashes.

constexpr std::uint32_t kNoPhrase = 0xFFFFFFFF;
constexpr std::uint32_t kWordRoot = 0;  // Its edges are first words …
constexpr std::uint32_t kPairRoot = 1;  // … and the first two words of longer phrases.
constexpr std::uint32_t kFirstNode = 2;
constexpr std::uint32_t kLeaf = 0;  // In place of a node that no edge leaves.
constexpr std::uint64_t kPrefixMark = 0x5851F42D4C957F2DULL;
constexpr std::uint64_t kMagic = 0x3131584C57571AULL;
constexpr std::size_t kGroupMax = 64;
constexpr std::size_t kPrefixBytesMax = 64;  // Prefixes are shorter.

// Where an edge leads.
struct Branch {
  std::uint32_t node = kLeaf;
  std::uint32_t phrase = kNoPhrase;  // The phrase that ends there.
};

constexpr std::size_t kLineEdges = 8;

// The key is the hash of (node, word); 24 bits tell where the edge leads: the number of a phrase
// that ends there, or none, and whether phrases go on. Behind the root of words these are found by
// the next word; from elsewhere on, the number is then that of the node, less kFirstNode, and the
// phrase that ends there is found by it.
class Edge {
 public:
  static constexpr unsigned kTargetBits = 24;
  static constexpr std::uint32_t kGoesOn = 1U << (kTargetBits - 1);
  static constexpr std::uint32_t kNone = kGoesOn - 1;

  Edge() = default;
  Edge(std::uint64_t key, std::uint32_t target) : bits_(key << kTargetBits | target) {}

  [[nodiscard]] bool is_free() const { return bits_ == 0; }
  // Of what find() gave: true where the line lacks the key and is full. That is seldom; either by
  // itself is not, and could not be predicted, so that there is no branch for it.
  [[nodiscard]] bool is_missing_in(const Edge* line) const {
    const std::uint64_t all_ones_if_free = 0 - (((bits_ - 1) & ~bits_) >> 63);
    return (all_ones_if_free & line[kLineEdges - 1].bits_) != 0;
  }
  [[nodiscard]] std::uint32_t target() const {
    return static_cast<std::uint32_t>(bits_ & ((1U << kTargetBits) - 1));
  }
  // The edge of a key among the eight of a line, of which at most one has it; else a free one.
  [[nodiscard]] static Edge find(const Edge* line, std::uint64_t key) {
    Lanes low;  // One copy for each: of both at once a copy in memory would be made.
    Lanes high;
    std::memcpy(&low, line, sizeof(low));
    std::memcpy(&high, line + kLineEdges / 2, sizeof(high));
    const std::uint64_t wanted = key << kTargetBits >> kTargetBits;
    const Lanes none{};
    const Lanes found =
        (low >> kTargetBits == wanted ? low : none) | (high >> kTargetBits == wanted ? high : none);
    Edge edge;
    edge.bits_ = found[0] | found[1] | found[2] | found[3];
    return edge;
  }

 private:
  // Half of a line, by the vector extension of GCC and Clang.
  using Lanes [[gnu::vector_size(32)]] = std::uint64_t;

  std::uint64_t bits_;  // 0 = free: a key is odd.
};
static_assert(sizeof(Edge) == 8);
static_assert(LexiconBuilder::kPhraseMax <= Edge::kNone);

// Prefixes by their first bytes.
struct Lead {
  std::uint64_t key = 0;      // 0 = free.
  std::uint64_t lengths = 0;  // Bit n: a prefix of n bytes begins so (n < 64).
  std::uint64_t next = 0;     // Bit b: a longer one goes on with a byte that is b modulo 64.
};

// Where a filter lies among the words of all filters.
struct Filter {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;  // Words.
};

// Which prefixes a token is asked for: as a first word that has no capital, as one that has, and as
// a later word.
enum LeadUse : std::uint8_t { kPlain, kAny, kLater, kLeadUseCount };

// Prefixes shorter than a lead, by their first three bytes, each modulo 32: see
// short_lead_place(). A prefix of two bytes has all the places that a third one gives it. For
// one third byte the places of the first two differ, so that a token passes falsely only where
// another third byte leads to its place.
using ShortLeads = std::array<std::uint32_t, 32>;

// Where the bit of a token or prefix stands: which word, and which bit of it.
template <typename Number>
void short_lead_place(const Number& first_bytes, Number& word, Number& bit) {
  const Number third = first_bytes >> 16;
  word = ((first_bytes >> 8) + third * 11) & 31;
  bit = (first_bytes + third * 7) & 31;
}

// Where a gate lies among the words of all gates: a power of two of 32 bits each.
struct Gate {
  std::uint32_t begin = 0;
  std::uint32_t shift = 31;  // Of a hash, to give the place of its word; at most 31.

  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{1} << (32 - shift); }
  [[nodiscard]] std::uint32_t slot(std::uint32_t hash) const { return begin + (hash >> shift); }
};

// A group has a gate of words for each, so that a search reads those of its text's script alone.
enum ScriptClass : std::uint8_t { kAscii, kCased, kOthers, kScriptClassCount };
constexpr std::uint32_t kCasedFrom = 0x80;   // First bytes of accented Latin, Greek, Cyrillic …
constexpr std::uint32_t kOthersFrom = 0xD7;  // … and of Hebrew and all that follows.

inline ScriptClass class_of(std::uint32_t first_byte) {
  return first_byte < kCasedFrom ? kAscii : first_byte < kOthersFrom ? kCased : kOthers;
}

// Of the phrases of a group.
struct GroupFilters {
  Filter pairs;                                // The first two words of all …
  Filter plain_pairs;                          // … and of those that need no capital.
  Gate words[kScriptClassCount];               // The first words of those.
  Gate leads[kLeadUseCount];                   // Of prefixes.
  ShortLeads short_leads[kLeadUseCount] = {};  // Of those that the leads do not tell.
  std::uint32_t need_capitals = 0;             // Some phrase does.
  std::uint32_t has_short = 0;                 // Some first prefix is shorter than a lead.
  Filter lead_table;                           // Leads, that tell how long the prefixes are.
};
static_assert(sizeof(GroupFilters) == 464);
constexpr std::size_t kAllPhrases = 0;  // Filters of all phrases: for searches of several groups.
constexpr std::size_t kCommon = 1;      // Pairs of the phrases that are in all groups; the groups
constexpr std::size_t kFirstGroup = 2;  // that follow have pairs of their other phrases.
constexpr Filter kEmptyFilter{0, 1};    // The first of the words.

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t phrase_count = 0;
  std::uint64_t edge_count = 0;    // Slots, a multiple of kLineEdges.
  std::uint64_t node_count = 0;    // From kFirstNode on, and one more where that makes them even.
  std::uint64_t lead_count = 0;    // Slots of the tables of leads.
  std::uint64_t filter_words = 0;  // 64-bit words of all filters.
  std::uint64_t group_count = 0;   // GroupFilters: kAllPhrases alone, or with all the others.
  std::uint64_t gate_words = 0;    // 32-bit words of all gates.
};
static_assert(sizeof(Header) == kLineEdges * sizeof(Edge));

// A slot in [0, count) by the upper half of a well-mixed hash, without a division (Lemire 2019).
inline std::size_t slot_of(std::uint64_t hash, std::size_t count) {
  return static_cast<std::size_t>((hash >> 32) * count >> 32);
}

inline std::uint64_t edge_key(std::uint32_t node, std::uint64_t word) {
  return hash_combine(word, node) | 1;
}

inline std::uint64_t pair_key(std::uint64_t first, std::uint64_t second) {
  return first + std::rotl(second, 31);
}

inline bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

// Of the bytes of a prefix and their number; ArticleText::kReadable bytes must be readable at `at`.
inline std::uint64_t prefix_hash(const char* at, std::size_t size) {
  return hash_padded(at, size, kPrefixMark) | 1;
}

// Bytes of a token that the table of leads looks at, and those of a short prefix's lead.
inline std::size_t lead_size(bool ascii) {
  return ascii ? 4 : 6;
}
inline std::size_t short_lead_size(bool ascii) {
  return ascii ? 2 : 3;
}

// Where the byte stands that tells most of what follows a lead: of other scripts, the second one of
// a character.
inline std::size_t next_at(bool ascii) {
  return lead_size(ascii) + (ascii ? 0 : 1);
}
static_assert(ArticleText::kReadable > 8);

// Of the first four and the next two bytes of a lead. Words hold no zero byte, so that leads of
// different sizes differ.
template <typename Number>
void hash_lead(const Number& low, const Number& high, Number& hash) {
  hash = low * 0x9E3779B1U + high * 0x85EBCA77U;
  hash ^= hash >> 16;
  hash *= 0xC2B2AE3DU;
}

inline std::uint32_t lead_hash(std::uint64_t lead) {
  std::uint32_t hash = 0;
  hash_lead(static_cast<std::uint32_t>(lead), static_cast<std::uint32_t>(lead >> 32), hash);
  return hash;
}

// Where the lead should stand in a table of leads.
inline std::size_t lead_slot(std::uint64_t lead, std::size_t size) {
  return static_cast<std::size_t>(lead_hash(lead) * std::uint64_t{size} >> 32);
}

// Bloom filters of 64-bit words, both bits of a key in one of them.
inline std::uint64_t filter_bits(std::uint64_t hash) {
  return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63);
}

inline std::size_t filter_size(std::size_t keys) {
  return keys * 12 / 64 + 1;
}

// Where the word of a key lies.
inline std::uint32_t filter_slot(Filter filter, std::uint64_t hash) {
  return filter.begin + static_cast<std::uint32_t>(slot_of(hash, filter.size));
}

// 1 where the word of a filter may have a key, else 0, without a branch.
inline std::uint32_t may_have(std::uint64_t word, std::uint64_t hash) {
  return static_cast<std::uint32_t>(word >> (hash & 63) & word >> (hash >> 6 & 63) & 1);
}

// A gate of words has for each key two bits, side by side, which say what a first word of phrases
// that need no capital begins. Both are asked for at once. Sixteen times as many keys would fill
// it.
enum GateBits : std::uint32_t {
  kBeginsAlone = 1,  // A phrase of one word, or one that a prefix goes on; or it is a prefix.
  kBeginsPair = 2,   // Other phrases, which are known by their first two words.
};

// A gate of leads has two bits of a Bloom filter instead. Both are asked with 32 bits of a hash,
// its upper ones for the word, its lowest for the bits.
inline std::uint32_t gate_hash(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}
// Where its bits stand in the word.
constexpr std::uint32_t kWordPlaceMask = 15;  // Of the lowest bits of a hash: pairs of bits.
constexpr std::uint32_t kLeadPlaceMask = 31;  // The place of the one bit of a lead …
constexpr unsigned kLeadPlaceShift = 5;       // … and, further up in the hash, of the other.
inline std::uint32_t word_place(std::uint32_t hash) {
  return (hash & kWordPlaceMask) * 2;
}
inline std::uint32_t lead_bits(std::uint32_t hash) {
  return 1U << (hash & kLeadPlaceMask) | 1U << (hash >> kLeadPlaceShift & kLeadPlaceMask);
}

// Whether a token's first character may be of a script with capitals; false for Hebrew, Arabic, the
// scripts of India, Thai, Han, kana, Hangul and others without, by the first bytes of UTF-8.
inline bool may_be_cased(const char* folded) {
  const auto lead = static_cast<unsigned char>(folded[0]);
  const auto next = static_cast<unsigned char>(folded[1]);
  return lead < 0xD7 || lead == 0xE1 || lead == 0xE2 || (lead == 0xEA && next < 0xB0) ||
         lead >= 0xEE;
}

// A lexicon in memory: its own, or bytes of the caller.
struct Tables {
  // Owned storage when built here; the spans below point into it or into the caller's bytes.
  std::vector<std::uint64_t> owned;

  Header header;
  std::span<const Edge> edges;
  std::span<const std::uint32_t> node_phrases;  // That end there, or kNoPhrase.
  std::span<const Lead> leads;
  std::span<const std::uint64_t> filters;
  std::span<const GroupFilters> groups;
  std::span<const std::uint32_t> gates;  // The words of all.
  std::string_view bytes;

  [[nodiscard]] bool attach(std::string_view from);

  [[nodiscard]] std::size_t line_of(std::uint64_t key) const {
    return slot_of(key, edges.size() / kLineEdges) * kLineEdges;
  }

  // The edge of a key, or a free one. Lines are filled from their beginning; what finds no room in
  // its line lies in the next that has some.
  [[nodiscard]] Edge edge_of(std::uint64_t key) const {
    std::size_t line = line_of(key);
    Edge edge = Edge::find(&edges[line], key);
    std::size_t left = edges.size() / kLineEdges;
    while (edge.is_missing_in(&edges[line]) && left-- > 1) {
      line = line + kLineEdges == edges.size() ? 0 : line + kLineEdges;
      edge = Edge::find(&edges[line], key);
    }
    return edge;
  }

  // Where an edge of any node but the root of words leads.
  [[nodiscard]] Branch branch_of(Edge edge) const {
    if (edge.is_free()) return {};
    const std::uint32_t target = edge.target();
    if ((target & Edge::kGoesOn) == 0) return {.phrase = target};
    const std::uint32_t node = target & ~Edge::kGoesOn;
    if (node >= node_phrases.size()) return {};
    return {.node = kFirstNode + node, .phrase = node_phrases[node]};
  }

  // Lengths of the prefixes that begin with a lead; without those that are longer than it and
  // cannot go on with the byte `next`.
  [[nodiscard]] std::uint64_t lengths_of(std::uint64_t lead, std::size_t lead_bytes, char next,
                                         Filter table) const {
    std::size_t slot = lead_slot(lead, table.size);
    for (std::size_t probe = 0; probe < table.size; ++probe) {
      const Lead& found = leads[table.begin + slot];
      if (found.key == lead) {
        const std::uint64_t longer =
            0 - (found.next >> (static_cast<unsigned char>(next) & 63) & 1);
        return found.lengths & (longer | std::uint64_t{1} << lead_bytes);
      }
      if (found.key == 0) return 0;
      if (++slot == table.size) slot = 0;
    }
    return 0;
  }

  // The filters of one group, or of all phrases when several are asked for.
  [[nodiscard]] std::size_t group_of(std::uint64_t mask) const {
    const bool one = std::has_single_bit(mask) && groups.size() > 1;
    return one ? kFirstGroup + static_cast<std::size_t>(std::countr_zero(mask)) : kAllPhrases;
  }
};

// Lexicon::find() for a lexicon with phrases and a text with tokens; `hits` is empty.
void find_phrases(const Tables& tables, const ArticleText& text, PhraseSelection selection,
                  std::vector<PhraseHit>& hits);

}  // namespace wirewatch::lexicon_internal
