// The layout of a model file. Internal to the model and to the program that writes it.
//
// Little-endian. Sections follow one another, each at a multiple of 64 bytes:
//   header | classes | strings | buckets | rows
// The high bits of a feature's hash say its bucket, which is one cache line: the number of rows
// before it, and for each of its own rows, in order, some other bits of the feature's hash. So one
// look tells whether a feature has a row and which, and refuses nearly all features that training
// did not see. A row is [length][weight of class 0][weight of class 1]…, padded to a multiple of 32
// bytes; with at most 63 classes it is one cache line.

#pragma once

#include <array>
#include <cstdint>

#include "common/topic/topic_model.h"

namespace wirewatch::topic_model_format {

inline constexpr std::array<char, 8> kMagic = {'W', 'W', 'T', 'O', 'P', 'I', 'C', '\n'};
inline constexpr std::uint32_t kAlignment = 64;
inline constexpr std::uint32_t kRowPadding = 32;
inline constexpr std::uint32_t kRowHead = 1;  // The length.
inline constexpr std::uint32_t kBucketSlots = 30;
inline constexpr std::uint32_t kBucketBitsMin = 1;
inline constexpr std::uint32_t kBucketBitsMax = 20;

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t format_version = TopicModel::kFormatVersion;
  std::uint32_t kind = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t checksum = 0;  // hash_bytes of everything after the header.
  std::uint32_t class_count = 0;
  std::uint32_t string_bytes = 0;
  std::uint32_t bucket_bits = 0;
  std::uint32_t row_bytes = 0;
  std::uint32_t row_count = 0;
  std::uint32_t pairs = 0;
  std::uint32_t stems = 0;
  std::uint32_t token_max = 0;
  std::uint32_t exclusive = 0;
  std::uint32_t headline_count = 1;
  float length_unit = 1;
  float length_floor = 0;
  std::uint32_t scheme_begin = 0;  // In the strings.
  std::uint32_t scheme_size = 0;
  std::uint32_t whole_text = 0;
  std::array<std::uint32_t, 9> unused{};
};
static_assert(sizeof(Header) == 128);

// A slot holds a fingerprint, never 0, and what is known of a word's pairs; all of it is 0 where
// there is no row. Slots in use come first.
struct Bucket {
  std::uint32_t rank = 0;  // Rows before the bucket.
  std::array<std::uint16_t, kBucketSlots> slots{};
};
static_assert(sizeof(Bucket) == 64);

inline constexpr std::uint16_t kBeginsPair = 1;  // Some pair with a row begins with this word.
inline constexpr std::uint16_t kEndsPair = 2;    // Some pair with a row ends with it.
inline constexpr std::uint16_t kFingerprint = 0xFFFC;

struct Class {
  std::uint32_t id_begin = 0;  // In the strings.
  std::uint32_t id_size = 0;
  std::int32_t parent = -1;
  std::uint32_t level = 1;
  float scale = 1;
  float bias = 0;
  float slope = 1;
  float offset = 0;
  float threshold = 0;
  float short_slope = 0;
  float short_offset = 0;
  std::array<std::uint32_t, 5> unused{};
};
static_assert(sizeof(Class) == 64);

[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

// Which part of a feature's hash is kept in its slot, to refuse other features of the bucket.
[[nodiscard]] constexpr std::uint16_t fingerprint(std::uint64_t feature) {
  const auto bits = static_cast<std::uint16_t>(feature & kFingerprint);
  return bits == 0 ? std::uint16_t{4} : bits;
}

// How many times a feature counts that occurs `count` times: 4 · (1 + ln count), rounded.
inline constexpr std::array<std::uint8_t, TopicModel::kCountMax + 1> kUnits = {
    0, 4, 7, 8, 10, 10, 11, 12, 12, 13, 13, 14, 14, 14, 15, 15};
inline constexpr float kUnitsPerCount = 4;

}  // namespace wirewatch::topic_model_format
