// Loops over simdjson's on-demand values which end at the first error.
//
// Internal to common/article. What is taken must be consumed by `take`, or is passed over without
// a look at what it holds: simdjson counts no brackets for it then, and checks no text.

#pragma once

#include <string_view>

#include <simdjson.h>

namespace wirewatch {

// `take(name, value)` of every member, with escapes in the name resolved.
template <typename Take>
simdjson::error_code for_each_member(simdjson::ondemand::object& object, Take take) {
  for (auto field : object) {
    std::string_view name;
    if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS) return code;
    simdjson::ondemand::value member;
    if (const auto code = field.value().get(member); code != simdjson::SUCCESS) return code;
    if (const auto code = take(name, member); code != simdjson::SUCCESS) return code;
  }
  return simdjson::SUCCESS;
}

// The same of a value, which must be an object.
template <typename Take>
simdjson::error_code for_each_member(simdjson::ondemand::value value, Take take) {
  simdjson::ondemand::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  return for_each_member(object, take);
}

// `take(element)` of every element of a value, which must be an array.
template <typename Take>
simdjson::error_code for_each_element(simdjson::ondemand::value value, Take take) {
  simdjson::ondemand::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  for (auto element : array) {
    simdjson::ondemand::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    if (const auto code = take(child); code != simdjson::SUCCESS) return code;
  }
  return simdjson::SUCCESS;
}

}  // namespace wirewatch
