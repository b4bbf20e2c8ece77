#include "common/article/language_tag.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

std::string tag_of(std::string_view text) {
  std::string out;
  const bool taken = append_language_tag(text, out);
  EXPECT_EQ(taken, !out.empty()) << text;
  return out;
}

TEST(LanguageTag, Table) {
  const std::pair<const char*, const char*> rows[] = {
      // Already as it should be.
      {"en", "en"},
      {"zh-Hant-TW", "zh-Hant-TW"},
      {"es-419", "es-419"},
      {"sl-rozaj-1994", "sl-rozaj-1994"},
      {"ckb", "ckb"},
      // Case, underscores, POSIX locales.
      {"EN_us", "en-US"},
      {"pt_BR.UTF-8", "pt-BR"},
      {"ca_ES@valencia", "ca-ES"},
      {"SR-LATN-rs", "sr-Latn-RS"},
      {" de ", "de"},
      // The shortest code; codes that were withdrawn.
      {"eng", "en"},
      {"GER", "de"},
      {"deu-AT", "de-AT"},
      {"chi", "zh"},
      {"iw", "he"},
      {"in-ID", "id-ID"},
      {"in", "id"},
      {"ji", "yi"},
      {"jw", "jv"},
      {"mo", "ro"},
      // Codes of countries that are codes of no language; "se" and "kr" are codes of some.
      {"jp", "ja"},
      {"cn", "zh"},
      {"cz", "cs"},
      {"dk", "da"},
      {"gr", "el"},
      {"ua", "uk"},
      {"se", "se"},
      {"kr", "kr"},
      // Names.
      {"english", "en"},
      {"English", "en"},
      {"Deutsch", "de"},
      {"français", "fr"},
      {"Русский", "ru"},
      {"русский", "ru"},
      {"Čeština", "cs"},
      {"日本語", "ja"},
      {"Bahasa Indonesia", "id"},
      {"Chinese (Simplified)", "zh"},
      // What is well-formed at the beginning.
      {"en-", "en"},
      {"en-us-", "en-US"},
      {"en-US-$", ""},
      {"en--US", "en"},
      {"en-US-Latn", "en-US"},
      // No language.
      {"", ""},
      {"-", ""},
      {"e", ""},
      {"e2", ""},
      {"und", ""},
      {"mul", ""},
      {"zxx-XX", ""},
      {"x-default", ""},
      {"i-klingon", ""},
      {"multiple", ""},
      {"en,fr", ""},
      {"en-US,en;q=0.9", ""},
      {"English French", ""},
      {"a language whose name is much longer than that of any language there is on earth", ""},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(tag_of(text), expected) << text;
}

TEST(LanguageTag, IsAppendedAndTheSameOnceMore) {
  std::string out = "x";
  EXPECT_TRUE(append_language_tag("EN_gb", out));
  EXPECT_EQ(out, "xen-GB");
  EXPECT_FALSE(append_language_tag("und", out));
  EXPECT_EQ(out, "xen-GB");
  EXPECT_EQ(tag_of(tag_of("zho_hant_hk")), "zh-Hant-HK");
}

}  // namespace
}  // namespace wirewatch
