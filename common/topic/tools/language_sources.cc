#include "common/topic/tools/language_sources.h"

namespace wirewatch::topic_tools {

namespace {

using language_internal::Script;

constexpr LanguageSource kLanguages[] = {
    {"af", Script::kLatin, "afr", "af"},
    {"az", Script::kLatin, "azj_latn", ""},
    {"ca", Script::kLatin, "cat", "ca"},
    {"cs", Script::kLatin, "ces", "cs"},
    {"cy", Script::kLatin, "cym", "cy"},
    {"da", Script::kLatin, "dan", "da"},
    {"de", Script::kLatin, "deu_1996", "de"},
    {"en", Script::kLatin, "eng", "en"},
    {"es", Script::kLatin, "spa", "es"},
    {"et", Script::kLatin, "est", "et"},
    {"fi", Script::kLatin, "fin", "fi"},
    {"fr", Script::kLatin, "fra", "fr"},
    {"gl", Script::kLatin, "glg", ""},
    {"ha", Script::kLatin, "hau_NG,hau_NE", ""},
    {"hr", Script::kLatin, "hrv", "hr"},
    {"hu", Script::kLatin, "hun", "hu"},
    {"id", Script::kLatin, "ind", "id"},
    {"ig", Script::kLatin, "ibo", ""},
    {"is", Script::kLatin, "isl", ""},
    {"it", Script::kLatin, "ita", "it"},
    {"lg", Script::kLatin, "lug", ""},
    {"ln", Script::kLatin, "lin,lin_tones", ""},
    {"lt", Script::kLatin, "lit", "lt"},
    {"lv", Script::kLatin, "lav", "lv"},
    {"nl", Script::kLatin, "nld", "nl"},
    {"no", Script::kLatin, "nob", "no"},
    {"om", Script::kLatin, "", ""},
    {"pcm", Script::kLatin, "pcm", ""},
    {"pl", Script::kLatin, "pol", "pl"},
    {"pt", Script::kLatin, "por_BR,por_PT", "pt"},
    {"rn", Script::kLatin, "run", ""},
    {"ro", Script::kLatin, "ron_2006", "ro"},
    {"sk", Script::kLatin, "slk", "sk"},
    {"sl", Script::kLatin, "slv", "sl"},
    {"sn", Script::kLatin, "sna", ""},
    {"so", Script::kLatin, "som", "so"},
    {"sq", Script::kLatin, "als", "sq"},
    {"sv", Script::kLatin, "swe", "sv"},
    {"sw", Script::kLatin, "swh", "sw"},
    {"tl", Script::kLatin, "tgl", "tl"},
    {"tr", Script::kLatin, "tur", "tr"},
    {"vi", Script::kLatin, "vie", "vi"},
    {"xh", Script::kLatin, "xho", ""},
    {"yo", Script::kLatin, "yor", ""},
    {"be", Script::kCyrillic, "bel", ""},
    {"bg", Script::kCyrillic, "bul", "bg"},
    {"kk", Script::kCyrillic, "kaz", ""},
    {"mk", Script::kCyrillic, "mkd", "mk"},
    {"mn", Script::kCyrillic, "khk", ""},
    {"ru", Script::kCyrillic, "rus", "ru"},
    {"sr", Script::kCyrillic, "srp_cyrl", ""},
    {"uk", Script::kCyrillic, "ukr", "uk"},
    {"ar", Script::kArabic, "arb", "ar"},
    {"fa", Script::kArabic, "pes_1", "fa"},
    {"ps", Script::kArabic, "pbu", ""},
    {"ur", Script::kArabic, "urd", "ur"},
    {"hi", Script::kDevanagari, "hin", "hi"},
    {"mr", Script::kDevanagari, "mar", "mr"},
    {"ne", Script::kDevanagari, "nep", "ne"},
    {"am", Script::kEthiopic, "amh", ""},
    {"ti", Script::kEthiopic, "tir", ""},
};

}  // namespace

std::span<const LanguageSource> language_sources() {
  return kLanguages;
}

}  // namespace wirewatch::topic_tools
