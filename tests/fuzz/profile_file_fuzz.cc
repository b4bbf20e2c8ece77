// A profile's file, and a shared one: any bytes are read and compiled, or have errors with a place.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/check.h"
#include "common/profile_store/profile_toml.h"

namespace {

void check_errors(const std::vector<wirewatch::ProfileError>& errors) {
  WIREWATCH_CHECK(!errors.empty());
  for (const wirewatch::ProfileError& error : errors) WIREWATCH_CHECK(!to_text(error).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto library = wirewatch::parse_profile_library(text, "_shared.toml");
  if (!library) check_errors(library.error());
  const auto source = wirewatch::parse_profile(text, "fuzz", "fuzz.toml",
                                               library ? *library : wirewatch::ProfileLibrary());
  if (!source) {
    check_errors(source.error());
    return 0;
  }
  const auto set = wirewatch::ProfileSet::compile({&*source, 1});
  if (!set) check_errors(set.error());
  return 0;
}
