// Vectors of English words: words of like meaning have like vectors. They tell training what it
// cannot see in a newsroom's few hundred articles: that "quarterback" is to "touchdown" what
// "goalkeeper" is to "penalty".
//
// Made by make_word_vectors.py from the GloVe vectors of Pennington, Socher & Manning (2014), which
// know beside which words a word stands, and from a sentence encoder, which knows what it says of a
// text. The file, little-endian: "WWVECTR\n", the version, the number of words, the number of
// dimensions and the bytes of the words (four bytes each); the words, each with a line feed, in
// falling order of frequency; then for each word its components, one signed byte each, in a unit
// that does not matter.
//
// Threads: const calls from any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace wirewatch::topic_tools {

class WordVectors {
 public:
  // The reason in words when the file cannot be read or is damaged.
  [[nodiscard]] static std::expected<WordVectors, std::string> read(
      const std::filesystem::path& path);

  // Those that belong to the program: ../share/wirewatch/data/topic/data from where it lies.
  [[nodiscard]] static std::expected<WordVectors, std::string> read_beside_program();

  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
  // Folded, the most frequent word first.
  [[nodiscard]] const std::string& word(std::size_t index) const { return words_[index]; }
  // Of length 1.
  [[nodiscard]] std::span<const float> vector(std::size_t index) const {
    return std::span(components_).subspan(index * dimensions_, dimensions_);
  }
  // The word with this token hash; size() when there is none.
  [[nodiscard]] std::size_t find(std::uint64_t token_hash) const;

  static constexpr std::uint32_t kVersion = 1;

 private:
  WordVectors() = default;

  std::size_t dimensions_ = 0;
  std::vector<std::string> words_;
  std::vector<float> components_;
  std::unordered_map<std::uint64_t, std::size_t> index_of_;
};

}  // namespace wirewatch::topic_tools
