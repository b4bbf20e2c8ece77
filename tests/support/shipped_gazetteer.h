// The gazetteer that the build has compiled, as the services use it.

#pragma once

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/gazetteer/gazetteer.h"

namespace wirewatch {

// Copies the bytes to aligned memory that the gazetteer keeps. Throws where they are no gazetteer.
inline Gazetteer gazetteer_of(std::string_view bytes) {
  const auto held = std::make_shared<std::vector<std::uint64_t>>(bytes.size() / 8 + 1);
  std::memcpy(held->data(), bytes.data(), bytes.size());
  auto gazetteer =
      Gazetteer::from_bytes({reinterpret_cast<const std::byte*>(held->data()), bytes.size()}, held);
  if (!gazetteer) throw std::runtime_error(gazetteer.error());
  return std::move(*gazetteer);
}

inline const Gazetteer& shipped_gazetteer() {
  static const Gazetteer kInstance = [] {
    std::ifstream file(WIREWATCH_BINARY_DIR "/share/wirewatch/data/gazetteer/gazetteer.bin",
                       std::ios::binary);
    file.seekg(0, std::ios::end);
    std::string bytes(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)), '\0');
    file.seekg(0);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return gazetteer_of(bytes);
  }();
  return kInstance;
}

}  // namespace wirewatch
