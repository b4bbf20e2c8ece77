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

// The trie: a node is a phrase prefix; an edge is (node, word hash) → node, kept in one
// open-addressed hash table. Node 0 is the root. Two filters stand before it: `single` has the
// words that are a phrase alone, `pair` the first two words of longer phrases. So "north" alone
// starts no walk.
//
// A prefix word ("korea*") is an own word: its hash is made from the prefix bytes and a mark. The
// table of leads tells by the first bytes of a token which lengths of prefixes begin so, the prefix
// table which of these there are; such a token is tried under each of its hashes.

namespace {

constexpr std::uint32_t kNoPhrase = 0xFFFFFFFF;
constexpr std::uint32_t kLeaf =
    0;  // In place of a node that no edge leaves; the root is no target.
constexpr std::uint64_t kPrefixMark = 0x5851F42D4C957F2DULL;
constexpr std::uint64_t kMagic = 0x3230584C57571AULL;
constexpr std::size_t kPrefixPerTokenMax = 8;

struct Edge {
  std::uint64_t key = 0;             // hash of (node, word); 0 = free.
  std::uint32_t node = 0;            // Where it leads.
  std::uint32_t phrase = kNoPhrase;  // The phrase that ends there.
};

std::uint64_t edge_key(std::uint32_t node, std::uint64_t word) {
  return hash_combine(word, node) | 1;
}

std::uint64_t pair_key(std::uint64_t first, std::uint64_t second) {
  return first + std::rotl(second, 31);
}

std::uint64_t prefix_hash(std::string_view prefix) {
  return hash_bytes(prefix, kPrefixMark) | 1;
}

// Bytes of a token that the table of leads looks at; a shorter prefix is a lead by itself.
constexpr std::size_t kLeadAscii = 4;
constexpr std::size_t kLeadOther = 6;

// Prefixes by their first bytes.
struct Lead {
  std::uint64_t key = 0;      // 0 = free.
  std::uint64_t lengths = 0;  // Bit n: a prefix of n bytes begins so (n < 64).
};

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t edge_count = 0;    // Power of two.
  std::uint64_t single_words = 0;  // Power of two, 64-bit words of the filter.
  std::uint64_t pair_words = 0;
  std::uint64_t prefix_count = 0;  // Power of two, slots of the prefix set.
  std::uint64_t phrase_count = 0;
  std::uint64_t lead_count = 0;  // Power of two, slots of the table of leads; 0 = no prefix.
  std::uint64_t lead_words = 1;  // Power of two, words of the filter before that table.
  std::uint64_t short_ascii =
      0;  // Bit n: some prefix of n bytes is shorter than a lead, in ASCII …
  std::uint64_t short_other = 0;  // … and in other scripts.
};

std::size_t lead_size(std::string_view token) {
  return is_ascii(token[0]) ? kLeadAscii : kLeadOther;
}

// Exact: at most eight bytes and their number.
std::uint64_t lead_key(std::string_view lead) {
  std::uint64_t bytes = 0;
  if (lead.size() == kLeadAscii) {  // By far the most.
    std::uint32_t four = 0;
    std::memcpy(&four, lead.data(), sizeof(four));
    bytes = four;
  } else {
    std::memcpy(&bytes, lead.data(), lead.size());
  }
  return bytes << 8 | lead.size();
}

std::uint64_t lead_hash(std::uint64_t key) {
  return key * 0x9E3779B97F4A7C15ULL;
}

std::size_t lead_slot(std::uint64_t hash) {
  return static_cast<std::size_t>(hash >> 40);
}

// One bit each, so that most words of a text never reach the table.
bool has_lead_bit(std::span<const std::uint64_t> filter, std::uint64_t hash) {
  return (filter[hash >> 38 & (filter.size() - 1)] >> (hash >> 32 & 63) & 1) != 0;
}

bool in_filter(std::span<const std::uint64_t> filter, std::uint64_t hash) {
  const std::uint64_t word = filter[(hash >> 12) & (filter.size() - 1)];
  const std::uint64_t bits =
      (std::uint64_t{1} << (hash & 63)) | (std::uint64_t{1} << ((hash >> 6) & 63));
  return (word & bits) == bits;
}

void put_in_filter(std::vector<std::uint64_t>& filter, std::uint64_t hash) {
  filter[(hash >> 12) & (filter.size() - 1)] |=
      (std::uint64_t{1} << (hash & 63)) | (std::uint64_t{1} << ((hash >> 6) & 63));
}

std::size_t filter_words(std::size_t keys) {
  return std::bit_ceil(std::max<std::size_t>(keys * 16 / 64, 64));
}

bool is_hangul(std::string_view folded) {
  // U+AC00 to U+D7A3: EA B0 80 to ED 9E A3.
  if (folded.size() != 3) return false;
  const auto lead = static_cast<unsigned char>(folded[0]);
  const auto next = static_cast<unsigned char>(folded[1]);
  return (lead == 0xEA && next >= 0xB0) || lead == 0xEB || lead == 0xEC ||
         (lead == 0xED && next <= 0x9E);
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

struct Lexicon::Tables {
  // Owned storage when built here; the spans below point into it or into the caller's bytes.
  std::vector<std::uint64_t> owned;

  Header header;
  std::span<const Edge> edges;
  std::span<const std::uint64_t> single;
  std::span<const std::uint64_t> pair;
  std::span<const Lead> leads;
  std::span<const std::uint64_t> lead_filter;
  std::span<const std::uint64_t> prefixes;
  std::string_view bytes;

  [[nodiscard]] const Edge* follow(std::uint32_t node, std::uint64_t word) const {
    const std::uint64_t key = edge_key(node, word);
    const std::size_t mask = edges.size() - 1;
    for (std::size_t slot = key >> 20 & mask, probe = 0; probe < edges.size();
         slot = (slot + 1) & mask, ++probe) {
      if (edges[slot].key == key) return &edges[slot];
      if (edges[slot].key == 0) return nullptr;
    }
    return nullptr;
  }

  [[nodiscard]] bool has_prefix(std::uint64_t hash) const {
    const std::size_t mask = prefixes.size() - 1;
    for (std::size_t slot = hash >> 20 & mask, probe = 0; probe < prefixes.size();
         slot = (slot + 1) & mask, ++probe) {
      if (prefixes[slot] == hash) return true;
      if (prefixes[slot] == 0) return false;
    }
    return false;
  }

  // Hashes under which a token is to be tried: its own and those of its prefixes.
  struct Words {
    std::array<std::uint64_t, kPrefixPerTokenMax + 1> hashes;
    std::size_t count = 0;
  };
  void words_of(const ArticleText& text, std::uint32_t token, Words& words) const {
    words.count = 0;
    words.hashes[words.count++] = text.hashes()[token];
    if (header.lead_count == 0) return;
    const std::string_view folded = text.folded(token);
    const std::size_t lead = lead_size(folded);
    const std::uint64_t shorter = is_ascii(folded[0]) ? header.short_ascii : header.short_other;
    for (std::uint64_t left = shorter; left != 0; left &= left - 1) {
      const auto size = static_cast<std::size_t>(std::countr_zero(left));
      if (size > folded.size()) break;
      if (lengths_of(folded.substr(0, size)) != 0) add_prefix(folded, size, words);
    }
    if (folded.size() < lead) return;
    for (std::uint64_t left = lengths_of(folded.substr(0, lead)); left != 0; left &= left - 1) {
      const auto size = static_cast<std::size_t>(std::countr_zero(left));
      if (size > folded.size()) break;
      add_prefix(folded, size, words);
    }
  }

  [[nodiscard]] std::uint64_t lengths_of(std::string_view lead) const {
    const std::uint64_t key = lead_key(lead);
    const std::uint64_t hash = lead_hash(key);
    if (!has_lead_bit(lead_filter, hash)) return 0;
    const std::size_t mask = leads.size() - 1;
    for (std::size_t slot = lead_slot(hash) & mask, probe = 0; probe < leads.size();
         slot = (slot + 1) & mask, ++probe) {
      if (leads[slot].key == key) return leads[slot].lengths;
      if (leads[slot].key == 0) return 0;
    }
    return 0;
  }

  void add_prefix(std::string_view folded, std::size_t size, Words& words) const {
    if (size < folded.size() && is_continuation(folded[size])) return;
    const std::uint64_t hash = prefix_hash(folded.substr(0, size));
    if (has_prefix(hash) && words.count < words.hashes.size()) words.hashes[words.count++] = hash;
  }

  [[nodiscard]] bool attach(std::string_view from);

  void walk(const ArticleText& text, std::uint32_t begin, std::uint32_t at, std::uint32_t node,
            std::size_t depth, std::vector<PhraseHit>& hits) const;
};

bool Lexicon::Tables::attach(std::string_view from) {
  if (from.size() < sizeof(Header) || reinterpret_cast<std::uintptr_t>(from.data()) % 8 != 0) {
    return false;
  }
  std::memcpy(&header, from.data(), sizeof(Header));
  const auto power = [](std::uint64_t n) {
    return n > 0 && n < (1ULL << 32) && std::has_single_bit(n);
  };
  if (header.magic != kMagic || !power(header.edge_count) || !power(header.single_words) ||
      !power(header.pair_words) || !power(header.prefix_count) || !power(header.lead_words) ||
      (header.lead_count != 0 && !power(header.lead_count))) {
    return false;
  }
  const std::uint64_t need =
      sizeof(Header) + header.edge_count * sizeof(Edge) + header.lead_count * sizeof(Lead) +
      (header.lead_words + header.single_words + header.pair_words + header.prefix_count) * 8;
  if (from.size() < need) return false;
  bytes = from.substr(0, need);
  const char* at = from.data() + sizeof(Header);
  const auto take = [&]<typename T>(std::uint64_t count, std::span<const T>& out) {
    out = {reinterpret_cast<const T*>(at), count};
    at += count * sizeof(T);
  };
  take(header.edge_count, edges);
  take(header.single_words, single);
  take(header.pair_words, pair);
  take(header.lead_count, leads);
  take(header.lead_words, lead_filter);
  take(header.prefix_count, prefixes);
  return true;
}

void Lexicon::Tables::walk(const ArticleText& text, std::uint32_t begin, std::uint32_t at,
                           std::uint32_t node, std::size_t depth,
                           std::vector<PhraseHit>& hits) const {
  if (at >= text.token_count() || depth > LexiconBuilder::kPhraseWordMax) return;
  if (depth > 0) {
    if (at == text.headline_token_count()) return;
    const std::string_view gap = text.gap_before(at);
    const std::size_t newline = gap.find('\n');
    if (newline != std::string_view::npos &&
        gap.find('\n', newline + 1) != std::string_view::npos) {
      return;  // A blank line: two paragraphs.
    }
  }
  Words words;
  words_of(text, at, words);
  for (std::size_t i = 0; i < words.count; ++i) {
    const Edge* edge = follow(node, words.hashes[i]);
    if (edge == nullptr) continue;
    if (edge->phrase != kNoPhrase) hits.push_back({PhraseId(edge->phrase), begin, at + 1});
    if (edge->node == kLeaf) continue;
    walk(text, begin, at + 1, edge->node, depth + 1, hits);
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

void Lexicon::find(const ArticleText& text, std::vector<PhraseHit>& hits) const {
  hits.clear();
  const Tables& tables = *tables_;
  if (tables.header.phrase_count == 0) return;
  const std::span<const std::uint64_t> hashes = text.hashes();
  const auto count = static_cast<std::uint32_t>(hashes.size());
  const bool prefixes = tables.header.lead_count != 0;
  // The words of a token and of the one after it, which the next round reads again.
  Tables::Words words;
  Tables::Words next;
  if (prefixes && count > 0) tables.words_of(text, 0, next);
  for (std::uint32_t token = 0; token < count; ++token) {
    const std::uint64_t hash = hashes[token];
    const std::uint64_t following = token + 1 < count ? hashes[token + 1] : 0;
    bool candidate =
        in_filter(tables.single, hash) || in_filter(tables.pair, pair_key(hash, following));
    if (prefixes) {
      // A token with a prefix, or before one, is tried under the prefixes' hashes too.
      words = next;
      if (token + 1 < count) tables.words_of(text, token + 1, next);
      candidate = candidate || words.count > 1;
      for (std::size_t i = 1; i < next.count && !candidate && token + 1 < count; ++i) {
        candidate = in_filter(tables.pair, pair_key(hash, next.hashes[i]));
      }
    }
    if (!candidate) continue;
    if (!text.starts_word(token) && is_hangul(text.folded(token))) continue;
    const std::size_t first = hits.size();
    tables.walk(text, token, token, 0, 0, hits);
    // A word and its prefixes lead along several paths; each path is in order, their union is not.
    if (prefixes && hits.size() - first > 1) {
      std::sort(hits.begin() + static_cast<std::ptrdiff_t>(first), hits.end(),
                [](const PhraseHit& a, const PhraseHit& b) {
                  return a.token_end != b.token_end ? a.token_end < b.token_end
                                                    : a.phrase.value() < b.phrase.value();
                });
    }
  }
}

struct LexiconBuilder::Impl {
  struct Phrase {
    std::vector<std::uint64_t> words;
  };
  std::map<std::vector<std::uint64_t>, std::uint32_t> ids;
  std::vector<std::string> prefixes;
};

LexiconBuilder::LexiconBuilder() : impl_(std::make_unique<Impl>()) {}
LexiconBuilder::~LexiconBuilder() = default;

std::optional<PhraseId> LexiconBuilder::add(std::string_view phrase) {
  // Fold keeps '*' as a separator byte, so that the marks survive in the gaps.
  std::string folded;
  fold(phrase, folded);
  std::vector<std::uint64_t> words;
  std::vector<std::string> prefixes;
  std::size_t at = 0;
  const auto is_word = [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9');
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
        if (characters < 2 || word.size() >= 64) return std::nullopt;
        prefixes.emplace_back(word);
        words.push_back(prefix_hash(word));
      }
    } else {
      words.push_back(token_hash(word));
    }
    at = end;
  }
  if (words.empty() || words.size() > kPhraseWordMax) return std::nullopt;
  const auto next = static_cast<std::uint32_t>(impl_->ids.size());
  const auto [where, inserted] = impl_->ids.try_emplace(std::move(words), next);
  if (inserted) {
    impl_->prefixes.insert(impl_->prefixes.end(), prefixes.begin(), prefixes.end());
  }
  return PhraseId(where->second);
}

Lexicon LexiconBuilder::build() {
  // Nodes first: every distinct phrase prefix gets a number; edges carry them.
  struct Draft {
    std::uint32_t node;
    std::uint32_t phrase;
  };
  std::unordered_map<std::uint64_t, Draft> drafts;
  drafts.reserve(impl_->ids.size() * 2);
  std::uint32_t node_count = 1;
  std::size_t single_count = 0;
  std::size_t pair_count = 0;
  for (const auto& [words, id] : impl_->ids) {
    (words.size() == 1 ? single_count : pair_count) += 1;
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::uint64_t key = edge_key(node, words[i]);
      auto [where, inserted] = drafts.try_emplace(key, Draft{node_count, kNoPhrase});
      if (inserted) ++node_count;
      if (i + 1 == words.size()) where->second.phrase = id;
      node = where->second.node;
    }
  }
  std::sort(impl_->prefixes.begin(), impl_->prefixes.end());
  impl_->prefixes.erase(std::unique(impl_->prefixes.begin(), impl_->prefixes.end()),
                        impl_->prefixes.end());

  Header header;
  header.edge_count = std::bit_ceil(std::max<std::size_t>(drafts.size() * 2, 2));
  header.single_words = filter_words(single_count);
  header.pair_words = filter_words(pair_count);
  header.prefix_count = std::bit_ceil(std::max<std::size_t>(impl_->prefixes.size() * 2, 2));
  header.phrase_count = impl_->ids.size();
  std::vector<Edge> edges(header.edge_count);
  std::vector<std::uint64_t> single(header.single_words);
  std::vector<std::uint64_t> pair(header.pair_words);
  std::vector<std::uint64_t> prefixes(header.prefix_count);
  // What leads nowhere further needs no look-up of the next word.
  std::vector<bool> inner(node_count, false);
  for (const auto& [words, id] : impl_->ids) {
    std::uint32_t node = 0;
    for (const std::uint64_t word : words) {
      inner[node] = true;
      node = drafts.find(edge_key(node, word))->second.node;
    }
  }
  for (auto& [key, draft] : drafts) {
    if (!inner[draft.node]) draft.node = kLeaf;
  }
  // Sorted, so that equal phrases give equal bytes.
  std::vector<std::pair<std::uint64_t, Draft>> sorted(drafts.begin(), drafts.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, draft] : sorted) {
    std::size_t slot = key >> 20 & (edges.size() - 1);
    while (edges[slot].key != 0) slot = (slot + 1) & (edges.size() - 1);
    edges[slot] = {key, draft.node, draft.phrase};
  }
  for (const auto& [words, id] : impl_->ids) {
    if (words.size() == 1) {
      put_in_filter(single, words[0]);
    } else {
      put_in_filter(pair, pair_key(words[0], words[1]));
    }
  }
  std::map<std::uint64_t, std::uint64_t> lengths;  // By key of the lead.
  for (const std::string& prefix : impl_->prefixes) {
    const std::size_t size = std::min(prefix.size(), lead_size(prefix));
    if (prefix.size() < lead_size(prefix)) {
      (is_ascii(prefix[0]) ? header.short_ascii : header.short_other) |= std::uint64_t{1} << size;
    }
    lengths[lead_key(prefix.substr(0, size))] |= std::uint64_t{1} << prefix.size();
  }
  if (!lengths.empty()) header.lead_count = std::bit_ceil(lengths.size() * 2);
  header.lead_words = std::bit_ceil(lengths.size() * 32 / 64 + 1);
  std::vector<Lead> leads(header.lead_count);
  std::vector<std::uint64_t> lead_filter(header.lead_words);
  for (const auto& [key, mask] : lengths) {
    const std::uint64_t hash = lead_hash(key);
    lead_filter[hash >> 38 & (lead_filter.size() - 1)] |= std::uint64_t{1} << (hash >> 32 & 63);
    std::size_t slot = lead_slot(hash) & (leads.size() - 1);
    while (leads[slot].key != 0) slot = (slot + 1) & (leads.size() - 1);
    leads[slot] = {key, mask};
  }
  for (const std::string& prefix : impl_->prefixes) {
    const std::uint64_t hash = prefix_hash(prefix);
    std::size_t slot = hash >> 20 & (prefixes.size() - 1);
    while (prefixes[slot] != 0) slot = (slot + 1) & (prefixes.size() - 1);
    prefixes[slot] = hash;
  }

  auto tables = std::make_unique<Lexicon::Tables>();
  const std::size_t words_needed = (sizeof(Header) + edges.size() * sizeof(Edge)) / 8 +
                                   single.size() + pair.size() + leads.size() * sizeof(Lead) / 8 +
                                   lead_filter.size() + prefixes.size();
  tables->owned.resize(words_needed);
  auto* at = reinterpret_cast<char*>(tables->owned.data());
  const auto put = [&](const void* from, std::size_t size) {
    std::memcpy(at, from, size);
    at += size;
  };
  put(&header, sizeof(Header));
  put(edges.data(), edges.size() * sizeof(Edge));
  put(single.data(), single.size() * 8);
  put(pair.data(), pair.size() * 8);
  put(leads.data(), leads.size() * sizeof(Lead));
  put(lead_filter.data(), lead_filter.size() * 8);
  put(prefixes.data(), prefixes.size() * 8);
  const bool attached = tables->attach(
      {reinterpret_cast<const char*>(tables->owned.data()), tables->owned.size() * 8});
  WIREWATCH_CHECK(attached);
  impl_ = std::make_unique<Impl>();
  Lexicon lexicon{nullptr};
  lexicon.tables_ = std::move(tables);
  return lexicon;
}

}  // namespace wirewatch
