#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <span>
#include <unordered_map>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/utf8.h"
#include "common/lexicon/lexicon.h"
#include "common/lexicon/lexicon_tables.h"

namespace wirewatch {

using namespace lexicon_internal;

namespace {

// The groups of a phrase: under kPlain those in which it needs no capital. Of the phrases that have
// a prefix: as first word under kPlain and kAny, as later word under kLater.
using UseGroups = std::array<std::uint64_t, kLeadUseCount>;

// The lead of a prefix, and whether it is a short one.
std::pair<std::uint64_t, bool> lead_of(std::string_view prefix) {
  char padded[8] = {};
  std::memcpy(padded, prefix.data(), std::min<std::size_t>(prefix.size(), 8));
  const bool ascii = is_ascii(prefix[0]);
  const bool brief = prefix.size() < lead_size(ascii);
  return {keep_bytes(load8(padded), brief ? short_lead_size(ascii) : lead_size(ascii)), brief};
}

// Of a prefix shorter than a lead. With two bytes alone it may go on with any third one.
void add_short_lead(std::string_view prefix, ShortLeads& leads) {
  std::array<unsigned char, 3> bytes{};
  std::memcpy(bytes.data(), prefix.data(), std::min(prefix.size(), bytes.size()));
  const std::uint32_t third_end = prefix.size() < bytes.size() ? 32 : bytes[2] + 1U;
  for (std::uint32_t third = bytes[2]; third < third_end; ++third) {
    std::uint32_t word = 0;
    std::uint32_t bit = 0;
    short_lead_place(bytes[0] | std::uint32_t{bytes[1]} << 8 | third << 16, word, bit);
    leads[word] |= 1U << bit;
  }
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
      const std::size_t characters = count_code_points(word);
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
        add_short_lead(prefix, group.short_leads[use]);
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
  auto tables = std::make_unique<Tables>();
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
