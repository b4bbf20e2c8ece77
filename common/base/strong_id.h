// Identifiers that cannot be mistaken for one another or for a count.
//
//   using PhraseId = StrongId<struct PhraseIdTag>;
//   PhraseId id{7};
//   table[id.value()];

#pragma once

#include <compare>
#include <cstdint>

namespace wirewatch {

template <typename Tag, typename Value = std::uint32_t>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Value value) : value_(value) {}

  [[nodiscard]] constexpr Value value() const { return value_; }

  friend constexpr bool operator==(StrongId, StrongId) = default;
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Value value_{};
};

}  // namespace wirewatch
