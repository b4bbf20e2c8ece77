#include "common/lexicon/lexicon.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <span>
#include <type_traits>
#include <unordered_map>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/check.h"
#include "common/base/hash.h"

namespace wirewatch {

// The trie: a node is a phrase prefix of two words or more; an edge is (node, word hash) -> node.
// First words and the first two words of longer phrases are edges of two roots. All edges lie in
// one hash table, by lines of the cache: an edge is one word, of which five bytes are the key's and
// three say where it leads, so that eight lie in a line, and a look-up seldom reads a second one.
//
// What a search waits for is memory: the table is larger than the caches. So find() takes the
// tokens in blocks and looks up nothing before it has asked for all of the block: (1) gates say by
// one look at each token's hash and one at its first bytes whether it may begin a phrase, and how,
// for eight tokens at once; of the few that they let through, those that begin longer phrases alone
// are asked for together with the next one: that a word begins some phrases says little, in scripts
// of single characters nearly all do. Words with a capital are taken without being asked, as their
// gate would be as large as what it guards. Most of the others end here, in memory of some
// kilobytes that stays in the caches; (2) the lines of those that are left are fetched, then read;
// (3) a word that begins longer phrases is followed by its pair with the next one, if a filter lets
// it, and what leads on is walked. Each group (names of one language are few) has gates of its own;
// pairs of phrases of all groups have a filter that every search asks, each group another for what
// is its own.
//
// A prefix word ("korea*") is an own word: its hash is made from the prefix bytes. The table of
// leads tells by the first bytes of a token which lengths of prefixes begin so, and by one more
// byte whether any longer one can, again behind a filter; such a token is tried under each of its
// hashes.

namespace {

constexpr std::uint32_t kNoPhrase = 0xFFFFFFFF;
constexpr std::uint32_t kWordRoot = 0;  // Its edges are first words …
constexpr std::uint32_t kPairRoot = 1;  // … and the first two words of longer phrases.
constexpr std::uint32_t kFirstNode = 2;
constexpr std::uint32_t kLeaf = 0;  // In place of a node that no edge leaves.
constexpr std::uint64_t kPrefixMark = 0x5851F42D4C957F2DULL;
constexpr std::uint64_t kMagic = 0x3031584C57571AULL;
constexpr std::uint32_t kBlock = 128;   // Tokens of a block.
constexpr std::size_t kProbeMax = 512;  // Probes that wait to be looked up.
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

// Prefixes shorter than a lead, by their first two bytes, each modulo 32: bit a of word b. Exact
// for letters of ASCII; of other scripts it tells the first character.
using ShortLeads = std::array<std::uint32_t, 32>;

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

ScriptClass class_of(std::uint32_t first_byte) {
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
std::size_t slot_of(std::uint64_t hash, std::size_t count) {
  return static_cast<std::size_t>((hash >> 32) * count >> 32);
}

std::uint64_t edge_key(std::uint32_t node, std::uint64_t word) {
  return hash_combine(word, node) | 1;
}

std::uint64_t pair_key(std::uint64_t first, std::uint64_t second) {
  return first + std::rotl(second, 31);
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Of the bytes of a prefix and their number; ArticleText::kReadable bytes must be readable at `at`.
std::uint64_t prefix_hash(const char* at, std::size_t size) {
  return hash_padded(at, size, kPrefixMark) | 1;
}

// Bytes of a token that the table of leads looks at, and those of a short prefix's lead.
std::size_t lead_size(bool ascii) {
  return ascii ? 4 : 6;
}
std::size_t short_lead_size(bool ascii) {
  return ascii ? 2 : 3;
}

// Where the byte stands that tells most of what follows a lead: of other scripts, the second one of
// a character.
std::size_t next_at(bool ascii) {
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

std::uint32_t lead_hash(std::uint64_t lead) {
  std::uint32_t hash = 0;
  hash_lead(static_cast<std::uint32_t>(lead), static_cast<std::uint32_t>(lead >> 32), hash);
  return hash;
}

// Where the lead should stand in a table of leads.
std::size_t lead_slot(std::uint64_t lead, std::size_t size) {
  return static_cast<std::size_t>(lead_hash(lead) * std::uint64_t{size} >> 32);
}

// Bloom filters of 64-bit words, both bits of a key in one of them.
std::uint64_t filter_bits(std::uint64_t hash) {
  return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63);
}

std::size_t filter_size(std::size_t keys) {
  return keys * 12 / 64 + 1;
}

// Where the word of a key lies.
std::uint32_t filter_slot(Filter filter, std::uint64_t hash) {
  return filter.begin + static_cast<std::uint32_t>(slot_of(hash, filter.size));
}

// 1 where the word of a filter may have a key, else 0, without a branch.
std::uint32_t may_have(std::uint64_t word, std::uint64_t hash) {
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
std::uint32_t gate_hash(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}
std::uint32_t word_place(std::uint32_t hash) {
  return (hash & 15) * 2;
}
std::uint32_t lead_bits(std::uint32_t hash) {
  return 1U << (hash & 31) | 1U << (hash >> 5 & 31);
}

// Whether a token's first character may be of a script with capitals; false for Hebrew, Arabic, the
// scripts of India, Thai, Han, kana, Hangul and others without, by the first bytes of UTF-8.
bool may_be_cased(const char* folded) {
  const auto lead = static_cast<unsigned char>(folded[0]);
  const auto next = static_cast<unsigned char>(folded[1]);
  return lead < 0xD7 || lead == 0xE1 || lead == 0xE2 || (lead == 0xEA && next < 0xB0) ||
         lead >= 0xEE;
}

bool is_hangul(std::string_view folded) {
  // U+AC00 to U+D7A3: EA B0 80 to ED 9E A3.
  if (folded.size() != 3) return false;
  const auto lead = static_cast<unsigned char>(folded[0]);
  const auto next = static_cast<unsigned char>(folded[1]);
  return (lead == 0xEA && next >= 0xB0) || lead == 0xEB || lead == 0xEC ||
         (lead == 0xED && next <= 0x9E);
}

// Of the first bytes of a token. Where it is shorter than a lead, what follows it is taken in: no
// lead has such bytes.
std::uint32_t token_lead_hash(std::uint64_t first_bytes) {
  return lead_hash(keep_bytes(first_bytes, lead_size((first_bytes & 0x80) == 0)));
}

// 1 where a prefix shorter than a lead may begin with these bytes, else 0.
std::uint32_t may_have_short(const ShortLeads& leads, std::uint64_t first_bytes) {
  return leads[first_bytes >> 8 & 31] >> (first_bytes & 31) & 1;
}

// Hashes of the prefixes that a token may have.
struct Prefixes {
  std::array<std::uint64_t, kPrefixBytesMax> hashes;
  std::size_t count = 0;
};

// What is to be looked up: an edge of a root, or before that a pair in its filter.
struct Probe {
  std::uint64_t key;    // Of the edge; of a pair that has not been asked for, its hash.
  std::uint64_t word;   // The first word.
  std::uint32_t begin;  // Where it stands.
  Edge edge;            // When it has been read.
};
static_assert(std::is_trivially_default_constructible_v<Probe>, "Or a search clears its lists.");

// An edge behind the first two words.
struct Step {
  std::uint64_t key;
  std::uint32_t begin;  // Where the phrase begins …
  std::uint32_t token;  // … and the word of the edge stands.
};

// Those that wait for their memory. Whether one is wanted can seldom be predicted, so that lists
// are made without a branch: all are written, and those that are wanted stay.
struct Probes {
  std::array<Probe, kProbeMax> list;
  std::size_t count = 0;

  [[nodiscard]] bool has_room(std::size_t more) const { return count + more <= kProbeMax; }
  [[nodiscard]] std::span<const Probe> all() const { return std::span(list).first(count); }
  void add(const Probe& probe) { list[count++] = probe; }

  // Keeps those that the edges of their keys are there for, which they have then.
  template <typename EdgeOf>
  void read(const EdgeOf& edge_of) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Probe probe = list[i];
      probe.edge = edge_of(probe.key);
      list[found] = probe;
      found += probe.edge.is_free() ? 0U : 1U;
    }
    count = found;
  }
};

bool comes_before(const PhraseHit& a, const PhraseHit& b) {
  const auto tokens = [](const PhraseHit& hit) {
    return std::uint64_t{hit.token_begin} << 32 | hit.token_end;
  };
  if (tokens(a) != tokens(b)) return tokens(a) < tokens(b);
  return a.phrase.value() < b.phrase.value();
}

// The groups of a phrase: under kPlain those in which it needs no capital. Of the phrases that have
// a prefix: as first word under kPlain and kAny, as later word under kLater.
using UseGroups = std::array<std::uint64_t, kLeadUseCount>;

// The tokens of a block that may begin a phrase.
struct Starts {
  std::array<std::uint32_t, kBlock> words;    // By the word as it is, …
  std::array<std::uint32_t, kBlock> pairs;    // … with the next one …
  std::array<std::uint32_t, kBlock> leads;    // … or by a prefix …
  std::array<std::uint64_t, kBlock> lengths;  // … of these lengths, by bit.
  std::size_t word_count = 0;
  std::size_t pair_count = 0;
  std::size_t lead_count = 0;
};

// Eight numbers that are computed at once, by the vector extension of GCC and Clang.
using Eight [[gnu::vector_size(32)]] = std::uint32_t;
constexpr std::uint32_t kEight = 8;

void load(const std::uint32_t* from, Eight& eight) {
  std::memcpy(&eight, from, sizeof(eight));
}
void store(const Eight& eight, std::uint32_t* to) {
  std::memcpy(to, &eight, sizeof(eight));
}

// The lowest bits of eight numbers.
std::uint64_t low_bits(const Eight& eight) {
  const Eight upper = eight << 31;
#if defined(__AVX2__)
  __m256 floats;
  std::memcpy(&floats, &upper, sizeof(floats));
  return static_cast<std::uint32_t>(_mm256_movemask_ps(floats));
#else
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < kEight; ++i) bits |= std::uint64_t{upper[i] >> 31} << i;
  return bits;
#endif
}

// What is asked of the tokens of a block, by token, and what the gates say.
struct Asked {
  using Numbers = std::array<std::uint32_t, kBlock>;
  Numbers hashes;   // As gate_hash().
  Numbers lows;     // Their first four bytes …
  Numbers highs;    // … and the next two.
  Numbers unasked;  // 1 for what is looked up in any case.
  Numbers brief;    // 1 for what may have a prefix shorter than a lead.
  Numbers lead_hashes;
  Numbers word_slots;
  Numbers lead_slots;
  Numbers words;  // Of the gate of words.
  Numbers leads;  // Of the gate of leads.
};

// A bit for each token of a block.
using BlockBits = std::array<std::uint64_t, kBlock / 64>;

// Lists the tokens of the bits; the first bit is that of `begin`.
std::size_t list_tokens(const BlockBits& bits, std::uint32_t begin,
                        std::array<std::uint32_t, kBlock>& list) {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    for (std::uint64_t left = bits[i]; left != 0; left &= left - 1) {
      list[count++] = begin + i * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
    }
  }
  return count;
}

}  // namespace

struct Lexicon::Tables {
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
  // Bit n: a token may have a prefix of a group that is n bytes long.
  [[nodiscard]] std::uint64_t prefix_lengths(const GroupFilters& group,
                                             std::string_view folded) const;
  // Hashes of the prefixes of these lengths that a token has.
  static void list_prefixes(std::uint64_t lengths, std::string_view folded, Prefixes& out);
};

// The finder of one call: an article's tokens, and what waits to be looked up.
struct Lexicon::Search {
  const Tables& tables;
  const ArticleText& text;
  std::vector<PhraseHit>& hits;
  const std::span<const std::uint64_t> hashes = text.hashes();
  const std::uint32_t token_count = text.token_count();
  const bool any_case;
  const std::size_t group;
  const GroupFilters& filters = tables.groups[group];
  const Filter common_pairs = group == kAllPhrases ? kEmptyFilter : tables.groups[kCommon].pairs;

  // A constructor, so that the arrays are not cleared for every article.
  Search(const Tables& with, const ArticleText& in, PhraseSelection selection,
         std::vector<PhraseHit>& out)
      : tables(with),
        text(in),
        hits(out),
        any_case(selection.any_case),
        group(with.group_of(selection.groups)) {}

  Probes word_probes;
  Probes unasked_pairs;
  Probes pair_probes;
  std::array<Step, kProbeMax> steps;
  std::size_t step_count = 0;
  Asked asked;
  Starts starts;
  // Of the tokens of even and of odd number asked last.
  std::array<Prefixes, 2> prefixes;
  std::array<std::uint32_t, 2> prefixes_of{UINT32_MAX, UINT32_MAX};

  void run();
  void fetch_lead(std::string_view folded) const;
  void read_tokens(std::uint32_t begin, std::uint32_t count);
  void read_short_leads(std::uint32_t count);
  void place_tokens(std::uint32_t count);
  void list_starts(std::uint32_t begin, std::uint32_t count);
  void ask_start_pairs();
  void ask_leads();
  // True where a word that begins with this byte may begin a phrase of one word or the like.
  [[nodiscard]] bool may_begin_alone(char first_byte, std::uint64_t word) const {
    const std::uint32_t hash = gate_hash(word);
    const Gate& gate = filters.words[class_of(static_cast<unsigned char>(first_byte))];
    return (tables.gates[gate.slot(hash)] >> word_place(hash) & kBeginsAlone) != 0;
  }
  // False for a token that has no prefix which is a later word.
  [[nodiscard]] bool may_have_later_prefix(std::uint32_t token) const {
    const std::uint64_t first_bytes = load8(text.folded(token).data());
    const std::uint32_t lead = token_lead_hash(first_bytes);
    const std::uint32_t missing = ~tables.gates[filters.leads[kLater].slot(lead)];
    return (missing & lead_bits(lead)) == 0 ||
           may_have_short(filters.short_leads[kLater], first_bytes) != 0;
  }
  [[nodiscard]] bool can_begin(std::uint32_t token) const;
  void add_prefixes(std::uint32_t token, std::uint64_t lengths);
  void add_word(std::uint64_t word, std::uint32_t token);
  void read_words();
  void add_pairs(std::span<const Probe> firsts);
  void add_pair(const Probe& first, std::uint64_t second);
  void ask_pairs();
  void add_asked_pair(std::uint64_t pair, std::uint64_t first, std::uint32_t token);
  void read_pairs();
  void arrive(Edge edge, std::uint32_t begin, std::uint32_t end);
  void add_step(std::uint32_t node, std::uint64_t word, std::uint32_t begin, std::uint32_t token);
  void read_steps();
  void sort_hits();
  [[nodiscard]] const Prefixes& prefixes_at(std::uint32_t token);
  [[nodiscard]] bool continues(std::uint32_t token) const;
};

bool Lexicon::Tables::attach(std::string_view from) {
  if (from.size() < sizeof(Header) || reinterpret_cast<std::uintptr_t>(from.data()) % 8 != 0) {
    return false;
  }
  std::memcpy(&header, from.data(), sizeof(Header));
  for (const std::uint64_t count : {header.edge_count, header.node_count, header.lead_count,
                                    header.filter_words, header.group_count, header.gate_words}) {
    if (count >= (1ULL << 32)) return false;
  }
  if (header.magic != kMagic || header.edge_count == 0 || header.edge_count % kLineEdges != 0 ||
      (header.group_count != 1 && header.group_count != kFirstGroup + kGroupMax) ||
      header.filter_words == 0 || header.gate_words % 2 != 0) {
    return false;
  }
  const std::uint64_t need =
      sizeof(Header) + header.edge_count * sizeof(Edge) +
      header.node_count * sizeof(std::uint32_t) + header.lead_count * sizeof(Lead) +
      header.filter_words * sizeof(std::uint64_t) + header.group_count * sizeof(GroupFilters) +
      header.gate_words * sizeof(std::uint32_t);
  if (from.size() < need) return false;
  bytes = from.substr(0, need);
  const char* at = from.data() + sizeof(Header);
  const auto take = [&]<typename T>(std::uint64_t count, std::span<const T>& out) {
    out = {reinterpret_cast<const T*>(at), count};
    at += count * sizeof(T);
  };
  take(header.edge_count, edges);
  take(header.node_count, node_phrases);
  take(header.lead_count, leads);
  take(header.filter_words, filters);
  take(header.group_count, groups);
  take(header.gate_words, gates);
  const auto sound = [&](const Filter& filter) {
    return filter.size > 0 && std::uint64_t{filter.begin} + filter.size <= filters.size();
  };
  const auto sound_gate = [&](const Gate& gate) {
    return gate.shift > 0 && gate.shift < 32 && gate.begin + gate.size() <= gates.size();
  };
  return std::all_of(groups.begin(), groups.end(), [&](const GroupFilters& group) {
    return sound(group.pairs) && sound(group.plain_pairs) &&
           std::all_of(std::begin(group.words), std::end(group.words), sound_gate) &&
           std::all_of(std::begin(group.leads), std::end(group.leads), sound_gate) &&
           group.need_capitals <= 1 &&
           std::uint64_t{group.lead_table.begin} + group.lead_table.size <= leads.size();
  });
}

std::uint64_t Lexicon::Tables::prefix_lengths(const GroupFilters& group,
                                              std::string_view folded) const {
  const bool ascii = is_ascii(folded[0]);
  const std::uint64_t word = load8(folded.data());
  const std::size_t size = lead_size(ascii);
  std::uint64_t lengths =
      lengths_of(keep_bytes(word, size), size, folded.data()[next_at(ascii)], group.lead_table);
  if ((may_have_short(group.short_leads[kAny], word) |
       may_have_short(group.short_leads[kLater], word)) != 0) {
    const std::size_t brief = short_lead_size(ascii);
    lengths |= lengths_of(keep_bytes(word, brief), brief, folded.data()[brief], group.lead_table);
  }
  if (folded.size() < kPrefixBytesMax) lengths &= (std::uint64_t{2} << folded.size()) - 1;
  return lengths & ~std::uint64_t{1};  // Not even a damaged table has a prefix of no bytes.
}

void Lexicon::Tables::list_prefixes(std::uint64_t lengths, std::string_view folded, Prefixes& out) {
  out.count = 0;
  for (; lengths != 0; lengths &= lengths - 1) {
    const auto size = static_cast<std::size_t>(std::countr_zero(lengths));
    if (size < folded.size() && is_continuation(folded[size])) continue;
    out.hashes[out.count++] = prefix_hash(folded.data(), size);
  }
}

// False where a phrase cannot go on to the token: behind a blank line, and from the headline on.
bool Lexicon::Search::continues(std::uint32_t token) const {
  if (token >= token_count || token == text.headline_token_count()) return false;
  const std::string_view gap = text.gap_before(token);
  if (gap.size() < 2) return true;
  const std::size_t newline = gap.find('\n');
  return newline == std::string_view::npos || gap.find('\n', newline + 1) == std::string_view::npos;
}

const Prefixes& Lexicon::Search::prefixes_at(std::uint32_t token) {
  Prefixes& out = prefixes[token % 2];
  if (prefixes_of[token % 2] != token) {
    prefixes_of[token % 2] = token;
    const std::string_view folded = text.folded(token);
    Tables::list_prefixes(tables.prefix_lengths(filters, folded), folded, out);
  }
  return out;
}

void Lexicon::Search::fetch_lead(std::string_view folded) const {
  const std::uint64_t lead = keep_bytes(load8(folded.data()), lead_size(is_ascii(folded[0])));
  const Filter table = filters.lead_table;
  if (table.size == 0) return;
  __builtin_prefetch(&tables.leads[table.begin + lead_slot(lead, table.size)]);
}

// Takes from the text what is asked of `count` tokens.
void Lexicon::Search::read_tokens(std::uint32_t begin, std::uint32_t count) {
  const std::uint32_t need_capitals = filters.need_capitals;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t token = begin + i;
    const std::uint64_t first_bytes = load8(text.folded(token).data());
    asked.hashes[i] = gate_hash(hashes[token]);
    asked.lows[i] = static_cast<std::uint32_t>(first_bytes);
    asked.highs[i] = static_cast<std::uint32_t>(first_bytes >> 32);
    asked.unasked[i] = need_capitals & (text.is_capitalized(token) ? 1U : 0U);
  }
  if (any_case && need_capitals != 0) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (may_be_cased(text.folded(begin + i).data())) asked.unasked[i] = 1;
    }
  }
  // What follows the last one up to eight is asked for too, and not heard.
  for (std::uint32_t i = count; i % kEight != 0; ++i) {
    asked.hashes[i] = asked.lows[i] = asked.highs[i] = asked.unasked[i] = 0;
  }
}

// Which tokens may have a prefix shorter than a lead.
void Lexicon::Search::read_short_leads(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    asked.brief[i] = may_have_short(filters.short_leads[asked.unasked[i]], asked.lows[i]);
  }
}

// Finds where the gates tell of them, eight at a time, and reads what they say.
void Lexicon::Search::place_tokens(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; i += kEight) {
    Eight hash;
    Eight low;
    Eight high;
    Eight unasked;
    load(&asked.hashes[i], hash);
    load(&asked.lows[i], low);
    load(&asked.highs[i], high);
    load(&asked.unasked[i], unasked);
    const Eight none{};
    const auto is_ascii = (low & 0xFF) < kCasedFrom;
    const auto is_other = (low & 0xFF) >= kOthersFrom;
    const auto choose = [&](auto part, Eight& chosen) {
      chosen = is_ascii   ? none + filters.words[kAscii].*part
               : is_other ? none + filters.words[kOthers].*part
                          : none + filters.words[kCased].*part;
    };
    Eight begin;
    Eight shift;
    choose(&Gate::begin, begin);
    choose(&Gate::shift, shift);
    store(begin + (hash >> shift), &asked.word_slots[i]);
    Eight lead;
    hash_lead(low, is_ascii ? none : high & 0xFFFF, lead);
    const auto is_unasked = unasked != none;
    begin = is_unasked ? none + filters.leads[kAny].begin : none + filters.leads[kPlain].begin;
    shift = is_unasked ? none + filters.leads[kAny].shift : none + filters.leads[kPlain].shift;
    store(lead, &asked.lead_hashes[i]);
    store(begin + (lead >> shift), &asked.lead_slots[i]);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    asked.words[i] = tables.gates[asked.word_slots[i]];
    asked.leads[i] = tables.gates[asked.lead_slots[i]];
  }
}

// Lists the tokens of a block that may begin a phrase. None costs a branch of its own: it could not
// be predicted.
void Lexicon::Search::list_starts(std::uint32_t begin, std::uint32_t count) {
  read_tokens(begin, count);
  if (filters.has_short != 0) read_short_leads(count);
  place_tokens(count);
  BlockBits words{};
  BlockBits pairs{};
  BlockBits leads{};
  for (std::uint32_t i = 0; i < count; i += kEight) {
    Eight hash;
    Eight lead_hash;
    Eight unasked;
    Eight brief;
    Eight says;
    Eight lead_says;
    load(&asked.hashes[i], hash);
    load(&asked.lead_hashes[i], lead_hash);
    load(&asked.unasked[i], unasked);
    load(&asked.brief[i], brief);
    load(&asked.words[i], says);
    load(&asked.leads[i], lead_says);
    says >>= (hash & 15) * 2;  // word_place
    const Eight word = says | unasked;
    const auto add = [&](BlockBits& bits, const Eight& lowest) {
      bits[i / 64] |= low_bits(lowest) << (i % 64);
    };
    add(words, word);
    add(pairs, says >> 1 & ~word);
    add(leads, (lead_says >> (lead_hash & 31) & lead_says >> (lead_hash >> 5 & 31)) | brief);
  }
  if (count % 64 != 0) {
    const std::uint64_t heard = (std::uint64_t{1} << (count % 64)) - 1;
    for (BlockBits* bits : {&words, &pairs, &leads}) (*bits)[count / 64] &= heard;
  }
  starts.word_count = list_tokens(words, begin, starts.words);
  starts.pair_count = list_tokens(pairs, begin, starts.pairs);
  starts.lead_count = list_tokens(leads, begin, starts.leads);
}

// Keeps the pairs that begin a phrase.
void Lexicon::Search::ask_start_pairs() {
  std::size_t count = 0;
  for (const std::uint32_t token : std::span(starts.pairs).first(starts.pair_count)) {
    const std::uint64_t next = token + 1 < token_count ? hashes[token + 1] : 0;
    const std::uint64_t pair = pair_key(hashes[token], next);
    starts.pairs[count] = token;
    count += may_have(tables.filters[filter_slot(filters.plain_pairs, pair)], pair);
  }
  starts.pair_count = count;
}

// Keeps the tokens that have as much of a prefix as the table of leads tells.
void Lexicon::Search::ask_leads() {
  const auto waiting = std::span(starts.leads).first(starts.lead_count);
  for (const std::uint32_t token : waiting) fetch_lead(text.folded(token));
  std::size_t count = 0;
  for (const std::uint32_t token : waiting) {
    const std::uint64_t lengths = tables.prefix_lengths(filters, text.folded(token));
    starts.leads[count] = token;
    starts.lengths[count] = lengths;
    count += lengths != 0 ? 1U : 0U;
  }
  starts.lead_count = count;
}

// Hangul begins at a word's start.
bool Lexicon::Search::can_begin(std::uint32_t token) const {
  return text.starts_word(token) || !is_hangul(text.folded(token));
}

void Lexicon::Search::add_prefixes(std::uint32_t token, std::uint64_t lengths) {
  Prefixes own;
  Tables::list_prefixes(lengths, text.folded(token), own);
  const char first_byte = text.folded(token)[0];
  for (std::size_t i = 0; i < own.count; ++i) {
    const std::uint64_t hash = own.hashes[i];
    if (may_begin_alone(first_byte, hash)) add_word(hash, token);
  }
}

void Lexicon::Search::add_word(std::uint64_t word, std::uint32_t token) {
  if (!word_probes.has_room(1)) read_words();
  const std::uint64_t key = edge_key(kWordRoot, word);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  word_probes.add({key, word, token, {}});
}

void Lexicon::Search::read_words() {
  word_probes.read([this](std::uint64_t key) { return tables.edge_of(key); });
  const std::size_t old = hits.size();
  hits.resize(old + word_probes.count);
  PhraseHit* hit = hits.data() + old;
  std::size_t going_on = 0;
  for (const Probe& probe : word_probes.all()) {
    const std::uint32_t target = probe.edge.target();
    const std::uint32_t phrase = target & ~Edge::kGoesOn;
    *hit = {PhraseId(phrase), probe.begin, probe.begin + 1};
    hit += phrase != Edge::kNone ? 1 : 0;
    const std::uint32_t goes_on = (target & Edge::kGoesOn) != 0 ? 1 : 0;
    const std::uint32_t has_next = probe.begin + 1 < token_count ? 1 : 0;
    word_probes.list[going_on] = probe;
    going_on += goes_on & has_next;
  }
  hits.resize(static_cast<std::size_t>(hit - hits.data()));
  add_pairs(std::span(word_probes.list).first(going_on));
  word_probes.count = 0;
}

// With each of the words, the next one.
void Lexicon::Search::add_pairs(std::span<const Probe> firsts) {
  for (const Probe& first : firsts) {
    const std::uint32_t next = first.begin + 1;
    add_pair(first, hashes[next]);
    if (!may_have_later_prefix(next)) continue;
    const Prefixes& seconds = prefixes_at(next);
    for (std::size_t i = 0; i < seconds.count; ++i) add_pair(first, seconds.hashes[i]);
  }
}

void Lexicon::Search::add_pair(const Probe& first, std::uint64_t second) {
  if (!unasked_pairs.has_room(1)) ask_pairs();
  const std::uint64_t pair = pair_key(first.word, second);
  __builtin_prefetch(&tables.filters[filter_slot(common_pairs, pair)]);
  __builtin_prefetch(&tables.filters[filter_slot(filters.pairs, pair)]);
  unasked_pairs.add({pair, first.word, first.begin, {}});
}

void Lexicon::Search::ask_pairs() {
  std::size_t kept = 0;
  for (const Probe& probe : unasked_pairs.all()) {
    unasked_pairs.list[kept] = probe;
    const std::uint64_t common = tables.filters[filter_slot(common_pairs, probe.key)];
    const std::uint64_t own = tables.filters[filter_slot(filters.pairs, probe.key)];
    kept += may_have(common, probe.key) | may_have(own, probe.key);
  }
  for (const Probe& probe : std::span(unasked_pairs.list).first(kept)) {
    add_asked_pair(probe.key, probe.word, probe.begin);
  }
  unasked_pairs.count = 0;
}

void Lexicon::Search::add_asked_pair(std::uint64_t pair, std::uint64_t first, std::uint32_t token) {
  if (!pair_probes.has_room(1)) read_pairs();
  const std::uint64_t key = edge_key(kPairRoot, pair);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  pair_probes.add({key, first, token, {}});
}

void Lexicon::Search::read_pairs() {
  pair_probes.read([this](std::uint64_t key) { return tables.edge_of(key); });
  for (const Probe& probe : pair_probes.all()) {
    if (continues(probe.begin + 1)) arrive(probe.edge, probe.begin, probe.begin + 2);
  }
  pair_probes.count = 0;
}

// Takes what lies behind an edge of two words or more.
void Lexicon::Search::arrive(Edge edge, std::uint32_t begin, std::uint32_t end) {
  const Branch to = tables.branch_of(edge);
  if (to.phrase != kNoPhrase) hits.push_back({PhraseId(to.phrase), begin, end});
  if (to.node == kLeaf || end - begin >= LexiconBuilder::kPhraseWordMax || !continues(end)) return;
  add_step(to.node, hashes[end], begin, end);
  if (!may_have_later_prefix(end)) return;
  Prefixes own;
  const std::string_view folded = text.folded(end);
  Tables::list_prefixes(tables.prefix_lengths(filters, folded), folded, own);
  for (std::size_t i = 0; i < own.count; ++i) add_step(to.node, own.hashes[i], begin, end);
}

void Lexicon::Search::add_step(std::uint32_t node, std::uint64_t word, std::uint32_t begin,
                               std::uint32_t token) {
  const std::uint64_t key = edge_key(node, word);
  if (step_count == kProbeMax) return arrive(tables.edge_of(key), begin, token + 1);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  steps[step_count++] = {key, begin, token};
}

// Each may add others, behind all that wait already.
void Lexicon::Search::read_steps() {
  for (std::size_t i = 0; i < step_count; ++i) {
    const Step step = steps[i];
    arrive(tables.edge_of(step.key), step.begin, step.token + 1);
  }
  step_count = 0;
}

void Lexicon::Search::run() {
  if (filters.has_short == 0) asked.brief.fill(0);
  for (std::uint32_t begin = 0; begin < token_count; begin += kBlock) {
    const std::uint32_t end = std::min(begin + kBlock, token_count);
    list_starts(begin, end - begin);
    ask_start_pairs();
    ask_leads();
    for (const std::uint32_t token : std::span(starts.words).first(starts.word_count)) {
      if (can_begin(token)) add_word(hashes[token], token);
    }
    for (std::size_t i = 0; i < starts.lead_count; ++i) {
      if (can_begin(starts.leads[i])) add_prefixes(starts.leads[i], starts.lengths[i]);
    }
    read_pairs();  // Of the block before: meanwhile the words of this one arrive.
    for (const std::uint32_t token : std::span(starts.pairs).first(starts.pair_count)) {
      if (!can_begin(token) || token + 1 == token_count) continue;
      add_asked_pair(pair_key(hashes[token], hashes[token + 1]), hashes[token], token);
    }
    read_words();
    ask_pairs();
    read_steps();
  }
  read_pairs();
  read_steps();
  sort_hits();
}

// They are in order but for those of a block.
void Lexicon::Search::sort_hits() {
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const PhraseHit hit = hits[i];
    std::size_t at = i;
    for (; at > 0 && comes_before(hit, hits[at - 1]); --at) hits[at] = hits[at - 1];
    hits[at] = hit;
  }
}

Lexicon::Lexicon() {
  LexiconBuilder builder;
  *this = builder.build();
}
Lexicon::~Lexicon() = default;
Lexicon::Lexicon(Lexicon&&) noexcept = default;
Lexicon& Lexicon::operator=(Lexicon&&) noexcept = default;

std::size_t Lexicon::phrase_count() const {
  return tables_->header.phrase_count;
}
std::size_t Lexicon::memory_bytes() const {
  return tables_->bytes.size();
}
std::string Lexicon::serialize() const {
  return std::string(tables_->bytes);
}

std::optional<Lexicon> Lexicon::view(std::string_view bytes) {
  auto tables = std::make_unique<Tables>();
  if (!tables->attach(bytes)) return std::nullopt;
  Lexicon lexicon{nullptr};
  lexicon.tables_ = std::move(tables);
  return lexicon;
}

Lexicon::Lexicon(std::nullptr_t) {}

void Lexicon::find(const ArticleText& text, std::vector<PhraseHit>& hits,
                   PhraseSelection selection) const {
  hits.clear();
  if (tables_->header.phrase_count == 0 || text.token_count() == 0) return;
  Search(*tables_, text, selection, hits).run();
}

namespace {

// The lead of a prefix, and whether it is a short one.
std::pair<std::uint64_t, bool> lead_of(std::string_view prefix) {
  char padded[8] = {};
  std::memcpy(padded, prefix.data(), std::min<std::size_t>(prefix.size(), 8));
  const bool ascii = is_ascii(prefix[0]);
  const bool brief = prefix.size() < lead_size(ascii);
  return {keep_bytes(load8(padded), brief ? short_lead_size(ascii) : lead_size(ascii)), brief};
}

// The filters of all groups while they are built.
struct FilterTables {
  std::vector<std::uint64_t> words{0};  // kEmptyFilter
  std::vector<GroupFilters> groups;
  std::vector<std::uint32_t> gates{0, 0};  // An empty one.
  std::vector<Lead> leads;

  Filter add(std::vector<std::uint64_t> keys) {
    const Filter filter = make_room(keys);
    for (const std::uint64_t key : keys) {
      words[filter.begin + slot_of(key, filter.size)] |= filter_bits(key);
    }
    return filter;
  }

  // Of leads by their hashes.
  Gate add_leads(std::span<const std::uint32_t> hashes) {
    const Gate gate = add_gate(hashes.size());
    for (const std::uint32_t hash : hashes) gates[gate.slot(hash)] |= lead_bits(hash);
    return gate;
  }

  // Of different words by what they begin.
  Gate add_words(std::span<const std::pair<std::uint64_t, std::uint32_t>> begins) {
    const Gate gate = add_gate(begins.size());
    for (const auto& [word, bits] : begins) {
      const std::uint32_t hash = gate_hash(word);
      gates[gate.slot(hash)] |= bits << word_place(hash);
    }
    return gate;
  }

 private:
  Filter take(std::size_t size) {
    const Filter filter{.begin = static_cast<std::uint32_t>(words.size()),
                        .size = static_cast<std::uint32_t>(size)};
    words.resize(words.size() + size);
    return filter;
  }

  // With as many words as keys, to a power of two.
  Gate add_gate(std::size_t keys) {
    if (keys == 0) return {};
    const int bits = std::max(1, static_cast<int>(std::bit_width(keys - 1)));
    const Gate gate{.begin = static_cast<std::uint32_t>(gates.size()),
                    .shift = static_cast<std::uint32_t>(32 - bits)};
    gates.resize(gates.size() + gate.size());
    return gate;
  }

  Filter make_room(std::vector<std::uint64_t>& keys) {
    if (keys.empty()) return kEmptyFilter;
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return take(filter_size(keys.size()));
  }
};

}  // namespace

struct LexiconBuilder::Impl {
  struct Phrase {
    std::uint32_t id = 0;
    unsigned char first_byte = 0;  // Of its first word.
    bool begins_with_prefix = false;
    bool goes_on_with_prefix = false;  // The second word is one.
    UseGroups groups{};
  };
  std::map<std::vector<std::uint64_t>, Phrase> phrases;  // By their words.
  std::map<std::string, UseGroups> prefixes;

  // What the builder makes before it knows the size of the table.
  struct Draft {
    Branch to;
    bool goes_on = false;  // Of a first word: phrases go on by the next one.
  };
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Draft>> draft_edges() const;
  [[nodiscard]] bool is_grouped() const;
  [[nodiscard]] FilterTables filter_tables() const;
  void add_lead_table(FilterTables& tables, GroupFilters& group, std::uint64_t mask) const;
  void add_gates(FilterTables& tables, GroupFilters& group, std::uint64_t mask) const;
  void add_lead_filters(FilterTables& tables, GroupFilters& group, std::uint64_t mask) const;
};

LexiconBuilder::LexiconBuilder() : impl_(std::make_unique<Impl>()) {}
LexiconBuilder::~LexiconBuilder() = default;

std::optional<PhraseId> LexiconBuilder::add(std::string_view phrase, PhraseUse use) {
  // Fold keeps '*' as a separator byte, so that the marks survive in the gaps.
  std::string folded;
  fold(phrase, folded);
  std::vector<std::uint64_t> words;
  std::vector<std::string> prefixes;
  std::vector<bool> is_prefix;  // By word.
  std::size_t at = 0;
  const auto is_word = [](char c) {
    return !is_ascii(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  while (at < folded.size()) {
    while (at < folded.size() && !is_word(folded[at])) ++at;
    std::size_t end = at;
    while (end < folded.size() && is_word(folded[end])) ++end;
    if (end == at) break;
    const std::string_view word = std::string_view(folded).substr(at, end - at);
    if (end < folded.size() && folded[end] == '*') {
      const auto characters =
          std::count_if(word.begin(), word.end(), [](char c) { return !is_continuation(c); });
      // In scripts of single characters the ending is simply what follows.
      const bool single = characters == 1 && static_cast<unsigned char>(word[0]) >= 0xE0;
      if (single) {
        words.push_back(token_hash(word));
      } else {
        if (characters < 2 || word.size() >= kPrefixBytesMax) return std::nullopt;
        is_prefix.resize(words.size());
        is_prefix.push_back(true);
        prefixes.emplace_back(word);
        prefixes.back().append(kPrefixBytesMax, '\0');
        words.push_back(prefix_hash(prefixes.back().data(), word.size()));
        prefixes.back().resize(word.size());
      }
    } else {
      words.push_back(token_hash(word));
    }
    at = end;
  }
  if (words.empty() || words.size() > kPhraseWordMax) return std::nullopt;
  is_prefix.resize(words.size() + 1);
  // What has no capitals needs none.
  const std::size_t first = static_cast<std::size_t>(
      std::find_if(folded.begin(), folded.end(), is_word) - folded.begin());
  const bool needs_capital = use.needs_capital && may_be_cased(folded.data() + first);
  const auto next = static_cast<std::uint32_t>(impl_->phrases.size());
  const auto where = impl_->phrases.try_emplace(std::move(words), Impl::Phrase{.id = next}).first;
  Impl::Phrase& added = where->second;
  added.first_byte = static_cast<unsigned char>(folded[first]);
  added.begins_with_prefix = is_prefix[0];
  added.goes_on_with_prefix = is_prefix[1];
  added.groups[kAny] |= use.groups;
  if (!needs_capital) added.groups[kPlain] |= use.groups;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    UseGroups& groups = impl_->prefixes[std::move(prefixes[i])];
    const bool is_first = i == 0 && is_prefix[0];
    groups[is_first ? kAny : kLater] |= use.groups;
    if (is_first && !needs_capital) groups[kPlain] |= use.groups;
  }
  return PhraseId(added.id);
}

// Every edge by its key, in order of keys, so that equal phrases give equal bytes.
std::vector<std::pair<std::uint64_t, LexiconBuilder::Impl::Draft>>
LexiconBuilder::Impl::draft_edges() const {
  std::unordered_map<std::uint64_t, Draft> drafts;
  drafts.reserve(phrases.size() * 2);
  std::uint32_t node_count = kFirstNode;
  for (const auto& [words, phrase] : phrases) {
    Draft& word = drafts[edge_key(kWordRoot, words[0])];
    if (words.size() == 1) {
      word.to.phrase = phrase.id;
      continue;
    }
    word.goes_on = true;
    Branch* edge = &drafts[edge_key(kPairRoot, pair_key(words[0], words[1]))].to;
    for (std::size_t i = 2; i < words.size(); ++i) {
      // Only what leads on has a number, so that a search ends without a look-up.
      if (edge->node == kLeaf) edge->node = node_count++;
      edge = &drafts[edge_key(edge->node, words[i])].to;
    }
    edge->phrase = phrase.id;
  }
  std::vector<std::pair<std::uint64_t, Draft>> sorted(drafts.begin(), drafts.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return sorted;
}

bool LexiconBuilder::Impl::is_grouped() const {
  return std::ranges::any_of(
      phrases, [](const auto& phrase) { return phrase.second.groups[kAny] != ~std::uint64_t{0}; });
}

// The table of leads of a group.
void LexiconBuilder::Impl::add_lead_table(FilterTables& tables, GroupFilters& group,
                                          std::uint64_t mask) const {
  std::map<std::uint64_t, Lead> by_key;
  for (const auto& [prefix, groups] : prefixes) {
    if (((groups[kAny] | groups[kLater]) & mask) == 0) continue;
    const auto [key, brief] = lead_of(prefix);
    Lead& lead = by_key[key];
    lead.key = key;
    lead.lengths |= std::uint64_t{1} << prefix.size();
    const bool ascii = is_ascii(prefix[0]);
    if (prefix.size() > next_at(ascii)) {
      lead.next |= std::uint64_t{1} << (static_cast<unsigned char>(prefix[next_at(ascii)]) & 63);
    } else if (brief || prefix.size() > lead_size(ascii)) {
      lead.next = ~std::uint64_t{0};
    }
  }
  group.lead_table = {.begin = static_cast<std::uint32_t>(tables.leads.size()),
                      .size = static_cast<std::uint32_t>(by_key.size() * 2)};
  tables.leads.resize(tables.leads.size() + group.lead_table.size);
  const std::span<Lead> leads = std::span(tables.leads).subspan(group.lead_table.begin);
  for (const auto& [key, lead] : by_key) {
    std::size_t slot = lead_slot(key, leads.size());
    while (leads[slot].key != 0) slot = (slot + 1) % leads.size();
    leads[slot] = lead;
  }
}

// The gates of a group, and the filter of the pairs that they let through.
void LexiconBuilder::Impl::add_gates(FilterTables& tables, GroupFilters& group,
                                     std::uint64_t mask) const {
  std::vector<std::vector<std::pair<std::uint64_t, std::uint32_t>>> begins(kScriptClassCount);
  std::vector<std::uint64_t> pairs;
  for (const auto& [of, phrase] : phrases) {
    const bool any = (phrase.groups[kAny] & mask) != 0;
    const bool plain = (phrase.groups[kPlain] & mask) != 0;
    if ((phrase.groups[kAny] & ~phrase.groups[kPlain] & mask) != 0) group.need_capitals = 1;
    // Whether a prefix needs a capital is told by its lead.
    if (!plain && !(any && phrase.begins_with_prefix)) continue;
    const bool by_pair = of.size() > 1 && !phrase.begins_with_prefix && !phrase.goes_on_with_prefix;
    if (by_pair) pairs.push_back(pair_key(of[0], of[1]));
    auto& words =
        begins[class_of(phrase.first_byte)];  // Phrases of one first word follow each other.
    if (words.empty() || words.back().first != of[0]) words.emplace_back(of[0], 0);
    words.back().second |= by_pair ? kBeginsPair : kBeginsAlone;
  }
  group.plain_pairs = tables.add(std::move(pairs));
  for (std::size_t i = 0; i < kScriptClassCount; ++i) group.words[i] = tables.add_words(begins[i]);
}

// What a group says of its prefixes.
void LexiconBuilder::Impl::add_lead_filters(FilterTables& tables, GroupFilters& group,
                                            std::uint64_t mask) const {
  for (const LeadUse use : {kPlain, kAny, kLater}) {
    std::vector<std::uint32_t> leads;
    for (const auto& [prefix, groups] : prefixes) {
      if ((groups[use] & mask) == 0) continue;
      const auto [lead, brief] = lead_of(prefix);
      if (!brief) {
        leads.push_back(lead_hash(lead));
      } else {
        if (use != kLater) group.has_short = 1;
        group.short_leads[use][lead >> 8 & 31] |= 1U << (lead & 31);
      }
    }
    std::sort(leads.begin(), leads.end());
    leads.erase(std::unique(leads.begin(), leads.end()), leads.end());
    group.leads[use] = tables.add_leads(leads);
  }
}

FilterTables LexiconBuilder::Impl::filter_tables() const {
  constexpr std::uint64_t kAllGroups = ~std::uint64_t{0};
  FilterTables tables;
  // The pairs are those of the phrases in whose groups `is_wanted` finds any of its own.
  const auto add_group = [&](std::uint64_t mask, const auto& is_wanted) {
    GroupFilters group;
    std::vector<std::uint64_t> pairs;
    for (const auto& [of, phrase] : phrases) {
      if (of.size() > 1 && is_wanted(phrase.groups[kAny])) {
        pairs.push_back(pair_key(of[0], of[1]));
      }
    }
    group.pairs = tables.add(std::move(pairs));
    add_lead_table(tables, group, mask);
    add_lead_filters(tables, group, mask);
    add_gates(tables, group, mask);
    tables.groups.push_back(group);
  };
  add_group(kAllGroups, [](std::uint64_t groups) { return groups != 0; });
  if (!is_grouped()) return tables;
  add_group(0, [](std::uint64_t groups) { return groups == kAllGroups; });
  std::optional<GroupFilters> without_own;  // Of every group that has only what all have.
  for (std::size_t group = 0; group < kGroupMax; ++group) {
    const std::uint64_t mask = std::uint64_t{1} << group;
    const auto is_own = [&](std::uint64_t groups) {
      return groups != kAllGroups && (groups & mask) != 0;
    };
    const bool has_own = std::ranges::any_of(phrases, [&](const auto& phrase) {
      return is_own(phrase.second.groups[kPlain]) || is_own(phrase.second.groups[kAny]);
    });
    if (!has_own && without_own) {
      tables.groups.push_back(*without_own);
      continue;
    }
    add_group(mask, is_own);
    if (!has_own) without_own = tables.groups.back();
  }
  return tables;
}

Lexicon LexiconBuilder::build(std::span<const PhraseId> ids) {
  if (!ids.empty()) {
    WIREWATCH_CHECK(ids.size() == impl_->phrases.size());
    for (auto& [words, phrase] : impl_->phrases) phrase.id = ids[phrase.id].value();
  }
  const auto drafts = impl_->draft_edges();
  std::vector<Edge> edges((drafts.size() * 7 / 4 / kLineEdges + 1) * kLineEdges);
  std::vector<std::uint32_t> node_phrases;
  for (const auto& [key, draft] : drafts) {
    std::uint32_t target = draft.to.phrase == kNoPhrase ? Edge::kNone : draft.to.phrase;
    WIREWATCH_CHECK(target <= Edge::kNone);
    if (draft.goes_on) target |= Edge::kGoesOn;
    if (draft.to.node != kLeaf) {
      const std::uint32_t node = draft.to.node - kFirstNode;
      WIREWATCH_CHECK(node < Edge::kNone);
      target = Edge::kGoesOn | node;
      if (node_phrases.size() <= node) node_phrases.resize((node + 2) / 2 * 2, kNoPhrase);
      node_phrases[node] = draft.to.phrase;
    }
    // Two keys that a search could not tell from each other are one: the first.
    std::size_t line = slot_of(key, edges.size() / kLineEdges) * kLineEdges;
    while (!edges[line + kLineEdges - 1].is_free() && Edge::find(&edges[line], key).is_free()) {
      line = (line + kLineEdges) % edges.size();
    }
    if (!Edge::find(&edges[line], key).is_free()) continue;
    *std::find_if(&edges[line], &edges[line] + kLineEdges,
                  [](const Edge& edge) { return edge.is_free(); }) = Edge(key, target);
  }
  const FilterTables filters = impl_->filter_tables();

  Header header;
  header.phrase_count = impl_->phrases.size();
  header.edge_count = edges.size();
  header.node_count = node_phrases.size();
  header.lead_count = filters.leads.size();
  header.filter_words = filters.words.size();
  header.group_count = filters.groups.size();
  header.gate_words = filters.gates.size();
  auto tables = std::make_unique<Lexicon::Tables>();
  // At once: growing would leave room of the same size over.
  tables->owned.reserve(
      (sizeof(Header) + edges.size() * sizeof(Edge) + node_phrases.size() * sizeof(std::uint32_t) +
       filters.leads.size() * sizeof(Lead) + filters.groups.size() * sizeof(GroupFilters) +
       filters.gates.size() * sizeof(std::uint32_t)) /
          sizeof(std::uint64_t) +
      filters.words.size());
  const auto put = [&]<typename T>(std::span<const T> from) {
    WIREWATCH_CHECK(from.size_bytes() % sizeof(std::uint64_t) == 0);
    const std::size_t old = tables->owned.size();
    tables->owned.resize(old + from.size_bytes() / sizeof(std::uint64_t));
    if (!from.empty()) std::memcpy(tables->owned.data() + old, from.data(), from.size_bytes());
  };
  put(std::span<const Header>(&header, 1));
  put(std::span<const Edge>(edges));
  put(std::span<const std::uint32_t>(node_phrases));
  put(std::span<const Lead>(filters.leads));
  put(std::span<const std::uint64_t>(filters.words));
  put(std::span<const GroupFilters>(filters.groups));
  put(std::span<const std::uint32_t>(filters.gates));
  const bool attached = tables->attach(
      {reinterpret_cast<const char*>(tables->owned.data()), tables->owned.size() * 8});
  WIREWATCH_CHECK(attached);
  impl_ = std::make_unique<Impl>();
  Lexicon lexicon{nullptr};
  lexicon.tables_ = std::move(tables);
  return lexicon;
}

}  // namespace wirewatch
