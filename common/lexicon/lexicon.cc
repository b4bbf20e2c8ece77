#include "common/lexicon/lexicon.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "common/lexicon/lexicon_tables.h"

namespace wirewatch {

namespace lexicon_internal {

bool Tables::attach(std::string_view from) {
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

}  // namespace lexicon_internal

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
  auto tables = std::make_unique<lexicon_internal::Tables>();
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
  lexicon_internal::find_phrases(*tables_, text, selection, hits);
}

}  // namespace wirewatch
