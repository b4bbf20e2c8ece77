// Eight numbers that are computed at once, by the vector extension of GCC and Clang.
//
// Internal to common/region. A comparison gives a mask (-1 or 0) in Ints; `mask ? a : b` chooses by
// lane. Each lane's result is that of the same operations on one float.

#pragma once

#include <cstddef>
#include <cstdint>

namespace wirewatch {

inline constexpr std::size_t kLanes = 8;

using FloatLanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using IntLanes [[gnu::vector_size(kLanes * sizeof(std::int32_t))]] = std::int32_t;

}  // namespace wirewatch
