// How sets are put together: of one compiled layer, or of an older one and what has changed since.

#include <algorithm>
#include <bit>
#include <utility>

#include "common/base/hash.h"
#include "common/base/hexadecimal.h"
#include "common/profile/profile.h"
#include "common/profile/profile_compiler.h"
#include "common/profile/profile_evaluator.h"
#include "common/profile/profile_tables.h"

namespace wirewatch {

namespace {

using namespace profile_internal;
using Errors = std::vector<ProfileError>;
using Place = ProfileSet::Data::Place;

// Fewer profiles are compiled anew in milliseconds.
constexpr std::size_t kLayeredMin = 4096;
// A second layer has at most this part of the profiles, and so many may be left over in the first.
constexpr std::size_t kLayeredPart = 20;
constexpr std::uint32_t kSecondLayer = 1;

// Hash of all that the source says but to people, and of the examples.
std::uint64_t content_of(const ProfileSource& source) {
  std::uint64_t hash = hash_combine(static_cast<std::uint64_t>(source.level), source.cooldown_s);
  const auto add = [&hash](std::string_view text) { hash = hash_bytes(text, hash); };
  const auto add_number = [&hash](auto number) {
    hash = hash_combine(hash, std::bit_cast<std::uint64_t>(static_cast<double>(number)));
  };
  add(source.id);
  add(source.title);
  add(source.destination);
  add(source.query.text);
  add_number(source.threshold);
  for (const ProfileText& exclusion : source.exclude) add(exclusion.text);
  add_number(source.exclude.size());
  for (const ProfileExpression& expression : source.expressions) {
    add(expression.name);
    add(expression.query.text);
  }
  add_number(source.expressions.size());
  for (const ProfileTermList& list : source.term_lists) {
    add(list.name);
    add_number(list.weighted ? list.threshold : 0);
    add_number(list.occurrence_max);
    for (const ProfileTerm& term : list.terms) {
      add(term.text.text);
      add(term.language);
      add(term.listed);
      add_number(term.weight);
    }
    add_number(list.terms.size());
  }
  for (const ProfileExample& example : source.examples) {
    add_number(example.must_match);
    add(example.headline);
    add(example.body);
    add(example.language);
  }
  return hash;
}

// The version, the table of ids and what the layers say of their profiles. False when an id is
// there twice.
bool finish(ProfileSet::Data& data) {
  std::uint64_t hash = 0;
  for (std::uint32_t i = 0; i < data.profiles.size(); ++i) {
    Profile& profile = data.profiles[i];
    hash = hash_combine(hash, hash_bytes(profile.version.text()));
    const auto [layer, index] = data.place(i);
    profile.anchored = data.layers[layer].compiled->roots[index].anchor != kNone;
    const auto is_same = [&](std::uint32_t other) { return data.profiles[other].id == profile.id; };
    if (!data.by_id.find_or_add(hash_bytes(profile.id), i, is_same).second) return false;
  }
  data.version = ProfileVersion{hexadecimal(hash)}.text();
  return true;
}

// Of every source the place of its profile in the first layer of `before`; kSecondLayer where it is
// not there or differs.
std::vector<Place> reused_places(std::span<const ProfileSource> sources,
                                 std::span<const std::uint64_t> contents,
                                 const ProfileSet& before) {
  const ProfileSet::Data& old = before.data();
  std::vector<Place> places(sources.size(), {kSecondLayer, 0});
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto known = before.find(sources[i].id);
    if (!known || old.contents[known->value()] != contents[i]) continue;
    const Place place = old.place(known->value());
    if (place.layer != kSecondLayer) places[i] = place;
  }
  return places;
}

std::vector<std::uint64_t> contents_of(std::span<const ProfileSource> sources) {
  std::vector<std::uint64_t> contents;
  contents.reserve(sources.size());
  for (const ProfileSource& source : sources) contents.push_back(content_of(source));
  return contents;
}

std::expected<ProfileSet, Errors> compile_whole(
    std::span<const ProfileSource> sources, std::vector<std::uint64_t> contents,
    std::shared_ptr<const WordFrequencies> frequencies) {
  std::vector<const ProfileSource*> pointers;
  pointers.reserve(sources.size());
  for (const ProfileSource& source : sources) pointers.push_back(&source);
  auto data = std::make_unique<ProfileSet::Data>();
  data->profiles.reserve(sources.size());
  auto compiled = Compiler(frequencies.get()).compile(pointers, data->profiles);
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  data->layers.push_back({std::move(*compiled), {}});
  data->contents = std::move(contents);
  data->frequencies = std::move(frequencies);
  static_cast<void>(finish(*data));  // The compiler has refused what is there twice.
  return ProfileSet(std::move(data));
}

// Null when an id is there twice, of which the compilation of the whole tells more.
std::expected<std::unique_ptr<ProfileSet::Data>, Errors> compile_changes(
    std::span<const ProfileSource> sources, std::vector<std::uint64_t> contents,
    std::vector<Place> places, const ProfileSet& before) {
  const ProfileSet::Data& old = before.data();
  std::vector<const ProfileSource*> changed;
  std::vector<std::uint32_t> changed_positions;
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    if (places[i].layer != kSecondLayer) continue;
    places[i].profile = static_cast<std::uint32_t>(changed.size());
    changed.push_back(&sources[i]);
    changed_positions.push_back(i);
  }
  std::vector<Profile> profiles;
  auto compiled = Compiler(old.frequencies.get()).compile(changed, profiles);
  if (!compiled) return std::unexpected(std::move(compiled.error()));

  auto data = std::make_unique<ProfileSet::Data>();
  const auto& first = old.layers[0].compiled;
  data->layers.push_back({first, std::vector<std::uint32_t>(first->roots.size(), kNone)});
  data->layers.push_back({std::move(*compiled), std::move(changed_positions)});
  data->profiles.reserve(sources.size());
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    const auto [layer, index] = places[i];
    if (layer == kSecondLayer) {
      data->profiles.push_back(std::move(profiles[index]));
      continue;
    }
    data->layers[0].positions[index] = i;
    data->profiles.push_back(old.profiles[old.layers[0].position(index)]);
  }
  data->contents = std::move(contents);
  data->places = std::move(places);
  data->frequencies = old.frequencies;
  if (!finish(*data)) return nullptr;
  return data;
}

template <typename Value>
std::size_t bytes_of(const std::vector<Value>& values) {
  return values.capacity() * sizeof(Value);
}

template <typename Value>
std::size_t bytes_of(const Rows<Value>& rows) {
  return bytes_of(rows.begins) + bytes_of(rows.values);
}

std::size_t bytes_of(const ProfileSet::Compiled& c) {
  std::size_t bytes = sizeof(ProfileSet::Compiled) + c.lexicon.memory_bytes() + bytes_of(c.nodes) +
                      bytes_of(c.children) + bytes_of(c.terms) + bytes_of(c.predicates) +
                      bytes_of(c.weighted) + bytes_of(c.weights) + bytes_of(c.roots) +
                      bytes_of(c.feature_postings) + bytes_of(c.about_postings) +
                      bytes_of(c.mention_postings) + bytes_of(c.topic_postings) +
                      bytes_of(c.group_profiles) + bytes_of(c.wide) + bytes_of(c.wide_positions) +
                      bytes_of(c.names) + bytes_of(c.unanchored) + c.pattern_index.memory_bytes() +
                      bytes_of(c.country_sets) + c.texts.capacity();
  for (const WordPattern& pattern : c.patterns) bytes += pattern.memory_bytes();
  for (const auto& set : c.exclusions)
    bytes += bytes_of(set) + sizeof(decltype(c.exclusions)::value_type);
  return bytes;
}

// Of a text, beside the object itself.
std::size_t bytes_of(const std::string& text) {
  const std::size_t within = std::string().capacity();
  return text.capacity() > within ? text.capacity() + 1 : 0;
}

}  // namespace

ProfileSet::ProfileSet() {
  *this = std::move(compile({}).value());
}
ProfileSet::ProfileSet(std::unique_ptr<const Data> data) : data_(std::move(data)) {}
ProfileSet::~ProfileSet() = default;
ProfileSet::ProfileSet(ProfileSet&&) noexcept = default;
ProfileSet& ProfileSet::operator=(ProfileSet&&) noexcept = default;

std::expected<ProfileSet, Errors> ProfileSet::compile(
    std::span<const ProfileSource> sources, std::shared_ptr<const WordFrequencies> frequencies) {
  return compile_whole(sources, contents_of(sources), std::move(frequencies));
}

std::expected<ProfileSet, Errors> ProfileSet::compile(std::span<const ProfileSource> sources,
                                                      const ProfileSet& before) {
  if (sources.size() < kLayeredMin) return compile(sources, before.data().frequencies);
  std::vector<std::uint64_t> contents = contents_of(sources);
  std::vector<Place> places = reused_places(sources, contents, before);
  const auto changed = static_cast<std::size_t>(std::count_if(
      places.begin(), places.end(), [](Place place) { return place.layer == kSecondLayer; }));
  const std::size_t reused = sources.size() - changed;
  const std::size_t left_over = before.data().layers[0].compiled->roots.size() - reused;
  const std::size_t most = sources.size() / kLayeredPart;
  if (changed <= most && left_over <= most) {
    auto data = compile_changes(sources, contents, std::move(places), before);
    if (!data) return std::unexpected(std::move(data.error()));
    if (*data != nullptr) return ProfileSet(std::move(*data));
  }
  return compile_whole(sources, std::move(contents), before.data().frequencies);
}

std::span<const Profile> ProfileSet::profiles() const {
  return data_->profiles;
}

std::optional<ProfileIndex> ProfileSet::find(std::string_view id) const {
  const auto index = data_->by_id.find(
      hash_bytes(id), [&](std::uint32_t other) { return data_->profiles[other].id == id; });
  return index ? std::optional(ProfileIndex(*index)) : std::nullopt;
}

std::vector<ProfileIndex> ProfileSet::changed_since(const ProfileSet& before) const {
  std::vector<ProfileIndex> changed;
  for (std::uint32_t i = 0; i < data_->profiles.size(); ++i) {
    const auto known = before.find(data_->profiles[i].id);
    if (!known || before.data_->contents[known->value()] != data_->contents[i])
      changed.emplace_back(i);
  }
  return changed;
}

bool ProfileSet::is_layered() const {
  return data_->layers.size() > 1;
}

std::shared_ptr<const WordFrequencies> ProfileSet::frequencies() const {
  return data_->frequencies;
}

std::string ProfileSet::version() const {
  return data_->version;
}

std::size_t ProfileSet::phrase_count() const {
  std::size_t count = 0;
  for (const Data::Layer& layer : data_->layers) count += layer.compiled->phrase_count;
  return count;
}

std::size_t ProfileSet::node_count() const {
  std::size_t count = 0;
  for (const Data::Layer& layer : data_->layers) count += layer.compiled->nodes.size();
  return count;
}

std::size_t ProfileSet::memory_bytes() const {
  std::size_t bytes = sizeof(Data) + bytes_of(data_->profiles) + bytes_of(data_->contents) +
                      bytes_of(data_->places) + data_->by_id.memory_bytes();
  for (const Data::Layer& layer : data_->layers)
    bytes += bytes_of(*layer.compiled) + bytes_of(layer.positions);
  for (const Profile& profile : data_->profiles) {
    bytes += bytes_of(profile.id) + bytes_of(profile.title) + bytes_of(profile.destination);
  }
  return bytes;
}

ProfileScratch::ProfileScratch() {
  for (auto& buffers : buffers_) buffers = std::make_unique<Buffers>();
}
ProfileScratch::~ProfileScratch() = default;
ProfileScratch::ProfileScratch(ProfileScratch&&) noexcept = default;
ProfileScratch& ProfileScratch::operator=(ProfileScratch&&) noexcept = default;

}  // namespace wirewatch
