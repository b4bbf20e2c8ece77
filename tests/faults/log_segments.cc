#include "tests/faults/log_segments.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

namespace wirewatch::faults {

namespace {

constexpr std::size_t kHeaderBytes = 61;
constexpr std::int64_t kTransactional = 0x10;
constexpr std::int64_t kControl = 0x20;

std::int64_t integer(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

// Steps over a variable-length integer.
std::size_t skip_varint(std::string_view bytes, std::size_t at) {
  while (at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0x80) != 0) ++at;
  return at + 1;
}

// The type in a control record's key: 0 aborts, 1 commits.
std::int64_t control_type(std::string_view batch) {
  std::size_t at = skip_varint(batch, kHeaderBytes) + 1;  // Length, attributes.
  at = skip_varint(batch, skip_varint(batch, at));        // Timestamp, offset.
  at = skip_varint(batch, at);                            // Length of the key.
  return at + 4 <= batch.size() ? integer(batch, at + 2, 2) : -1;
}

}  // namespace

TransactionLog transactions_of(std::string_view segments) {
  TransactionLog log;
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::int64_t>>> open;  // By producer.
  while (segments.size() >= kHeaderBytes) {
    const auto size = static_cast<std::uint64_t>(integer(segments, 8, 4)) + 12;
    if (size < kHeaderBytes || size > segments.size()) break;
    const std::string_view batch = segments.substr(0, size);
    segments.remove_prefix(size);
    const std::int64_t base = integer(batch, 0, 8);
    const std::int64_t attributes = integer(batch, 21, 2);
    const std::int64_t last = base + integer(batch, 23, 4);
    const std::int64_t producer = integer(batch, 43, 8);
    if ((attributes & kTransactional) == 0) continue;
    if ((attributes & kControl) == 0) {
      open[producer].emplace_back(base, last);
      continue;
    }
    const std::int64_t type = control_type(batch);
    if (type == 0) {
      ++log.aborts;
      for (const auto& [first, final] : open[producer]) {
        for (std::int64_t offset = first; offset <= final; ++offset) log.aborted.insert(offset);
      }
    } else if (type == 1) {
      ++log.commits;
    } else {
      continue;
    }
    open.erase(producer);
  }
  return log;
}

TransactionLog read_partition(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::stringstream bytes;
  for (const auto& file : files) bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return transactions_of(bytes.str());
}

}  // namespace wirewatch::faults
