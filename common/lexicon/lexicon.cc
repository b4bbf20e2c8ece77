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
// Phrases of one word and the first two words of longer ones are edges of two roots. All edges lie
// in one open-addressed hash table, whose slots are found by multiplication, so that it need not be
// a power of two large.
//
// find() goes over the tokens in blocks, each in three steps that do not wait for one another's
// memory: (1) a filter that fits the second-level cache says, without a branch, which tokens may be
// a phrase or begin one, by a word alone, so that the frequent words of a language keep its lines
// in the first level; (2) these become probes of the edge table, whose slots are fetched ahead,
// those of two words if a second filter, of pairs, lets them; (3) the probes are looked up, and
// what leads on is walked.
//
// A prefix word ("korea*") is an own word: its hash is made from the prefix bytes. The table of
// leads tells by the first bytes of a token which lengths of prefixes begin so, again behind a
// filter; such a token is tried under each of its hashes.

namespace {

constexpr std::uint32_t kNoPhrase = 0xFFFFFFFF;
constexpr std::uint32_t kSingleRoot = 0;  // Its edges are words that are a phrase alone …
constexpr std::uint32_t kPairRoot = 1;    // … and the first two words of longer phrases.
constexpr std::uint32_t kFirstNode = 2;
constexpr std::uint32_t kLeaf = 0;  // In place of a node that no edge leaves.
constexpr std::uint64_t kPrefixMark = 0x5851F42D4C957F2DULL;
constexpr std::uint64_t kMagic = 0x3330584C57571AULL;
constexpr std::uint32_t kBlock = 128;   // Tokens of a block.
constexpr std::size_t kProbeMax = 512;  // Probes that wait to be looked up.
constexpr std::size_t kGroupMax = 64;
constexpr std::size_t kPrefixBytesMax = 64;  // Prefixes are shorter.

struct Edge {
  std::uint64_t key = 0;             // Hash of (node, word); 0 = free.
  std::uint32_t node = 0;            // Where it leads.
  std::uint32_t phrase = kNoPhrase;  // The phrase that ends there.
};

// Prefixes by their first bytes.
struct Lead {
  std::uint64_t key = 0;      // 0 = free.
  std::uint64_t lengths = 0;  // Bit n: a prefix of n bytes begins so (n < 64).
};

// Where a filter of leads lies among their words. It has one bit for a lead and about 64 bits for
// each, so that it is asked in few instructions.
struct LeadFilter {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;       // Words, a power of two; 0 = there is no prefix in the group.
  std::uint32_t has_short = 0;  // Some prefix is shorter than a lead.
  std::uint32_t unused = 0;
};

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t phrase_count = 0;
  std::uint64_t edge_count = 0;         // Slots.
  std::uint64_t word_words = 0;         // 64-bit words of the filter of words …
  std::uint64_t pair_words = 0;         // … and of that of pairs.
  std::uint64_t lead_count = 0;         // Slots of the table of leads; 0 = no prefix.
  std::uint64_t lead_words = 0;         // Words of all filters before that table.
  std::uint64_t lead_filter_count = 0;  // LeadFilter: one of all prefixes, and one for each group.
};

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

// Of the bytes of a prefix and their number; 16 bytes must be readable at `at`.
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

// Bloom filters of 64-bit words, all bits of a key in one of them. That of words has two kinds of
// keys, told apart by the bits that they take: what is a phrase alone, and what begins a longer
// one.
std::uint64_t one_bit(std::uint64_t hash, unsigned from) {
  return std::uint64_t{1} << (hash >> from & 63);
}
std::uint64_t filter_bits(std::uint64_t hash) {
  return one_bit(hash, 0) | one_bit(hash, 6) | one_bit(hash, 12);
}
std::uint64_t first_bits(std::uint64_t hash) {
  return one_bit(hash, 18) | one_bit(hash, 24);
}

bool in_filter(std::span<const std::uint64_t> filter, std::uint64_t hash) {
  const std::uint64_t bits = filter_bits(hash);
  return (filter[slot_of(hash, filter.size())] & bits) == bits;
}

std::size_t filter_words(std::size_t keys) {
  return std::max<std::size_t>(keys * 14 / 64, 64);
}

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

// Hashes of the prefixes that a token may have.
struct Prefixes {
  std::array<std::uint64_t, kPrefixBytesMax> hashes;
  std::size_t count = 0;
};

// An edge of a root that is to be looked up.
struct Probe {
  std::uint64_t key;
  std::uint32_t begin;
  std::uint32_t end;
};

bool comes_before(const PhraseHit& a, const PhraseHit& b) {
  if (a.token_begin != b.token_begin) return a.token_begin < b.token_begin;
  if (a.token_end != b.token_end) return a.token_end < b.token_end;
  return a.phrase.value() < b.phrase.value();
}

// A place that may begin a phrase, and which filters say so.
struct Start {
  std::uint32_t token;
  std::uint32_t filters;
};
constexpr std::uint32_t kSingle = 1;     // The token may be a phrase alone.
constexpr std::uint32_t kFirst = 2;      // It may begin a phrase …
constexpr std::uint32_t kPair = 4;       // … of which the next one may be the second word.
constexpr std::uint32_t kLead = 8;       // It may have prefixes …
constexpr std::uint32_t kNextLead = 16;  // … and so may the next one.

}  // namespace

struct Lexicon::Tables {
  // Owned storage when built here; the spans below point into it or into the caller's bytes.
  std::vector<std::uint64_t> owned;

  Header header;
  std::span<const Edge> edges;
  std::span<const std::uint64_t> words;
  std::span<const std::uint64_t> pairs;
  std::span<const Lead> leads;
  std::span<const std::uint64_t> lead_words;
  std::span<const LeadFilter> lead_filters;
  std::string_view bytes;

  [[nodiscard]] bool attach(std::string_view from);

  [[nodiscard]] const Edge* follow(std::uint64_t key) const {
    std::size_t slot = slot_of(key, edges.size());
    for (std::size_t probe = 0; probe < edges.size(); ++probe) {
      if (edges[slot].key == key) return &edges[slot];
      if (edges[slot].key == 0) return nullptr;
      if (++slot == edges.size()) slot = 0;
    }
    return nullptr;
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

  // The filter of the prefixes of one group, or of all when several are asked for.
  [[nodiscard]] LeadFilter lead_filter(std::uint64_t groups) const {
    if (lead_filters.empty()) return {};
    const bool one = std::has_single_bit(groups) && lead_filters.size() > 1;
    return lead_filters[one ? 1 + static_cast<std::size_t>(std::countr_zero(groups)) : 0];
  }

  // Hashes of the prefixes that a token may have. Bytes up to `limit` are readable.
  void list_prefixes(std::string_view folded, const char* limit, Prefixes& out) const;
};

// The finder of one call: an article's tokens, and what waits to be looked up.
struct Lexicon::Search {
  const Tables& tables;
  const ArticleText& text;
  std::vector<PhraseHit>& hits;
  const std::span<const std::uint64_t> hashes = text.hashes();
  const std::uint32_t token_count = text.token_count();
  const LeadFilter lead_filter;
  const char* const limit =
      text.folded(token_count - 1).data() + text.folded(token_count - 1).size();

  // A constructor, so that the arrays are not cleared for every article.
  Search(const Tables& with, const ArticleText& in, std::uint64_t groups,
         std::vector<PhraseHit>& out)
      : tables(with), text(in), hits(out), lead_filter(with.lead_filter(groups)) {}

  std::array<Probe, kProbeMax> probes;
  std::size_t probe_count = 0;
  std::array<std::uint32_t, kBlock + 1> leads{};  // Not bytes: they could alias what is read.
  // Of the tokens of even and of odd number asked last.
  std::array<Prefixes, 2> prefixes;
  std::array<std::uint32_t, 2> prefixes_of{UINT32_MAX, UINT32_MAX};

  void run();
  void note_leads(std::uint32_t begin, std::uint32_t end);
  [[nodiscard]] std::uint64_t first_bytes(std::string_view folded) const;
  void fetch_lead(std::string_view folded) const;
  [[nodiscard]] bool may_have_prefix(const std::uint64_t* bits, std::string_view folded) const;
  void fetch_words(std::uint32_t begin) const;
  void fetch_pairs(std::span<const Start> starts) const;
  [[nodiscard]] std::size_t keep_pairs(std::span<Start> starts) const;
  [[nodiscard]] std::size_t list_starts(std::uint32_t begin, std::uint32_t end,
                                        std::array<Start, kBlock>& starts) const;
  void add_probes(const Start& start);
  void add_probe(std::uint32_t root, std::uint64_t word, std::uint32_t begin, std::uint32_t end);
  void resolve();
  void walk(std::uint32_t begin, std::uint32_t at, std::uint32_t node, std::size_t depth);
  [[nodiscard]] const Prefixes& prefixes_at(std::uint32_t token);
  [[nodiscard]] bool continues(std::uint32_t token) const;
};

bool Lexicon::Tables::attach(std::string_view from) {
  if (from.size() < sizeof(Header) || reinterpret_cast<std::uintptr_t>(from.data()) % 8 != 0) {
    return false;
  }
  std::memcpy(&header, from.data(), sizeof(Header));
  const auto sound = [](std::uint64_t count) { return count > 0 && count < (1ULL << 32); };
  const auto sound_or_none = [](std::uint64_t count) { return count < (1ULL << 32); };
  if (header.magic != kMagic || !sound(header.edge_count) || !sound(header.word_words) ||
      !sound(header.pair_words) || !sound_or_none(header.lead_count) ||
      !sound_or_none(header.lead_words) || header.lead_filter_count > 1 + kGroupMax ||
      (header.lead_count == 0) != (header.lead_filter_count == 0) ||
      (header.lead_filter_count > 1 && header.lead_filter_count <= kGroupMax)) {
    return false;
  }
  const std::uint64_t need =
      sizeof(Header) + header.edge_count * sizeof(Edge) + header.lead_count * sizeof(Lead) +
      header.lead_filter_count * sizeof(LeadFilter) +
      (header.word_words + header.pair_words + header.lead_words) * sizeof(std::uint64_t);
  if (from.size() < need) return false;
  bytes = from.substr(0, need);
  const char* at = from.data() + sizeof(Header);
  const auto take = [&]<typename T>(std::uint64_t count, std::span<const T>& out) {
    out = {reinterpret_cast<const T*>(at), count};
    at += count * sizeof(T);
  };
  take(header.edge_count, edges);
  take(header.word_words, words);
  take(header.pair_words, pairs);
  take(header.lead_count, leads);
  take(header.lead_words, lead_words);
  take(header.lead_filter_count, lead_filters);
  return std::all_of(lead_filters.begin(), lead_filters.end(), [&](const LeadFilter& filter) {
    return std::uint64_t{filter.begin} + filter.size <= lead_words.size() &&
           (filter.size == 0 || std::has_single_bit(filter.size));
  });
}

void Lexicon::Tables::list_prefixes(std::string_view folded, const char* limit,
                                    Prefixes& out) const {
  out.count = 0;
  const bool ascii = is_ascii(folded[0]);
  const char* at = folded.data();
  char padded[16] = {};
  if (limit - at < 16) {
    std::memcpy(padded, at, std::min<std::size_t>(folded.size(), 16));
    if (folded.size() <= 16) at = padded;
  }
  std::uint64_t lengths = 0;
  const std::uint64_t word = load8(at);
  if (folded.size() >= lead_size(ascii)) lengths = lengths_of(keep_bytes(word, lead_size(ascii)));
  if (lead_filters[0].has_short != 0 && folded.size() >= short_lead_size(ascii)) {
    lengths |= lengths_of(keep_bytes(word, short_lead_size(ascii)));
  }
  lengths &= ~std::uint64_t{1};  // Not even a damaged table has a prefix of no bytes.
  for (; lengths != 0; lengths &= lengths - 1) {
    const auto size = static_cast<std::size_t>(std::countr_zero(lengths));
    if (size > folded.size()) break;
    if (size < folded.size() && is_continuation(folded[size])) continue;
    out.hashes[out.count++] = prefix_hash(at, size);
  }
}

// False where a phrase cannot go on to the token: behind a blank line, and from the headline on.
bool Lexicon::Search::continues(std::uint32_t token) const {
  if (token >= token_count || token == text.headline_token_count()) return false;
  const std::string_view gap = text.gap_before(token);
  const std::size_t newline = gap.find('\n');
  return newline == std::string_view::npos || gap.find('\n', newline + 1) == std::string_view::npos;
}

const Prefixes& Lexicon::Search::prefixes_at(std::uint32_t token) {
  Prefixes& out = prefixes[token % 2];
  if (prefixes_of[token % 2] != token) {
    prefixes_of[token % 2] = token;
    tables.list_prefixes(text.folded(token), limit, out);
  }
  return out;
}

// The first eight bytes of a token, and what follows where it has fewer.
std::uint64_t Lexicon::Search::first_bytes(std::string_view folded) const {
  if (limit - folded.data() >= 8) return load8(folded.data());
  std::uint64_t word = 0;
  std::memcpy(&word, folded.data(), folded.size());  // Among the last bytes, so fewer than eight.
  return word;
}

// Does any prefix begin as the token? `bits` are the filter's.
bool Lexicon::Search::may_have_prefix(const std::uint64_t* bits, std::string_view folded) const {
  const std::uint64_t word = first_bytes(folded);
  const bool ascii = (word & 0x80) == 0;
  const auto bit = [&](std::size_t size) {
    const std::uint64_t lead = lead_hash(keep_bytes(word, std::min(folded.size(), size)));
    return bits[lead_word(lead, lead_filter.size)] >> lead_bit(lead);
  };
  std::uint64_t found = bit(lead_size(ascii));
  if (lead_filter.has_short != 0) found |= bit(short_lead_size(ascii));
  return (found & 1) != 0;
}

void Lexicon::Search::fetch_lead(std::string_view folded) const {
  const std::uint64_t lead =
      keep_bytes(first_bytes(folded), std::min(folded.size(), lead_size(is_ascii(folded[0]))));
  __builtin_prefetch(&tables.leads[slot_of(lead_hash(lead), tables.leads.size())]);
}

// Which tokens of [begin, end] may have prefixes; the one at `end` is asked by the one before it.
void Lexicon::Search::note_leads(std::uint32_t begin, std::uint32_t end) {
  const std::uint64_t* const bits = tables.lead_words.data() + lead_filter.begin;
  for (std::uint32_t token = begin; token < std::min(end + 1, token_count); ++token) {
    const std::string_view folded = text.folded(token);
    const bool may = may_have_prefix(bits, folded);
    leads[token - begin] = may;
    if (may) fetch_lead(folded);
  }
  if (end == token_count) leads[end - begin] = 0;
}

std::size_t Lexicon::Search::list_starts(std::uint32_t begin, std::uint32_t end,
                                         std::array<Start, kBlock>& starts) const {
  const std::span<const std::uint64_t> filter = tables.words;
  std::size_t count = 0;
  for (std::uint32_t token = begin; token < end; ++token) {
    const std::uint64_t hash = hashes[token];
    const std::uint64_t word = filter[slot_of(hash, filter.size())];
    const auto bit = [](bool value) { return static_cast<std::uint32_t>(value); };
    const std::uint32_t single = bit((~word & filter_bits(hash)) == 0) * kSingle;
    const std::uint32_t first = bit((~word & first_bits(hash)) == 0) * kFirst;
    const std::uint32_t lead = leads[token - begin] * kLead;
    starts[count] = {token, single | first | lead | leads[token - begin + 1] * kNextLead};
    count += bit((single | first | lead) != 0);
  }
  return count;
}

void Lexicon::Search::add_probe(std::uint32_t root, std::uint64_t word, std::uint32_t begin,
                                std::uint32_t end) {
  if (probe_count == probes.size()) resolve();
  const std::uint64_t key = edge_key(root, word);
  __builtin_prefetch(&tables.edges[slot_of(key, tables.edges.size())]);
  probes[probe_count++] = {key, begin, end};
}

// Asks the filter of pairs, again without a branch, and keeps the starts that may lead to anything.
std::size_t Lexicon::Search::keep_pairs(std::span<Start> starts) const {
  const std::span<const std::uint64_t> filter = tables.pairs;
  std::size_t count = 0;
  for (const Start& start : starts) {
    const std::uint64_t next = hashes[std::min(start.token + 1, token_count - 1)];
    const std::uint32_t pair = in_filter(filter, pair_key(hashes[start.token], next)) ? kPair : 0;
    const std::uint32_t first = start.filters & kFirst;
    const std::uint32_t filters = start.filters | (first != 0 ? pair : 0);
    // With kFirst alone it is a frequent word like "the" before one that no phrase has.
    const bool kept = (filters & (kSingle | kPair | kLead)) != 0 ||
                      (filters & (kFirst | kNextLead)) == (kFirst | kNextLead);
    starts[count] = {start.token, filters};
    count += static_cast<std::size_t>(kept);
  }
  return count;
}

void Lexicon::Search::add_probes(const Start& start) {
  const std::uint32_t token = start.token;
  // Hangul begins at a word's start.
  if (!text.starts_word(token) && is_hangul(text.folded(token))) return;
  const std::uint64_t hash = hashes[token];
  if ((start.filters & kSingle) != 0) add_probe(kSingleRoot, hash, token, token + 1);
  const bool has_next = token + 1 < token_count;
  const auto add_pair = [&](std::uint64_t first, std::uint64_t second) {
    const std::uint64_t key = pair_key(first, second);
    if (in_filter(tables.pairs, key)) add_probe(kPairRoot, key, token, token + 2);
  };
  const auto add_prefix_pairs = [&](std::uint64_t first) {
    if (!has_next || (start.filters & kNextLead) == 0) return;
    const Prefixes& next = prefixes_at(token + 1);
    for (std::size_t i = 0; i < next.count; ++i) add_pair(first, next.hashes[i]);
  };
  if ((start.filters & kPair) != 0 && has_next) {
    add_probe(kPairRoot, pair_key(hash, hashes[token + 1]), token, token + 2);
  }
  if ((start.filters & kFirst) != 0) add_prefix_pairs(hash);
  if ((start.filters & kLead) == 0) return;
  const Prefixes& own = prefixes_at(token);
  for (std::size_t i = 0; i < own.count; ++i) {
    const std::uint64_t prefix = own.hashes[i];
    const std::uint64_t word = tables.words[slot_of(prefix, tables.words.size())];
    if ((~word & filter_bits(prefix)) == 0) add_probe(kSingleRoot, prefix, token, token + 1);
    if ((~word & first_bits(prefix)) != 0) continue;
    if (has_next) add_pair(prefix, hashes[token + 1]);
    add_prefix_pairs(prefix);
  }
}

void Lexicon::Search::resolve() {
  for (std::size_t i = 0; i < probe_count; ++i) {
    const Probe probe = probes[i];
    const Edge* edge = tables.follow(probe.key);
    if (edge == nullptr) continue;
    if (probe.end - probe.begin == 2 && !continues(probe.begin + 1)) continue;
    if (edge->phrase != kNoPhrase) {
      hits.push_back({PhraseId(edge->phrase), probe.begin, probe.end});
    }
    if (edge->node != kLeaf) walk(probe.begin, probe.end, edge->node, 2);
  }
  probe_count = 0;
}

void Lexicon::Search::walk(std::uint32_t begin, std::uint32_t at, std::uint32_t node,
                           std::size_t depth) {
  if (depth >= LexiconBuilder::kPhraseWordMax || !continues(at)) return;
  const auto step = [&](std::uint64_t word) {
    const Edge* edge = tables.follow(edge_key(node, word));
    if (edge == nullptr) return;
    if (edge->phrase != kNoPhrase) hits.push_back({PhraseId(edge->phrase), begin, at + 1});
    if (edge->node != kLeaf) walk(begin, at + 1, edge->node, depth + 1);
  };
  step(hashes[at]);
  if (lead_filter.size == 0 ||
      !may_have_prefix(tables.lead_words.data() + lead_filter.begin, text.folded(at))) {
    return;
  }
  Prefixes own;
  tables.list_prefixes(text.folded(at), limit, own);
  for (std::size_t i = 0; i < own.count; ++i) step(own.hashes[i]);
}

// The lines of the filter of words for a block from `begin` on.
void Lexicon::Search::fetch_words(std::uint32_t begin) const {
  const std::span<const std::uint64_t> filter = tables.words;
  for (std::uint32_t token = begin; token < std::min(begin + kBlock, token_count); ++token) {
    __builtin_prefetch(&filter[slot_of(hashes[token], filter.size())]);
  }
}

void Lexicon::Search::fetch_pairs(std::span<const Start> starts) const {
  const std::span<const std::uint64_t> filter = tables.pairs;
  for (const Start& start : starts) {
    if (start.token + 1 == token_count) continue;
    const std::uint64_t key = pair_key(hashes[start.token], hashes[start.token + 1]);
    if ((start.filters & kFirst) != 0) __builtin_prefetch(&filter[slot_of(key, filter.size())]);
  }
}

void Lexicon::Search::run() {
  std::array<Start, kBlock> starts;
  fetch_words(0);
  for (std::uint32_t begin = 0; begin < token_count; begin += kBlock) {
    const std::uint32_t end = std::min(begin + kBlock, token_count);
    if (lead_filter.size != 0) note_leads(begin, end);
    std::size_t count = list_starts(begin, end, starts);
    fetch_pairs(std::span(starts).first(count));
    if (end < token_count) fetch_words(end);
    count = keep_pairs(std::span(starts).first(count));
    for (std::size_t i = 0; i < count; ++i) add_probes(starts[i]);
    resolve();
  }
  // In order but for what began at one token and ended at different ones.
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
                   std::uint64_t groups) const {
  hits.clear();
  if (tables_->header.phrase_count == 0 || text.token_count() == 0) return;
  Search(*tables_, text, groups, hits).run();
}

struct LexiconBuilder::Impl {
  std::map<std::vector<std::uint64_t>, std::uint32_t> ids;
  std::map<std::string, std::uint64_t> prefixes;  // With the groups of their phrases.

  // What the builder makes before it knows the sizes of the tables.
  struct Draft {
    std::uint32_t node = kLeaf;
    std::uint32_t phrase = kNoPhrase;
  };
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Draft>> draft_edges() const;
};

LexiconBuilder::LexiconBuilder() : impl_(std::make_unique<Impl>()) {}
LexiconBuilder::~LexiconBuilder() = default;

std::optional<PhraseId> LexiconBuilder::add(std::string_view phrase, std::uint64_t groups) {
  // Fold keeps '*' as a separator byte, so that the marks survive in the gaps.
  std::string folded;
  fold(phrase, folded);
  std::vector<std::uint64_t> words;
  std::vector<std::string> prefixes;
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
  const auto next = static_cast<std::uint32_t>(impl_->ids.size());
  const auto where = impl_->ids.try_emplace(std::move(words), next).first;
  for (std::string& prefix : prefixes) impl_->prefixes[std::move(prefix)] |= groups;
  return PhraseId(where->second);
}

// Every edge by its key, in order of keys, so that equal phrases give equal bytes.
std::vector<std::pair<std::uint64_t, LexiconBuilder::Impl::Draft>>
LexiconBuilder::Impl::draft_edges() const {
  std::unordered_map<std::uint64_t, Draft> drafts;
  drafts.reserve(ids.size() * 2);
  std::uint32_t node_count = kFirstNode;
  for (const auto& [words, id] : ids) {
    if (words.size() == 1) {
      drafts[edge_key(kSingleRoot, words[0])].phrase = id;
      continue;
    }
    Draft* edge = &drafts[edge_key(kPairRoot, pair_key(words[0], words[1]))];
    for (std::size_t i = 2; i < words.size(); ++i) {
      // Only what leads on has a number, so that a search ends without a look-up.
      if (edge->node == kLeaf) edge->node = node_count++;
      edge = &drafts[edge_key(edge->node, words[i])];
    }
    edge->phrase = id;
  }
  std::vector<std::pair<std::uint64_t, Draft>> sorted(drafts.begin(), drafts.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return sorted;
}

namespace {

// The table of leads and the filters before it.
struct LeadTables {
  std::vector<Lead> leads;
  std::vector<std::uint64_t> words;
  std::vector<LeadFilter> filters;
};

// The lead of a prefix, and whether it is a short one.
std::pair<std::uint64_t, bool> lead_of(std::string_view prefix) {
  char padded[8] = {};
  std::memcpy(padded, prefix.data(), std::min<std::size_t>(prefix.size(), 8));
  const bool ascii = is_ascii(prefix[0]);
  const bool brief = prefix.size() < lead_size(ascii);
  return {keep_bytes(load8(padded), brief ? short_lead_size(ascii) : lead_size(ascii)), brief};
}

void add_lead_filter(const std::map<std::string, std::uint64_t>& prefixes, std::uint64_t groups,
                     LeadTables& tables) {
  std::vector<std::uint64_t> leads;
  LeadFilter filter{.begin = static_cast<std::uint32_t>(tables.words.size())};
  for (const auto& [prefix, its_groups] : prefixes) {
    if ((its_groups & groups) == 0) continue;
    const auto [lead, brief] = lead_of(prefix);
    leads.push_back(lead_hash(lead));
    if (brief) filter.has_short = 1;
  }
  std::sort(leads.begin(), leads.end());
  leads.erase(std::unique(leads.begin(), leads.end()), leads.end());
  if (!leads.empty()) {
    filter.size = static_cast<std::uint32_t>(std::bit_ceil(leads.size()));
    tables.words.resize(tables.words.size() + filter.size);
    for (const std::uint64_t lead : leads) {
      tables.words[filter.begin + lead_word(lead, filter.size)] |= std::uint64_t{1}
                                                                   << lead_bit(lead);
    }
  }
  tables.filters.push_back(filter);
}

LeadTables lead_tables(const std::map<std::string, std::uint64_t>& prefixes) {
  LeadTables tables;
  if (prefixes.empty()) return tables;
  std::map<std::uint64_t, std::uint64_t> lengths;  // By lead.
  bool grouped = false;
  for (const auto& [prefix, groups] : prefixes) {
    lengths[lead_of(prefix).first] |= std::uint64_t{1} << prefix.size();
    grouped = grouped || groups != ~std::uint64_t{0};
  }
  add_lead_filter(prefixes, ~std::uint64_t{0}, tables);
  for (std::size_t group = 0; grouped && group < kGroupMax; ++group) {
    add_lead_filter(prefixes, std::uint64_t{1} << group, tables);
  }
  tables.leads.resize(lengths.size() * 2);
  for (const auto& [lead, mask] : lengths) {
    std::size_t slot = slot_of(lead_hash(lead), tables.leads.size());
    while (tables.leads[slot].key != 0) slot = (slot + 1) % tables.leads.size();
    tables.leads[slot] = {lead, mask};
  }
  return tables;
}

}  // namespace

Lexicon LexiconBuilder::build() {
  const auto drafts = impl_->draft_edges();
  std::vector<Edge> edges(drafts.size() * 7 / 4 + 2);
  for (const auto& [key, draft] : drafts) {
    std::size_t slot = slot_of(key, edges.size());
    while (edges[slot].key != 0) slot = (slot + 1) % edges.size();
    edges[slot] = {key, draft.node, draft.phrase};
  }
  // The ids are in order of words, so that equal first words stand side by side.
  std::size_t word_count = 0;
  std::size_t pair_count = 0;
  std::uint64_t last_first = 0;
  for (const auto& [words, id] : impl_->ids) {
    const bool longer = words.size() > 1;
    pair_count += longer ? 1U : 0U;
    word_count += !longer || words[0] != last_first ? 1U : 0U;
    if (longer) last_first = words[0];
  }
  std::vector<std::uint64_t> word_filter(filter_words(word_count));
  std::vector<std::uint64_t> pair_filter(filter_words(pair_count));
  for (const auto& [words, id] : impl_->ids) {
    std::uint64_t& word = word_filter[slot_of(words[0], word_filter.size())];
    if (words.size() == 1) {
      word |= filter_bits(words[0]);
    } else {
      word |= first_bits(words[0]);
      const std::uint64_t pair = pair_key(words[0], words[1]);
      pair_filter[slot_of(pair, pair_filter.size())] |= filter_bits(pair);
    }
  }
  const LeadTables leads = lead_tables(impl_->prefixes);

  Header header;
  header.phrase_count = impl_->ids.size();
  header.edge_count = edges.size();
  header.word_words = word_filter.size();
  header.pair_words = pair_filter.size();
  header.lead_count = leads.leads.size();
  header.lead_words = leads.words.size();
  header.lead_filter_count = leads.filters.size();
  auto tables = std::make_unique<Lexicon::Tables>();
  const auto put = [&]<typename T>(std::span<const T> from) {
    static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
    const std::size_t old = tables->owned.size();
    tables->owned.resize(old + from.size_bytes() / sizeof(std::uint64_t));
    if (!from.empty()) std::memcpy(tables->owned.data() + old, from.data(), from.size_bytes());
  };
  put(std::span<const Header>(&header, 1));
  put(std::span<const Edge>(edges));
  put(std::span<const std::uint64_t>(word_filter));
  put(std::span<const std::uint64_t>(pair_filter));
  put(std::span<const Lead>(leads.leads));
  put(std::span<const std::uint64_t>(leads.words));
  put(std::span<const LeadFilter>(leads.filters));
  const bool attached = tables->attach(
      {reinterpret_cast<const char*>(tables->owned.data()), tables->owned.size() * 8});
  WIREWATCH_CHECK(attached);
  impl_ = std::make_unique<Impl>();
  Lexicon lexicon{nullptr};
  lexicon.tables_ = std::move(tables);
  return lexicon;
}

}  // namespace wirewatch
