// Finds equal things among those that the caller keeps in a row, by their hashes.
//
//   IndexTable table;
//   const auto [index, added] = table.find_or_add(hash_bytes(name), names.size(),
//                                                 [&](auto i) { return names[i] == name; });
//   if (added) names.push_back(name);
//
// The table holds numbers and no keys: 8 bytes a slot, at most 3/4 of which are taken. Open
// addressing with linear probing; nothing can be removed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace wirewatch {

class IndexTable {
 public:
  // The index added with this hash for which `same(index)` holds. Nothing is added.
  template <typename Same>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, const Same& same) const {
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[place_of(tag_of(hash), same)];
    return slot.index == kFree ? std::nullopt : std::optional(slot.index);
  }

  // The same, or `next` and true when there is none: it has been added then. At most 2^32 - 1
  // indexes; equal things must have equal hashes.
  template <typename Same>
  std::pair<std::uint32_t, bool> find_or_add(std::uint64_t hash, std::size_t next,
                                             const Same& same) {
    if (count_ * 4 >= slots_.size() * 3) grow();
    const std::uint32_t tag = tag_of(hash);
    Slot& slot = slots_[place_of(tag, same)];
    if (slot.index != kFree) return {slot.index, false};
    slot = {tag, static_cast<std::uint32_t>(next)};
    ++count_;
    return {slot.index, true};
  }

  [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  static constexpr std::size_t kLeast = 16;

  struct Slot {
    std::uint32_t tag = 0;  // Of the hash, for growing and against comparing what differs.
    std::uint32_t index = kFree;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  // Of the equal one, or of the free slot in which it would be.
  template <typename Same>
  [[nodiscard]] std::size_t place_of(std::uint32_t tag, const Same& same) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = tag & mask;
    while (slots_[at].index != kFree && !(slots_[at].tag == tag && same(slots_[at].index))) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kLeast : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.index == kFree) continue;
      slots_[place_of(slot.tag, [](std::uint32_t) { return false; })] = slot;
    }
  }

  std::vector<Slot> slots_;  // A power of two.
  std::size_t count_ = 0;
};

}  // namespace wirewatch
