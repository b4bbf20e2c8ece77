#include "common/text/proclitics.h"

namespace wirewatch {

namespace {

// Three letters, of two bytes and of three.
constexpr std::size_t kBytesMin = 6;
constexpr std::size_t kEthiopicBytesMin = 9;

bool is_arabic(std::string_view name) {
  const auto lead = static_cast<unsigned char>(name[0]);
  return lead >= 0xD8 && lead <= 0xDB;
}

bool is_ethiopic(std::string_view name) {
  return static_cast<unsigned char>(name[0]) == 0xE1 &&
         (static_cast<unsigned char>(name[1]) & 0xFEU) == 0x88U;
}

bool is_hebrew(std::string_view name) {
  return static_cast<unsigned char>(name[0]) == 0xD7;
}

}  // namespace

void append_proclitic_forms(std::string_view name, ProcliticOptions options,
                            std::vector<std::string>& forms) {
  if (name.size() < kBytesMin) return;
  const auto add = [&](std::string_view prefix, std::string_view rest) {
    forms.push_back(std::string(prefix).append(rest));
  };
  if (is_arabic(name)) {
    constexpr std::string_view kArticle = "ال";
    for (const std::string_view prefix : {"و", "ب", "ف", "ك"}) add(prefix, name);
    const bool has_article = name.starts_with(kArticle);
    if (has_article) {
      for (const std::string_view prefix : {"لل", "ولل"}) add(prefix, name.substr(kArticle.size()));
    } else {
      for (const std::string_view prefix : {"ل", "ول"}) add(prefix, name);
    }
    add("وب", name);
    if (has_article || !options.article) return;
    for (const std::string_view prefix : {"ال", "وال", "بال", "لل", "فال"}) add(prefix, name);
  } else if (is_hebrew(name)) {
    for (const std::string_view prefix : {"ב", "ל", "מ", "ו", "ה", "ש", "כ", "וב", "שב", "מה"}) {
      add(prefix, name);
    }
    if (!options.pairs) return;
    for (const std::string_view prefix : {"ול", "ומ", "וה", "שה"}) add(prefix, name);
  } else if (is_ethiopic(name) && name.size() >= kEthiopicBytesMin) {
    for (const std::string_view prefix : {"በ", "የ", "ለ", "ከ", "ስለ"}) add(prefix, name);
  }
}

}  // namespace wirewatch
