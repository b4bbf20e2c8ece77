#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/base/utf8.h"
#include "common/region/region_classifier.h"
#include "common/region/region_work.h"

namespace wirewatch {

namespace {

using Candidate = RegionScratch::Candidate;

// What is behind a stem when a case or an adjective of it is meant, folded: "Węgr-ów" are
// Hungarians and no town, "Haag-assa" is in The Hague. Of Polish, Czech, Serbo-Croatian, Finnish,
// Hungarian, Turkish, Russian, Ukrainian and Greek; those of one letter are none of these.
constexpr std::string_view kCaseEndings[] = {
    "aan",   "aba",    "aban",  "abe",   "aben",  "abol", "ach",   "ahez",   "ahoz",   "aksi",
    "alla",  "alle",   "alta",  "ama",   "ami",   "anak", "anek",  "ara",    "are",    "arol",
    "assa",  "asta",   "atol",  "atta",  "aval",  "avel", "ba",    "ban",    "be",     "ben",
    "bol",   "cami",   "com",   "cov",   "cow",   "cy",   "da",    "daki",   "dan",    "de",
    "deki",  "den",    "eba",   "eban",  "ebe",   "eben", "ebol",  "ech",    "een",    "ega",
    "ego",   "ehez",   "ehoz",  "ej",    "eksi",  "ella", "elle",  "elta",   "em",     "emu",
    "enak",  "enek",   "era",   "ere",   "erol",  "essa", "esta",  "etol",   "etta",   "eval",
    "evel",  "hez",    "hoz",   "iba",   "iban",  "ibe",  "iben",  "ibol",   "ich",    "iego",
    "iej",   "iem",    "iemu",  "ih",    "ihez",  "ihoz", "iin",   "ijom",   "iksi",   "illa",
    "ille",  "ilta",   "im",    "ima",   "imi",   "inak", "inek",  "ira",    "ire",    "irol",
    "issa",  "ista",   "itol",  "itta",  "ival",  "ivel", "ksi",   "lar",    "ler",    "lla",
    "lle",   "lta",    "nak",   "nek",   "nin",   "nun",  "oba",   "oban",   "obe",    "oben",
    "obol",  "och",    "og",    "oga",   "ohez",  "ohoz", "oj",    "oksi",   "olla",   "olle",
    "olta",  "om",     "omu",   "onak",  "onek",  "oon",  "ora",   "ore",    "orol",   "ossa",
    "osta",  "otol",   "otta",  "ou",    "oval",  "ove",  "ovel",  "ovi",    "ow",     "owi",
    "owie",  "ra",     "re",    "rol",   "ska",   "ske",  "skeho", "skemu",  "ski",    "skich",
    "skie",  "skiego", "skiej", "skim",  "skimi", "sko",  "skom",  "skou",   "sky",    "skych",
    "skym",  "ssa",    "sta",   "tol",   "tta",   "uksi", "ulla",  "ulle",   "ulta",   "ussa",
    "usta",  "utta",   "uun",   "val",   "vel",   "ych",  "yksi",  "ylla",   "ylle",   "ylta",
    "ym",    "ymi",    "yn",    "yssa",  "ysta",  "ytta", "ами",   "ах",     "ев",     "ем",
    "ец",    "ею",     "им",    "ими",   "их",    "ка",   "ке",    "ки",     "ку",     "ов",
    "ого",   "ом",     "ому",   "ою",    "ская",  "ские", "скии",  "ским",   "скими",  "ских",
    "ского", "ское",   "скои",  "скому", "скую",  "ська", "ське",  "ського", "ському", "ською",
    "ську",  "ські",   "ськіи", "цам",   "цами",  "цах",  "цев",   "цы",     "цям",    "цями",
    "ці",    "ців",    "ым",    "ых",    "ям",    "ями",  "ях",    "ів",     "ασ",     "εσ",
    "ησ",    "ου",     "ων"};

// "Georgia" may be an inflection of "georgi*".
constexpr std::uint32_t kEndingLettersMax = 1;

// The word's end from a number of letters on. A phrase's words have one letter between them.
std::string_view ending_of(const ArticleText& text, const PhraseHit& hit, std::uint32_t letters) {
  std::uint32_t before = 0;
  for (std::uint32_t token = hit.token_begin; token + 1 < hit.token_end; ++token) {
    before += static_cast<std::uint32_t>(count_code_points(text.folded(token))) + 1;
  }
  std::string_view word = text.folded(hit.token_end - 1);
  for (; before < letters && !word.empty(); ++before) {
    word.remove_prefix(1);
    while (!word.empty() && is_continuation(word.front())) word.remove_prefix(1);
  }
  return word;
}

}  // namespace

// "Indianapolis" is no stem of India with an ending, nor "Perugia" one of Peru, nor the
// given name "Σαμουήλ" one of Samoa.
void RegionClassifier::drop_stems(const ArticleText& text, RegionScratch& scratch,
                                  Meanings& meanings) {
  static const WordSet kEndings(kCaseEndings);
  const std::span<Candidate> found = meanings.candidates(scratch);
  std::uint16_t country = Place::kNoCountry;  // Of the longest plain name.
  std::uint32_t letters = 0;
  for (const Candidate& c : found) {
    if (c.kind > NameKind::kSubdivision || c.kind == NameKind::kDemonym) continue;
    if (has(c, NameFlag::kNeedsContext) || has(c, NameFlag::kAmbiguous)) continue;
    if (c.letters <= letters) continue;
    country = c.country;
    letters = c.letters;
  }
  if (letters == 0 && meanings.given_letters == 0) return;
  const bool is_given = meanings.given_letters > letters;
  if (is_given) letters = meanings.given_letters;
  const auto is_other_word = [&](const Candidate& c) {
    if (!is_given && c.kind == NameKind::kDemonym) return true;
    if (!c.is_stem || (!is_given && c.country == country) ||
        c.letters + kEndingLettersMax >= letters) {
      return false;
    }
    const std::string_view ending = ending_of(text, meanings.phrases.front(), c.letters);
    return !kEndings.contains(token_hash(ending));
  };
  const auto stems = std::remove_if(found.begin(), found.end(), is_other_word);
  if (stems == found.end()) return;
  scratch.candidates.resize(scratch.candidates.size() -
                            static_cast<std::size_t>(found.end() - stems));
  meanings.note_all(scratch);
}

}  // namespace wirewatch
