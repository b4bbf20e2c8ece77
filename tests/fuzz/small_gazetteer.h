// A gazetteer of a few lines, compiled anew with each layout.

#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/gazetteer/gazetteer.h"
#include "common/gazetteer/gazetteer_compiler.h"

namespace wirewatch {

inline std::string small_gazetteer_bytes() {
  auto bytes = compile_gazetteer(
      "#wirewatch-gazetteer\t1\ten,de,ar\n"
      "FR\tcountry\tFR\t\t46\t2\t60000000\t3017382\tFrance\t*!c=France;de!c=Frankreich\n"
      "KP\tcountry\tKP\t\t40\t127\t25000000\t1873107\tNorth Korea\t*!c=North Korea\n"
      "US\tcountry\tUS\t\t39.76\t-98.5\t300000000\t6252001\tUnited States\t*!c=United States\n"
      "gn1\tcapital\tFR\tFR-IDF\t48.85\t2.35\t2000000\t2988507\tParis\t*!cg=Paris;ar=باريس\n"
      "gn2\tcity\tUS\tUS-TX\t33.66\t-95.56\t24782\t4717560\tParis\t*!cg=Paris\n"
      "gn3\tcapital\tKP\tKP-01\t39.03\t125.75\t3000000\t1871859\tPyongyang\t*!cg=Pyongyang\n"
      "role.block\trole-block\t\t\t\t\t\t\tblock\ten!c=Paris Hilton\n"
      "source.FR\tsource\t\t\t\t\t\t\tFR\tlemonde.fr|le monde\n",
      "small.tsv");
  if (!bytes) std::abort();
  return std::move(*bytes);
}

// The bytes, aligned as a mapped file is.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::string_view bytes)
      : words_(bytes.size() / sizeof(std::uint64_t) + 1), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  [[nodiscard]] std::span<const std::byte> span() const {
    return {reinterpret_cast<const std::byte*>(words_.data()), size_};
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

inline Gazetteer small_gazetteer() {
  const auto bytes = std::make_shared<const AlignedBytes>(small_gazetteer_bytes());
  auto gazetteer = Gazetteer::from_bytes(bytes->span(), bytes);
  if (!gazetteer) std::abort();
  return std::move(*gazetteer);
}

}  // namespace wirewatch
