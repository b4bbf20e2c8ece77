#include "common/topic/tools/word_vectors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "common/text/article_text.h"

namespace wirewatch::topic_tools {

namespace {

constexpr std::string_view kMagic = "WWVECTR\n";

struct Header {
  std::uint32_t version = 0;
  std::uint32_t count = 0;
  std::uint32_t dimensions = 0;
  std::uint32_t word_bytes = 0;
};
static_assert(sizeof(Header) == 16);

}  // namespace

std::expected<WordVectors, std::string> WordVectors::read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected("cannot open " + path.string());
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(path.string() + ": " + std::string(why));
  };
  Header header;
  constexpr std::size_t kHead = kMagic.size() + sizeof header;
  if (bytes.size() < kHead || !bytes.starts_with(kMagic)) return refuse("no word vectors");
  std::memcpy(&header, bytes.data() + kMagic.size(), sizeof header);
  if (header.version != kVersion) return refuse("another version of the format");
  const std::uint64_t component_bytes = std::uint64_t{header.count} * header.dimensions;
  if (header.dimensions == 0 || kHead + header.word_bytes + component_bytes != bytes.size()) {
    return refuse("the file is damaged");
  }

  WordVectors vectors;
  vectors.dimensions_ = header.dimensions;
  const std::string_view words = std::string_view(bytes).substr(kHead, header.word_bytes);
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find('\n', at), words.size());
    vectors.index_of_.try_emplace(token_hash(words.substr(at, end - at)), vectors.words_.size());
    vectors.words_.emplace_back(words.substr(at, end - at));
    at = end + 1;
  }
  if (vectors.words_.size() != header.count) return refuse("the number of words is wrong");
  const char* at = bytes.data() + kHead + header.word_bytes;
  for (std::size_t word = 0; word < header.count; ++word) {
    float square = 0;
    for (std::size_t index = 0; index < header.dimensions; ++index) {
      const float component = static_cast<float>(static_cast<std::int8_t>(*at++));
      vectors.components_.push_back(component);
      square += component * component;
    }
    const float length = std::sqrt(std::max(square, 1e-12F));
    for (std::size_t back = 1; back <= header.dimensions; ++back) {
      vectors.components_[vectors.components_.size() - back] /= length;
    }
  }
  return vectors;
}

std::expected<WordVectors, std::string> WordVectors::read_beside_program() {
  std::error_code code;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", code);
  return read(program.parent_path().parent_path() / "share/wirewatch/data/topic/data" /
              "word_vectors.bin");
}

std::size_t WordVectors::find(std::uint64_t token_hash) const {
  const auto found = index_of_.find(token_hash);
  return found == index_of_.end() ? words_.size() : found->second;
}

}  // namespace wirewatch::topic_tools
