#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <type_traits>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/eight.h"
#include "common/base/utf8.h"
#include "common/lexicon/lexicon.h"
#include "common/lexicon/lexicon_tables.h"

namespace wirewatch::lexicon_internal {

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

namespace {

constexpr std::uint32_t kBlock = 128;   // Tokens of a block.
constexpr std::size_t kProbeMax = 512;  // Probes that wait to be looked up.

// First bytes of syllables of Hangul, and of few others.
constexpr std::uint32_t kHangulFrom = 0xEA;
constexpr std::uint32_t kHangulBytes = 4;

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
  std::uint32_t row = 0;
  std::uint32_t bit = 0;
  short_lead_place(static_cast<std::uint32_t>(first_bytes), row, bit);
  return leads[row] >> bit & 1;
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

constexpr std::size_t kListed = 4;  // Tokens that are listed at once.
using TokenList = std::array<std::uint32_t, kBlock + kListed>;

// The tokens of a block that may begin a phrase.
struct Starts {
  TokenList words;                            // By the word as it is, …
  TokenList pairs;                            // … with the next one …
  TokenList leads;                            // … or by a prefix …
  std::array<std::uint64_t, kBlock> lengths;  // … of these lengths, by bit.
  std::size_t word_count = 0;
  std::size_t pair_count = 0;
  std::size_t lead_count = 0;
};

// Sets to 1 what may_be_cased() of eight tokens.
void add_cased(const Eight& first_bytes, Eight& cased) {
  const Eight none{};
  const Eight lead = first_bytes & 0xFF;
  const Eight next = first_bytes >> 8 & 0xFF;
  const auto is_cased = (lead < kOthersFrom) | (lead == 0xE1) | (lead == 0xE2) |
                        ((lead == 0xEA) & (next < 0xB0)) | (lead >= 0xEE);
  cased = is_cased ? none + 1 : cased;
}

// may_have_short() of eight tokens.
void may_have_short(const ShortLeads& leads, const Eight& token_bytes, Eight& may) {
  Eight row;
  Eight bit;
  short_lead_place(token_bytes, row, bit);
#if defined(__AVX2__)
  // The table by fourths: the lower three bits of a row say which number of each, the others which.
  __m256i rows;
  std::memcpy(&rows, &row, sizeof(rows));
  const auto pick = [&](std::size_t fourth, Eight& picked) {
    __m256i numbers;
    std::memcpy(&numbers, &leads[fourth * kEight], sizeof(numbers));
    numbers = _mm256_permutevar8x32_epi32(numbers, rows);
    std::memcpy(&picked, &numbers, sizeof(picked));
  };
  Eight fourths[4];
  for (std::size_t i = 0; i < 4; ++i) pick(i, fourths[i]);
  const auto is_odd = (row & kEight) != 0;
  const Eight low = is_odd ? fourths[1] : fourths[0];
  const Eight high = is_odd ? fourths[3] : fourths[2];
  const Eight bits = row >= 2 * kEight ? high : low;
#else
  Eight bits;
  for (std::uint32_t i = 0; i < kEight; ++i) bits[i] = leads[row[i]];
#endif
  may = bits >> bit & 1;
}

// What the text tells of eight tokens.
struct EightTokens {
  Eight hash;     // As gate_hash().
  Eight low;      // Their first four bytes …
  Eight high;     // … and the next ones.
  Eight unasked;  // 1 for what is looked up in any case.
  Eight brief;    // 1 for what may have a prefix shorter than a lead.
};

// What is asked of the tokens of a block, by token, and what the gates say.
struct Asked {
  using Numbers = std::array<std::uint32_t, kBlock>;
  Numbers hashes;   // As gate_hash().
  Numbers unasked;  // 1 for what is looked up in any case.
  Numbers brief;    // 1 for what may have a prefix shorter than a lead.
  Numbers lead_bytes;
  Numbers lead_hashes;
  Numbers word_slots;
  Numbers lead_slots;
  Numbers words;  // Of the gate of words.
  Numbers leads;  // Of the gate of leads.
};

// A bit for each token of a block.
using BlockBits = std::array<std::uint64_t, kBlock / 64>;

// Lists the tokens of the bits; the first bit is that of `begin`. Written by fours, as their number
// could not be predicted; `list` has room for what is written beyond it.
std::size_t list_tokens(const BlockBits& bits, std::uint32_t begin, TokenList& list) {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    std::uint64_t left = bits[i];
    const auto size = static_cast<std::size_t>(std::popcount(left));
    for (std::size_t written = 0; written < size; written += kListed) {
      for (std::size_t each = 0; each < kListed; ++each, left &= left - 1) {
        list[count + written + each] =
            begin + i * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
      }
    }
    count += size;
  }
  return count;
}

// Bit n: a token may have a prefix of a group that is n bytes long.
std::uint64_t prefix_lengths(const Tables& tables, const GroupFilters& group,
                             std::string_view folded) {
  const bool ascii = is_ascii(folded[0]);
  const std::uint64_t word = load8(folded.data());
  const std::size_t size = lead_size(ascii);
  std::uint64_t lengths = tables.lengths_of(keep_bytes(word, size), size,
                                            folded.data()[next_at(ascii)], group.lead_table);
  if ((may_have_short(group.short_leads[kAny], word) |
       may_have_short(group.short_leads[kLater], word)) != 0) {
    const std::size_t brief = short_lead_size(ascii);
    lengths |=
        tables.lengths_of(keep_bytes(word, brief), brief, folded.data()[brief], group.lead_table);
  }
  if (folded.size() < kPrefixBytesMax) lengths &= (std::uint64_t{2} << folded.size()) - 1;
  return lengths & ~std::uint64_t{1};  // Not even a damaged table has a prefix of no bytes.
}

// Hashes of the prefixes of these lengths that a token has.
void list_prefixes(std::uint64_t lengths, std::string_view folded, Prefixes& out) {
  out.count = 0;
  for (; lengths != 0; lengths &= lengths - 1) {
    const auto size = static_cast<std::size_t>(std::countr_zero(lengths));
    if (size < folded.size() && is_continuation(folded[size])) continue;
    out.hashes[out.count++] = prefix_hash(folded.data(), size);
  }
}

// The finder of one call: an article's tokens, and what waits to be looked up.
struct Search {
  const Tables& tables;
  const ArticleText& text;
  std::vector<PhraseHit>& hits;
  const std::span<const std::uint64_t> hashes = text.hashes();
  const std::uint64_t* const first_bytes = text.first_bytes().data();
  const std::uint8_t* const capitals = text.capitals().data();
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
  void read_tokens(std::uint32_t token, EightTokens& read) const;
  void ask_gates(std::uint32_t begin, std::uint32_t count);
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
    const std::uint32_t lead = token_lead_hash(first_bytes[token]);
    const std::uint32_t missing = ~tables.gates[filters.leads[kLater].slot(lead)];
    return (missing & lead_bits(lead)) == 0 ||
           may_have_short(filters.short_leads[kLater], first_bytes[token]) != 0;
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

// False where a phrase cannot go on to the token: behind a blank line, and from the headline on.
bool Search::continues(std::uint32_t token) const {
  if (token >= token_count || token == text.headline_token_count()) return false;
  const std::string_view gap = text.gap_before(token);
  if (gap.size() < 2) return true;
  const std::size_t newline = gap.find('\n');
  return newline == std::string_view::npos || gap.find('\n', newline + 1) == std::string_view::npos;
}

const Prefixes& Search::prefixes_at(std::uint32_t token) {
  Prefixes& out = prefixes[token % 2];
  if (prefixes_of[token % 2] != token) {
    prefixes_of[token % 2] = token;
    const std::string_view folded = text.folded(token);
    list_prefixes(prefix_lengths(tables, filters, folded), folded, out);
  }
  return out;
}

void Search::fetch_lead(std::string_view folded) const {
  const std::uint64_t lead = keep_bytes(load8(folded.data()), lead_size(is_ascii(folded[0])));
  const Filter table = filters.lead_table;
  if (table.size == 0) return;
  __builtin_prefetch(&tables.leads[table.begin + lead_slot(lead, table.size)]);
}

// What the text tells of the tokens from `token` on.
void Search::read_tokens(std::uint32_t token, EightTokens& read) const {
  Eight lower;  // The gates are asked with the upper half, as gate_hash().
  load_halves(&hashes[token], lower, read.hash);
  load_halves(&first_bytes[token], read.low, read.high);
  load_bytes(&capitals[token], read.unasked);
  const Eight none{};
  if (filters.need_capitals == 0) {
    read.unasked = none;
  } else if (any_case) {
    add_cased(read.low, read.unasked);
  }
  read.brief = none;
  if (filters.has_short == 0) return;
  may_have_short(filters.short_leads[kPlain], read.low, read.brief);
  if (filters.need_capitals == 0) return;
  Eight any;
  may_have_short(filters.short_leads[kAny], read.low, any);
  read.brief = read.unasked != none ? any : read.brief;
}

// Finds where the gates tell of `count` tokens, eight at a time, and reads what they say. What
// follows the last one up to eight is asked for too, and not heard.
void Search::ask_gates(std::uint32_t begin, std::uint32_t count) {
  const Eight none{};
  for (std::uint32_t i = 0; i < count; i += kEight) {
    EightTokens read;
    read_tokens(begin + i, read);
    const Eight lead_byte = read.low & 0xFF;
    const auto is_ascii = lead_byte < kCasedFrom;
    const auto is_other = lead_byte >= kOthersFrom;
    const auto choose = [&](auto part, Eight& chosen) {
      chosen = is_ascii   ? none + filters.words[kAscii].*part
               : is_other ? none + filters.words[kOthers].*part
                          : none + filters.words[kCased].*part;
    };
    Eight first;
    Eight shift;
    choose(&Gate::begin, first);
    choose(&Gate::shift, shift);
    // Of what is looked up unasked the gate need not be fetched.
    const auto is_unasked = read.unasked != none;
    store(first + (is_unasked ? none : read.hash >> shift), &asked.word_slots[i]);
    Eight lead;
    hash_lead(read.low, is_ascii ? none : read.high & 0xFFFF, lead);
    first = is_unasked ? none + filters.leads[kAny].begin : none + filters.leads[kPlain].begin;
    shift = is_unasked ? none + filters.leads[kAny].shift : none + filters.leads[kPlain].shift;
    store(first + (lead >> shift), &asked.lead_slots[i]);
    store(read.hash, &asked.hashes[i]);
    store(lead, &asked.lead_hashes[i]);
    store(read.unasked, &asked.unasked[i]);
    store(read.brief, &asked.brief[i]);
    store(lead_byte, &asked.lead_bytes[i]);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    asked.words[i] = tables.gates[asked.word_slots[i]];
    asked.leads[i] = tables.gates[asked.lead_slots[i]];
  }
}

// Lists the tokens of a block that may begin a phrase. None costs a branch of its own: it could not
// be predicted.
void Search::list_starts(std::uint32_t begin, std::uint32_t count) {
  ask_gates(begin, count);
  BlockBits words{};
  BlockBits pairs{};
  BlockBits leads{};
  BlockBits syllables{};
  for (std::uint32_t i = 0; i < count; i += kEight) {
    Eight hash;
    Eight lead_hash;
    Eight lead_byte;
    Eight unasked;
    Eight brief;
    Eight says;
    Eight lead_says;
    load(&asked.hashes[i], hash);
    load(&asked.lead_hashes[i], lead_hash);
    load(&asked.lead_bytes[i], lead_byte);
    load(&asked.unasked[i], unasked);
    load(&asked.brief[i], brief);
    load(&asked.words[i], says);
    load(&asked.leads[i], lead_says);
    says >>= (hash & kWordPlaceMask) * 2;
    const Eight word = says | unasked;
    const auto add = [&](BlockBits& bits, const Eight& lowest) {
      bits[i / 64] |= low_bits(lowest) << (i % 64);
    };
    add(words, word);
    add(pairs, says >> 1 & ~word);
    add(leads, (lead_says >> (lead_hash & kLeadPlaceMask) &
                lead_says >> (lead_hash >> kLeadPlaceShift & kLeadPlaceMask)) |
                   brief);
    const Eight none{};
    add(syllables, lead_byte - kHangulFrom < kHangulBytes ? none + 1 : none);
  }
  if (count % 64 != 0) {
    const std::uint64_t heard = (std::uint64_t{1} << (count % 64)) - 1;
    for (BlockBits* bits : {&words, &pairs, &leads}) (*bits)[count / 64] &= heard;
  }
  for (std::uint32_t i = 0; i < syllables.size(); ++i) {
    std::uint64_t left = syllables[i] & (words[i] | pairs[i] | leads[i]);
    for (; left != 0; left &= left - 1) {
      if (can_begin(begin + i * 64 + static_cast<std::uint32_t>(std::countr_zero(left)))) continue;
      for (BlockBits* bits : {&words, &pairs, &leads}) (*bits)[i] &= ~(left & (0 - left));
    }
  }
  starts.word_count = list_tokens(words, begin, starts.words);
  starts.pair_count = list_tokens(pairs, begin, starts.pairs);
  starts.lead_count = list_tokens(leads, begin, starts.leads);
}

// Keeps the pairs that begin a phrase.
void Search::ask_start_pairs() {
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
void Search::ask_leads() {
  const auto waiting = std::span(starts.leads).first(starts.lead_count);
  for (const std::uint32_t token : waiting) fetch_lead(text.folded(token));
  std::size_t count = 0;
  for (const std::uint32_t token : waiting) {
    const std::uint64_t lengths = prefix_lengths(tables, filters, text.folded(token));
    starts.leads[count] = token;
    starts.lengths[count] = lengths;
    count += lengths != 0 ? 1U : 0U;
  }
  starts.lead_count = count;
}

// Hangul begins at a word's start.
bool Search::can_begin(std::uint32_t token) const {
  return text.starts_word(token) || !is_hangul(text.folded(token));
}

void Search::add_prefixes(std::uint32_t token, std::uint64_t lengths) {
  Prefixes own;
  list_prefixes(lengths, text.folded(token), own);
  const char first_byte = text.folded(token)[0];
  for (std::size_t i = 0; i < own.count; ++i) {
    const std::uint64_t hash = own.hashes[i];
    if (may_begin_alone(first_byte, hash)) add_word(hash, token);
  }
}

void Search::add_word(std::uint64_t word, std::uint32_t token) {
  if (!word_probes.has_room(1)) read_words();
  const std::uint64_t key = edge_key(kWordRoot, word);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  word_probes.add({key, word, token, {}});
}

void Search::read_words() {
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
void Search::add_pairs(std::span<const Probe> firsts) {
  for (const Probe& first : firsts) {
    const std::uint32_t next = first.begin + 1;
    add_pair(first, hashes[next]);
    if (!may_have_later_prefix(next)) continue;
    const Prefixes& seconds = prefixes_at(next);
    for (std::size_t i = 0; i < seconds.count; ++i) add_pair(first, seconds.hashes[i]);
  }
}

void Search::add_pair(const Probe& first, std::uint64_t second) {
  if (!unasked_pairs.has_room(1)) ask_pairs();
  const std::uint64_t pair = pair_key(first.word, second);
  __builtin_prefetch(&tables.filters[filter_slot(common_pairs, pair)]);
  __builtin_prefetch(&tables.filters[filter_slot(filters.pairs, pair)]);
  unasked_pairs.add({pair, first.word, first.begin, {}});
}

void Search::ask_pairs() {
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

void Search::add_asked_pair(std::uint64_t pair, std::uint64_t first, std::uint32_t token) {
  if (!pair_probes.has_room(1)) read_pairs();
  const std::uint64_t key = edge_key(kPairRoot, pair);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  pair_probes.add({key, first, token, {}});
}

void Search::read_pairs() {
  pair_probes.read([this](std::uint64_t key) { return tables.edge_of(key); });
  for (const Probe& probe : pair_probes.all()) {
    if (continues(probe.begin + 1)) arrive(probe.edge, probe.begin, probe.begin + 2);
  }
  pair_probes.count = 0;
}

// Takes what lies behind an edge of two words or more.
void Search::arrive(Edge edge, std::uint32_t begin, std::uint32_t end) {
  const Branch to = tables.branch_of(edge);
  if (to.phrase != kNoPhrase) hits.push_back({PhraseId(to.phrase), begin, end});
  if (to.node == kLeaf || end - begin >= LexiconBuilder::kPhraseWordMax || !continues(end)) return;
  add_step(to.node, hashes[end], begin, end);
  if (!may_have_later_prefix(end)) return;
  Prefixes own;
  const std::string_view folded = text.folded(end);
  list_prefixes(prefix_lengths(tables, filters, folded), folded, own);
  for (std::size_t i = 0; i < own.count; ++i) add_step(to.node, own.hashes[i], begin, end);
}

void Search::add_step(std::uint32_t node, std::uint64_t word, std::uint32_t begin,
                      std::uint32_t token) {
  const std::uint64_t key = edge_key(node, word);
  if (step_count == kProbeMax) return arrive(tables.edge_of(key), begin, token + 1);
  __builtin_prefetch(&tables.edges[tables.line_of(key)]);
  steps[step_count++] = {key, begin, token};
}

// Each may add others, behind all that wait already.
void Search::read_steps() {
  for (std::size_t i = 0; i < step_count; ++i) {
    const Step step = steps[i];
    arrive(tables.edge_of(step.key), step.begin, step.token + 1);
  }
  step_count = 0;
}

void Search::run() {
  for (std::uint32_t begin = 0; begin < token_count; begin += kBlock) {
    const std::uint32_t end = std::min(begin + kBlock, token_count);
    list_starts(begin, end - begin);
    ask_start_pairs();
    ask_leads();
    for (const std::uint32_t token : std::span(starts.words).first(starts.word_count)) {
      add_word(hashes[token], token);
    }
    for (std::size_t i = 0; i < starts.lead_count; ++i) {
      add_prefixes(starts.leads[i], starts.lengths[i]);
    }
    read_pairs();  // Of the block before: meanwhile the words of this one arrive.
    for (const std::uint32_t token : std::span(starts.pairs).first(starts.pair_count)) {
      if (token + 1 == token_count) continue;
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
void Search::sort_hits() {
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const PhraseHit hit = hits[i];
    std::size_t at = i;
    for (; at > 0 && comes_before(hit, hits[at - 1]); --at) hits[at] = hits[at - 1];
    hits[at] = hit;
  }
}

}  // namespace

void find_phrases(const Tables& tables, const ArticleText& text, PhraseSelection selection,
                  std::vector<PhraseHit>& hits) {
  Search(tables, text, selection, hits).run();
}

}  // namespace wirewatch::lexicon_internal
