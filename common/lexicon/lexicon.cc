#include "common/lexicon/lexicon.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <span>
#include <unordered_map>

#include "common/base/check.h"
#include "common/base/hash.h"

namespace wirewatch {

// The trie: a node is a phrase prefix of two words or more; an edge is (node, word hash) -> node.
// First words and the first two words of longer phrases are edges of two roots. All edges lie in
// one hash table, by lines of the cache: an edge is one word, of which five bytes are the key's and
// three say where it leads, so that eight lie in a line, and a look-up seldom reads a second one.
//
// What a search waits for is memory: the table is larger than the caches. So find() takes the
// tokens in blocks and looks up nothing before it has asked for all of the block: (1) small filters
// say which tokens may begin a phrase; words with a capital are taken without being asked, as their
// filter would be as large as what it guards, and most of the others end here, in memory of some
// kilobytes that stays in the caches; (2) the lines of those that are left are fetched, then read;
// (3) a word that begins longer phrases is followed by its pair with the next one, if a second
// filter lets it, and what leads on is walked. Each group of phrases has filters of its own: names
// of one language are few.
//
// A prefix word ("korea*") is an own word: its hash is made from the prefix bytes. The table of
// leads tells by the first bytes of a token which lengths of prefixes begin so, again behind a
// filter; such a token is tried under each of its hashes.

namespace {

constexpr std::uint32_t kNoPhrase = 0xFFFFFFFF;
constexpr std::uint32_t kWordRoot = 0;  // Its edges are first words …
constexpr std::uint32_t kPairRoot = 1;  // … and the first two words of longer phrases.
constexpr std::uint32_t kFirstNode = 2;
constexpr std::uint32_t kLeaf = 0;  // In place of a node that no edge leaves.
constexpr std::uint64_t kPrefixMark = 0x5851F42D4C957F2DULL;
constexpr std::uint64_t kMagic = 0x3630584C57571AULL;
constexpr std::uint32_t kBlock = 128;   // Tokens of a block.
constexpr std::size_t kProbeMax = 512;  // Probes that wait to be looked up.
constexpr std::size_t kGroupMax = 64;
constexpr std::size_t kPrefixBytesMax = 64;  // Prefixes are shorter.

// Where an edge leads.
struct Branch {
  std::uint32_t node = kLeaf;
  std::uint32_t phrase = kNoPhrase;  // The phrase that ends there.
};

// The key is the hash of (node, word); 24 bits tell where the edge leads: the number of a phrase
// that ends there, or none, and whether phrases go on. Behind the root of words these are found by
// the next word; from elsewhere on, the number is then that of a Branch.
class Edge {
 public:
  static constexpr unsigned kTargetBits = 24;
  static constexpr std::uint32_t kGoesOn = 1U << (kTargetBits - 1);
  static constexpr std::uint32_t kNone = kGoesOn - 1;

  Edge() = default;
  Edge(std::uint64_t key, std::uint32_t target) : bits_(key << kTargetBits | target) {}

  [[nodiscard]] bool is_free() const { return bits_ == 0; }
  [[nodiscard]] bool has_key(std::uint64_t key) const {
    return ((bits_ ^ (key << kTargetBits)) >> kTargetBits) == 0;
  }
  [[nodiscard]] std::uint32_t target() const {
    return static_cast<std::uint32_t>(bits_ & ((1U << kTargetBits) - 1));
  }

 private:
  std::uint64_t bits_ = 0;  // 0 = free: a key is odd.
};
static_assert(sizeof(Edge) == 8);
static_assert(LexiconBuilder::kPhraseMax <= Edge::kNone);
constexpr std::size_t kLineEdges = 8;

// Prefixes by their first bytes.
struct Lead {
  std::uint64_t key = 0;      // 0 = free.
  std::uint64_t lengths = 0;  // Bit n: a prefix of n bytes begins so (n < 64).
};

// What a token is asked for: with a capital for all phrases, else for those that need none.
enum Case : std::uint8_t { kPlain, kAny, kCaseCount };

// Where a filter lies among the words of all filters.
struct Filter {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;  // Words; of leads a power of two.
};

// The filters of the phrases of a group. Those of leads have one bit for a lead and about 64 bits
// for each, so that they are asked in few instructions.
struct GroupFilters {
  Filter words;              // First words of phrases that need no capital, and all prefixes.
  Filter pairs;              // First two words.
  Filter leads[kCaseCount];  // Under kAny of all prefixes, also of later words.
  std::uint32_t has_short[kCaseCount] = {};  // Some prefix of theirs is shorter than a lead.
  std::uint32_t need_capitals = 0;           // Some phrase does: `words` lacks its first word.
  std::uint32_t unused = 0;
};

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t phrase_count = 0;
  std::uint64_t edge_count = 0;  // Slots, a multiple of kLineEdges.
  std::uint64_t branch_count = 0;
  std::uint64_t lead_count = 0;    // Slots of the table of leads; 0 = no prefix.
  std::uint64_t filter_words = 0;  // 64-bit words of all filters.
  std::uint64_t group_count = 0;   // GroupFilters: of all phrases, and then of those of each group.
  std::uint64_t unused = 0;
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

// Words hold no zero byte, so that leads of different sizes differ.
std::uint64_t lead_hash(std::uint64_t lead) {
  return lead * 0x9E3779B97F4A7C15ULL;
}

// Bloom filters of 64-bit words, both bits of a key in one of them.
std::uint64_t filter_bits(std::uint64_t hash) {
  return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63);
}

std::size_t filter_size(std::size_t keys) {
  return keys * 20 / 64 + 1;
}

class FilterQuery {
 public:
  FilterQuery(std::span<const std::uint64_t> words, Filter filter)
      : bits_(words.data() + filter.begin), size_(filter.size) {}
  void fetch(std::uint64_t hash) const { __builtin_prefetch(bits_ + slot_of(hash, size_)); }
  [[nodiscard]] bool may_have(std::uint64_t hash) const {
    const std::uint64_t word = bits_[slot_of(hash, size_)];
    return (word >> (hash & 63) & word >> (hash >> 6 & 63) & 1) != 0;
  }

 private:
  const std::uint64_t* bits_;
  std::size_t size_;
};

// Where the bit of a lead is; `size` is the filter's.
std::size_t lead_word(std::uint64_t hash, std::uint32_t size) {
  return static_cast<std::size_t>(hash >> 32) & (size - 1);
}
std::uint64_t lead_bit(std::uint64_t hash) {
  return hash >> 58;
}

bool is_hangul(std::string_view folded) {
  // U+AC00 to U+D7A3: EA B0 80 to ED 9E A3.
  if (folded.size() != 3) return false;
  const auto lead = static_cast<unsigned char>(folded[0]);
  const auto next = static_cast<unsigned char>(folded[1]);
  return (lead == 0xEA && next >= 0xB0) || lead == 0xEB || lead == 0xEC ||
         (lead == 0xED && next <= 0x9E);
}

// A filter of leads, to be asked whether a token may have a prefix.
class LeadQuery {
 public:
  LeadQuery(std::span<const std::uint64_t> words, Filter filter)
      : bits_(words.data() + filter.begin), size_(filter.size) {}

  // Where the token is shorter than a lead, what follows it is taken in: no lead has such bytes.
  [[nodiscard]] bool may_have_prefix(std::string_view folded, bool has_short) const {
    const std::uint64_t word = load8(folded.data());
    const bool ascii = (word & 0x80) == 0;
    const auto bit = [&](std::size_t size) {
      const std::uint64_t lead = lead_hash(keep_bytes(word, size));
      return bits_[lead_word(lead, size_)] >> lead_bit(lead);
    };
    std::uint64_t found = bit(lead_size(ascii));
    if (has_short) found |= bit(short_lead_size(ascii));
    return (found & 1) != 0;
  }

 private:
  const std::uint64_t* bits_;
  std::uint32_t size_;
};

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
};

// Those that wait for their memory.
struct Probes {
  std::array<Probe, kProbeMax> list;
  std::size_t count = 0;

  [[nodiscard]] bool is_full() const { return count == kProbeMax; }
  void add(const Probe& probe) { list[count++] = probe; }
};

bool comes_before(const PhraseHit& a, const PhraseHit& b) {
  if (a.token_begin != b.token_begin) return a.token_begin < b.token_begin;
  if (a.token_end != b.token_end) return a.token_end < b.token_end;
  return a.phrase.value() < b.phrase.value();
}

// The groups of a phrase, or of those that have a prefix: under kPlain those in which it needs no
// capital, or begins a phrase that needs none.
using CaseGroups = std::array<std::uint64_t, kCaseCount>;

// A place that may begin a phrase, and how.
struct Start {
  std::uint32_t token;
  std::uint32_t ways;
};
constexpr std::uint32_t kWord = 1;  // By the word as it is …
constexpr std::uint32_t kLead = 2;  // … or by a prefix.

}  // namespace

struct Lexicon::Tables {
  // Owned storage when built here; the spans below point into it or into the caller's bytes.
  std::vector<std::uint64_t> owned;

  Header header;
  std::span<const Edge> edges;
  std::span<const Branch> branches;
  std::span<const Lead> leads;
  std::span<const std::uint64_t> filters;
  std::span<const GroupFilters> groups;
  std::string_view bytes;

  [[nodiscard]] bool attach(std::string_view from);

  [[nodiscard]] std::size_t line_of(std::uint64_t key) const {
    return slot_of(key, edges.size() / kLineEdges) * kLineEdges;
  }

  // Where the edge of a key leads; Edge::kNone where there is none.
  [[nodiscard]] std::uint32_t target_of(std::uint64_t key) const {
    std::size_t line = line_of(key);
    for (std::size_t probe = 0; probe < edges.size(); ++probe) {
      const Edge edge = edges[line + ((key >> 1) + probe) % kLineEdges];
      if (edge.has_key(key)) return edge.target();
      if (edge.is_free()) break;
      if (probe % kLineEdges != kLineEdges - 1) continue;
      line += kLineEdges;
      if (line == edges.size()) line = 0;
    }
    return Edge::kNone;
  }

  // The same for an edge of any node but the root of words.
  [[nodiscard]] Branch follow(std::uint64_t key) const {
    const std::uint32_t target = target_of(key);
    if (target == Edge::kNone) return {};
    if ((target & Edge::kGoesOn) == 0) return {.phrase = target};
    const std::uint32_t branch = target & ~Edge::kGoesOn;
    return branch < branches.size() ? branches[branch] : Branch{};
  }

  [[nodiscard]] std::uint64_t lengths_of(std::uint64_t lead) const {
    std::size_t slot = slot_of(lead_hash(lead), leads.size());
    for (std::size_t probe = 0; probe < leads.size(); ++probe) {
      if (leads[slot].key == lead) return leads[slot].lengths;
      if (leads[slot].key == 0) return 0;
      if (++slot == leads.size()) slot = 0;
    }
    return 0;
  }

  // The filters of one group, or of all phrases when several are asked for.
  [[nodiscard]] const GroupFilters& filters_of(std::uint64_t of) const {
    const bool one = std::has_single_bit(of) && groups.size() > 1;
    return groups[one ? 1 + static_cast<std::size_t>(std::countr_zero(of)) : 0];
  }

  // Hashes of the prefixes that a token may have.
  void list_prefixes(std::string_view folded, Prefixes& out) const;
};

// The finder of one call: an article's tokens, and what waits to be looked up.
struct Lexicon::Search {
  const Tables& tables;
  const ArticleText& text;
  std::vector<PhraseHit>& hits;
  const std::span<const std::uint64_t> hashes = text.hashes();
  const std::uint32_t token_count = text.token_count();
  const bool any_case;
  const GroupFilters filters;
  const FilterQuery words{tables.filters, filters.words};
  const FilterQuery pairs{tables.filters, filters.pairs};
  const std::array<LeadQuery, kCaseCount> leads{LeadQuery{tables.filters, filters.leads[kPlain]},
                                                LeadQuery{tables.filters, filters.leads[kAny]}};
  const bool has_short = (filters.has_short[kPlain] | filters.has_short[kAny]) != 0;

  // A constructor, so that the arrays are not cleared for every article.
  Search(const Tables& with, const ArticleText& in, PhraseSelection selection,
         std::vector<PhraseHit>& out)
      : tables(with),
        text(in),
        hits(out),
        any_case(selection.any_case),
        filters(with.filters_of(selection.groups)) {}

  Probes word_probes;
  Probes unasked_pairs;
  Probes pair_probes;
  // Of the tokens of even and of odd number asked last.
  std::array<Prefixes, 2> prefixes;
  std::array<std::uint32_t, 2> prefixes_of{UINT32_MAX, UINT32_MAX};

  void run();
  void fetch_words(std::uint32_t begin) const;
  void fetch_lead(std::string_view folded) const;
  [[nodiscard]] std::size_t list_starts(std::uint32_t begin, std::uint32_t end,
                                        std::array<Start, kBlock>& starts) const;
  void add_words(const Start& start);
  void add_word(std::uint64_t word, std::uint32_t token);
  void read_words();
  void add_pairs(const Probe& first);
  void add_pair(const Probe& first, std::uint64_t second);
  void ask_pairs();
  void read_pairs();
  void walk(std::uint32_t begin, std::uint32_t at, std::uint32_t node, std::size_t depth);
  void sort_hits();
  [[nodiscard]] const Prefixes& prefixes_at(std::uint32_t token);
  [[nodiscard]] bool continues(std::uint32_t token) const;
};

bool Lexicon::Tables::attach(std::string_view from) {
  if (from.size() < sizeof(Header) || reinterpret_cast<std::uintptr_t>(from.data()) % 8 != 0) {
    return false;
  }
  std::memcpy(&header, from.data(), sizeof(Header));
  for (const std::uint64_t count : {header.edge_count, header.branch_count, header.lead_count,
                                    header.filter_words, header.group_count}) {
    if (count >= (1ULL << 32)) return false;
  }
  if (header.magic != kMagic || header.edge_count == 0 || header.edge_count % kLineEdges != 0 ||
      (header.group_count != 1 && header.group_count != 1 + kGroupMax)) {
    return false;
  }
  const std::uint64_t need =
      sizeof(Header) + header.edge_count * sizeof(Edge) + header.branch_count * sizeof(Branch) +
      header.lead_count * sizeof(Lead) + header.filter_words * sizeof(std::uint64_t) +
      header.group_count * sizeof(GroupFilters);
  if (from.size() < need) return false;
  bytes = from.substr(0, need);
  const char* at = from.data() + sizeof(Header);
  const auto take = [&]<typename T>(std::uint64_t count, std::span<const T>& out) {
    out = {reinterpret_cast<const T*>(at), count};
    at += count * sizeof(T);
  };
  take(header.edge_count, edges);
  take(header.branch_count, branches);
  take(header.lead_count, leads);
  take(header.filter_words, filters);
  take(header.group_count, groups);
  const auto sound = [&](const Filter& filter) {
    return filter.size > 0 && std::uint64_t{filter.begin} + filter.size <= filters.size();
  };
  return std::all_of(groups.begin(), groups.end(), [&](const GroupFilters& group) {
    return sound(group.words) && sound(group.pairs) &&
           std::all_of(std::begin(group.leads), std::end(group.leads), [&](const Filter& filter) {
             return sound(filter) && std::has_single_bit(filter.size);
           });
  });
}

void Lexicon::Tables::list_prefixes(std::string_view folded, Prefixes& out) const {
  out.count = 0;
  const bool ascii = is_ascii(folded[0]);
  std::uint64_t lengths = 0;
  const std::uint64_t word = load8(folded.data());
  if (folded.size() >= lead_size(ascii)) lengths = lengths_of(keep_bytes(word, lead_size(ascii)));
  if (groups[0].has_short[kAny] != 0 && folded.size() >= short_lead_size(ascii)) {
    lengths |= lengths_of(keep_bytes(word, short_lead_size(ascii)));
  }
  lengths &= ~std::uint64_t{1};  // Not even a damaged table has a prefix of no bytes.
  for (; lengths != 0; lengths &= lengths - 1) {
    const auto size = static_cast<std::size_t>(std::countr_zero(lengths));
    if (size > folded.size()) break;
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
    tables.list_prefixes(text.folded(token), out);
  }
  return out;
}

void Lexicon::Search::fetch_lead(std::string_view folded) const {
  const std::uint64_t lead = keep_bytes(load8(folded.data()), lead_size(is_ascii(folded[0])));
  __builtin_prefetch(&tables.leads[slot_of(lead_hash(lead), tables.leads.size())]);
}

// Without a branch for each token: its case could not be predicted.
std::size_t Lexicon::Search::list_starts(std::uint32_t begin, std::uint32_t end,
                                         std::array<Start, kBlock>& starts) const {
  const auto bit = [](bool value) { return static_cast<std::uint32_t>(value); };
  const std::uint32_t all = bit(any_case);
  const std::uint32_t unasked = bit(filters.need_capitals != 0) * kWord;
  std::size_t count = 0;
  for (std::uint32_t token = begin; token < end; ++token) {
    const std::uint32_t capital = all | bit(text.is_capitalized(token));
    const std::uint32_t word = bit(words.may_have(hashes[token])) * kWord;
    const LeadQuery& query = leads[capital];
    const std::uint32_t lead = bit(query.may_have_prefix(text.folded(token), has_short)) * kLead;
    const std::uint32_t ways = word | (capital * unasked) | lead;
    starts[count] = {token, ways};
    count += bit(ways != 0);
  }
  return count;
}

void Lexicon::Search::add_words(const Start& start) {
  const std::uint32_t token = start.token;
  const std::string_view folded = text.folded(token);
  // Hangul begins at a word's start.
  if (!text.starts_word(token) && is_hangul(folded)) return;
  if ((start.ways & kWord) != 0) add_word(hashes[token], token);
  if ((start.ways & kLead) == 0) return;
  const Prefixes& own = prefixes_at(token);
  for (std::size_t i = 0; i < own.count; ++i) {
    if (words.may_have(own.hashes[i])) add_word(own.hashes[i], token);
  }
}

void Lexicon::Search::add_word(std::uint64_t word, std::uint32_t token) {
  if (word_probes.is_full()) read_words();
  const std::uint64_t key = edge_key(kWordRoot, word);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  word_probes.add({key, word, token});
}

void Lexicon::Search::read_words() {
  for (std::size_t i = 0; i < word_probes.count; ++i) {
    const Probe& probe = word_probes.list[i];
    const std::uint32_t target = tables.target_of(probe.key);
    const std::uint32_t phrase = target & ~Edge::kGoesOn;
    if (phrase != Edge::kNone) hits.push_back({PhraseId(phrase), probe.begin, probe.begin + 1});
    if ((target & Edge::kGoesOn) != 0) add_pairs(probe);
  }
  word_probes.count = 0;
}

void Lexicon::Search::add_pairs(const Probe& first) {
  const std::uint32_t next = first.begin + 1;
  if (next == token_count) return;
  add_pair(first, hashes[next]);
  if (!leads[kAny].may_have_prefix(text.folded(next), has_short)) return;
  const Prefixes& seconds = prefixes_at(next);
  for (std::size_t i = 0; i < seconds.count; ++i) add_pair(first, seconds.hashes[i]);
}

void Lexicon::Search::add_pair(const Probe& first, std::uint64_t second) {
  if (unasked_pairs.is_full()) ask_pairs();
  const std::uint64_t pair = pair_key(first.word, second);
  pairs.fetch(pair);
  unasked_pairs.add({pair, first.word, first.begin});
}

void Lexicon::Search::ask_pairs() {
  for (std::size_t i = 0; i < unasked_pairs.count; ++i) {
    const Probe& probe = unasked_pairs.list[i];
    if (!pairs.may_have(probe.key)) continue;
    if (pair_probes.is_full()) read_pairs();
    const std::uint64_t key = edge_key(kPairRoot, probe.key);
    __builtin_prefetch(&tables.edges[tables.line_of(key)]);
    pair_probes.add({key, probe.word, probe.begin});
  }
  unasked_pairs.count = 0;
}

void Lexicon::Search::read_pairs() {
  for (std::size_t i = 0; i < pair_probes.count; ++i) {
    const Probe& probe = pair_probes.list[i];
    const std::uint32_t end = probe.begin + 2;
    const Branch to = tables.follow(probe.key);
    if ((to.phrase == kNoPhrase && to.node == kLeaf) || !continues(probe.begin + 1)) continue;
    if (to.phrase != kNoPhrase) hits.push_back({PhraseId(to.phrase), probe.begin, end});
    if (to.node != kLeaf) walk(probe.begin, end, to.node, 2);
  }
  pair_probes.count = 0;
}

void Lexicon::Search::walk(std::uint32_t begin, std::uint32_t at, std::uint32_t node,
                           std::size_t depth) {
  if (depth >= LexiconBuilder::kPhraseWordMax || !continues(at)) return;
  const auto step = [&](std::uint64_t word) {
    const Branch to = tables.follow(edge_key(node, word));
    if (to.phrase != kNoPhrase) hits.push_back({PhraseId(to.phrase), begin, at + 1});
    if (to.node != kLeaf) walk(begin, at + 1, to.node, depth + 1);
  };
  step(hashes[at]);
  if (!leads[kAny].may_have_prefix(text.folded(at), has_short)) return;
  Prefixes own;
  tables.list_prefixes(text.folded(at), own);
  for (std::size_t i = 0; i < own.count; ++i) step(own.hashes[i]);
}

// The lines of the filter of words for a block.
void Lexicon::Search::fetch_words(std::uint32_t begin) const {
  const std::uint32_t end = std::min(begin + kBlock, token_count);
  for (std::uint32_t token = begin; token < end; ++token) words.fetch(hashes[token]);
}

void Lexicon::Search::run() {
  std::array<Start, kBlock> starts;
  fetch_words(0);
  for (std::uint32_t begin = 0; begin < token_count; begin += kBlock) {
    fetch_words(begin + kBlock);
    const std::size_t count = list_starts(begin, std::min(begin + kBlock, token_count), starts);
    for (std::size_t i = 0; i < count; ++i) {
      if ((starts[i].ways & kLead) != 0) fetch_lead(text.folded(starts[i].token));
    }
    for (std::size_t i = 0; i < count; ++i) add_words(starts[i]);
    read_pairs();  // Of the block before: meanwhile the words of this one arrive.
    read_words();
    ask_pairs();
  }
  read_pairs();
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
  std::vector<std::uint64_t> words;
  std::vector<GroupFilters> groups;

  Filter add(std::vector<std::uint64_t> keys) {
    const Filter filter = make_room(keys, [](std::size_t count) { return filter_size(count); });
    for (const std::uint64_t key : keys) {
      words[filter.begin + slot_of(key, filter.size)] |= filter_bits(key);
    }
    return filter;
  }

  Filter add_leads(std::vector<std::uint64_t> keys) {
    const Filter filter = make_room(
        keys, [](std::size_t count) { return std::bit_ceil(std::max<std::size_t>(count, 1)); });
    for (const std::uint64_t key : keys) {
      words[filter.begin + lead_word(key, filter.size)] |= std::uint64_t{1} << lead_bit(key);
    }
    return filter;
  }

 private:
  template <typename Size>
  Filter make_room(std::vector<std::uint64_t>& keys, Size size) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    const Filter filter{.begin = static_cast<std::uint32_t>(words.size()),
                        .size = static_cast<std::uint32_t>(size(keys.size()))};
    words.resize(words.size() + filter.size);
    return filter;
  }
};

}  // namespace

struct LexiconBuilder::Impl {
  struct Phrase {
    std::uint32_t id = 0;
    bool begins_with_prefix = false;
    CaseGroups groups{};
  };
  std::map<std::vector<std::uint64_t>, Phrase> phrases;  // By their words.
  std::map<std::string, CaseGroups> prefixes;

  // What the builder makes before it knows the size of the table.
  struct Draft {
    Branch to;
    bool goes_on = false;  // Of a first word: phrases go on by the next one.
  };
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Draft>> draft_edges() const;
  [[nodiscard]] bool is_grouped() const;
  [[nodiscard]] std::vector<Lead> lead_table() const;
  [[nodiscard]] FilterTables filter_tables() const;
};

LexiconBuilder::LexiconBuilder() : impl_(std::make_unique<Impl>()) {}
LexiconBuilder::~LexiconBuilder() = default;

std::optional<PhraseId> LexiconBuilder::add(std::string_view phrase, PhraseUse use) {
  // Fold keeps '*' as a separator byte, so that the marks survive in the gaps.
  std::string folded;
  fold(phrase, folded);
  std::vector<std::uint64_t> words;
  std::vector<std::string> prefixes;
  bool begins_with_prefix = false;
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
        begins_with_prefix = begins_with_prefix || words.empty();
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
  const auto next = static_cast<std::uint32_t>(impl_->phrases.size());
  const auto where = impl_->phrases.try_emplace(std::move(words), Impl::Phrase{.id = next}).first;
  Impl::Phrase& added = where->second;
  added.begins_with_prefix = begins_with_prefix;
  added.groups[kAny] |= use.groups;
  if (!use.needs_capital) added.groups[kPlain] |= use.groups;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    CaseGroups& groups = impl_->prefixes[std::move(prefixes[i])];
    groups[kAny] |= use.groups;
    if (i == 0 && begins_with_prefix && !use.needs_capital) groups[kPlain] |= use.groups;
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

std::vector<Lead> LexiconBuilder::Impl::lead_table() const {
  std::map<std::uint64_t, std::uint64_t> lengths;  // By lead.
  for (const auto& [prefix, groups] : prefixes) {
    lengths[lead_of(prefix).first] |= std::uint64_t{1} << prefix.size();
  }
  std::vector<Lead> leads(lengths.size() * 2);
  for (const auto& [lead, mask] : lengths) {
    std::size_t slot = slot_of(lead_hash(lead), leads.size());
    while (leads[slot].key != 0) slot = (slot + 1) % leads.size();
    leads[slot] = {lead, mask};
  }
  return leads;
}

FilterTables LexiconBuilder::Impl::filter_tables() const {
  FilterTables tables;
  const auto add_group = [&](std::uint64_t mask) {
    GroupFilters group;
    std::vector<std::uint64_t> words;
    std::vector<std::uint64_t> pairs;
    for (const auto& [of, phrase] : phrases) {
      const bool wanted = (phrase.groups[kAny] & mask) != 0;
      if ((phrase.groups[kPlain] & mask) != 0 || (wanted && phrase.begins_with_prefix)) {
        words.push_back(of[0]);
      } else if (wanted) {
        group.need_capitals = 1;
      }
      if (wanted && of.size() > 1) pairs.push_back(pair_key(of[0], of[1]));
    }
    group.words = tables.add(std::move(words));
    group.pairs = tables.add(std::move(pairs));
    for (const Case which : {kPlain, kAny}) {
      std::vector<std::uint64_t> leads;
      for (const auto& [prefix, groups] : prefixes) {
        if ((groups[which] & mask) == 0) continue;
        const auto [lead, brief] = lead_of(prefix);
        leads.push_back(lead_hash(lead));
        if (brief) group.has_short[which] = 1;
      }
      group.leads[which] = tables.add_leads(std::move(leads));
    }
    tables.groups.push_back(group);
  };
  add_group(~std::uint64_t{0});
  if (!is_grouped()) return tables;
  for (std::size_t group = 0; group < kGroupMax; ++group) add_group(std::uint64_t{1} << group);
  return tables;
}

Lexicon LexiconBuilder::build(std::span<const PhraseId> ids) {
  if (!ids.empty()) {
    WIREWATCH_CHECK(ids.size() == impl_->phrases.size());
    for (auto& [words, phrase] : impl_->phrases) phrase.id = ids[phrase.id].value();
  }
  const auto drafts = impl_->draft_edges();
  std::vector<Edge> edges((drafts.size() * 7 / 4 / kLineEdges + 1) * kLineEdges);
  std::vector<Branch> branches;
  for (const auto& [key, draft] : drafts) {
    std::uint32_t target = draft.to.phrase == kNoPhrase ? Edge::kNone : draft.to.phrase;
    WIREWATCH_CHECK(target <= Edge::kNone && branches.size() < Edge::kNone);
    if (draft.goes_on) target |= Edge::kGoesOn;
    if (draft.to.node != kLeaf) {
      target = Edge::kGoesOn | static_cast<std::uint32_t>(branches.size());
      branches.push_back(draft.to);
    }
    std::size_t line = slot_of(key, edges.size() / kLineEdges) * kLineEdges;
    const auto slot = [&](std::size_t probe) { return line + ((key >> 1) + probe) % kLineEdges; };
    std::size_t probe = 0;
    while (!edges[slot(probe)].is_free()) {
      if (++probe % kLineEdges == 0) line = (line + kLineEdges) % edges.size();
    }
    edges[slot(probe)] = Edge(key, target);
  }
  const std::vector<Lead> leads = impl_->lead_table();
  const FilterTables filters = impl_->filter_tables();

  Header header;
  header.phrase_count = impl_->phrases.size();
  header.edge_count = edges.size();
  header.branch_count = branches.size();
  header.lead_count = leads.size();
  header.filter_words = filters.words.size();
  header.group_count = filters.groups.size();
  auto tables = std::make_unique<Lexicon::Tables>();
  // At once: growing would leave room of the same size over.
  tables->owned.reserve((sizeof(Header) + edges.size() * sizeof(Edge) +
                         branches.size() * sizeof(Branch) + leads.size() * sizeof(Lead) +
                         filters.groups.size() * sizeof(GroupFilters)) /
                            sizeof(std::uint64_t) +
                        filters.words.size());
  const auto put = [&]<typename T>(std::span<const T> from) {
    static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
    const std::size_t old = tables->owned.size();
    tables->owned.resize(old + from.size_bytes() / sizeof(std::uint64_t));
    if (!from.empty()) std::memcpy(tables->owned.data() + old, from.data(), from.size_bytes());
  };
  put(std::span<const Header>(&header, 1));
  put(std::span<const Edge>(edges));
  put(std::span<const Branch>(branches));
  put(std::span<const Lead>(leads));
  put(std::span<const std::uint64_t>(filters.words));
  put(std::span<const GroupFilters>(filters.groups));
  const bool attached = tables->attach(
      {reinterpret_cast<const char*>(tables->owned.data()), tables->owned.size() * 8});
  WIREWATCH_CHECK(attached);
  impl_ = std::make_unique<Impl>();
  Lexicon lexicon{nullptr};
  lexicon.tables_ = std::move(tables);
  return lexicon;
}

}  // namespace wirewatch
