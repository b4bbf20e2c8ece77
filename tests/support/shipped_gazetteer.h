// The gazetteer that the build has compiled, as the services use it.

#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/table_memory.h"
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

// Reads it as the services do, which the quality report times.
inline const Gazetteer& shipped_gazetteer() {
  static const Gazetteer kInstance = [] {
    const std::filesystem::path path =
        WIREWATCH_BINARY_DIR "/share/wirewatch/data/gazetteer/gazetteer.bin";
    const auto memory = std::make_shared<TableMemory>(std::filesystem::file_size(path));
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(memory->bytes().data()),
              static_cast<std::streamsize>(memory->bytes().size()));
    auto gazetteer = Gazetteer::from_bytes(memory->bytes(), memory);
    if (!file || !gazetteer) throw std::runtime_error("cannot load " + path.string());
    return std::move(*gazetteer);
  }();
  return kInstance;
}

}  // namespace wirewatch
