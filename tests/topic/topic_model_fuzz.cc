// Any bytes as a model file: refused, or safe to score with.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "common/base/hash.h"
#include "common/topic/topic_model.h"
#include "common/topic/topic_model_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using wirewatch::TopicModel;
  using wirewatch::topic_model_format::Header;
  std::vector<std::uint64_t> aligned(size / sizeof(std::uint64_t) + 1);
  if (size > 0) std::memcpy(aligned.data(), data, size);
  char* bytes = reinterpret_cast<char*>(aligned.data());
  if (size >= sizeof(Header)) {
    // Checksum and size are made right, so that the checks behind them are reached.
    Header header;
    std::memcpy(&header, bytes, sizeof header);
    header.file_bytes = size;
    header.checksum = wirewatch::hash_bytes({bytes + sizeof header, size - sizeof header});
    std::memcpy(bytes, &header, sizeof header);
  }
  const auto model = TopicModel::from_bytes({reinterpret_cast<const std::byte*>(bytes), size});
  if (!model) return 0;
  wirewatch::TopicScratch scratch;
  model->begin(scratch);
  std::vector<std::uint64_t> features;
  for (std::uint64_t number = 0; number < 4096; ++number) {
    features.push_back(number * 0x9E3779B97F4A7C15ULL);
  }
  model->add(features, 1, scratch);
  model->finish(scratch);
  for (std::size_t index = 0; index < model->classes().size(); ++index) {
    (void)model->confidence(index, scratch.scores[index]);
  }
  return 0;
}
