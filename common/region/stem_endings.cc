#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// What languages attach to names, one behind another, of those whose frequent words no data tells:
// there a short stem with any ending would find them ("განათლება", education, is no case of განა,
// Ghana). Written by hand.
struct Attached {
  std::string_view language;
  std::string_view endings;
};
constexpr Attached kAttached[] = {
    {"az",
     "a ə ya yə ı i u ü nı ni nu nü ın in un ün nın nin nun nün da də dan dən daki dəki dır "
     "dir dur dür lı li lu lü lar lər ca cə"},
    {"be",
     "а у е ы і я ю ам ом ем ай яй аю яю аў яў ах ях амі ямі цы цаў цам цамі скі скага скаму "
     "скім ская скай скую скае скія скіх скімі ійскі ійскага ійскаму ійскім ійская ійскай "
     "ійскую ійскае ійскія ійскіх ійскімі анскі анскага анская анскай анскія анскіх"},
    {"hy", "ը ն ի ին ից ով ում յի յին յից յով յում ցի ցու ցին ցիներ ական ականներ ներ"},
    {"ka", "ს ში მ მა ზე დან თან მდე თი ით ი ის იდან ც საც სა თვის კენ გან ელ ულ ურ ად"},
    {"kk",
     "да де та те дан ден тан тен нан нен ның нің дың дің тың тің ға ге қа ке ны ні ды ді ты "
     "ті на не нда нде мен бен пен дағы дегі тағы тегі лық лік дық дік тық тік лар лер дар дер "
     "тар тер"},
    {"ky",
     "да де до дө дан ден дон дөн га ге го гө нын нин нун нүн ны ни ну нү та те то тө тан тен "
     "тон төн ка ке ко кө тын тин тун түн ты ти ту тү дын дин дун дүн ды ди ду дү дагы деги "
     "тагы теги лык лик лук лүк дык дик тык тик лар лер дар дер тар тер"},
    {"mn",
     "д т ын ийн н ний ны ы ий ыг ийг г гийн йг йн йд аас ээс оос өөс наас нээс ноос нөөс гаас "
     "гээс аар ээр оор өөр тай тэй той чууд чүүд ууд үүд ч"},
    {"tg", "и ро ӣ ву у ён иён гӣ"},
    {"tk",
     "da de dan den yň iň uň üň nyň niň a e ga ge na ne y i u ü ny ni ly li lu lü lar ler daky "
     "däki ýa ýe ýä"},
    {"tt",
     "да дә та тә дан дән тан тән нан нән ның нең га гә ка кә ны не дагы дәге тагы тәге лы ле "
     "лар ләр нар нәр"},
    {"uz", "da dan ning ga ni lik lar dagi dek"}};
constexpr std::uint32_t kShortStemMax = 6;  // Letters. Hardly a word begins with more.
constexpr int kAttachedMax = 3;             // Endings, one behind another.

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

// The endings of one language, folded.
class EndingSet {
 public:
  explicit EndingSet(std::string_view endings) {
    for (std::size_t begin = 0; begin < endings.size();) {
      const std::size_t end = std::min(endings.find(' ', begin), endings.size());
      fold(endings.substr(begin, end - begin), endings_.emplace_back());
      begin = end + 1;
    }
  }
  // Whether the text is none of them, one, or several, one behind another.
  [[nodiscard]] bool make_up(std::string_view text, int at_most = kAttachedMax) const {
    if (text.empty()) return true;
    if (at_most == 0) return false;
    return std::any_of(endings_.begin(), endings_.end(), [&](const std::string& ending) {
      return text.starts_with(ending) && make_up(text.substr(ending.size()), at_most - 1);
    });
  }

 private:
  std::vector<std::string> endings_;
};

const EndingSet* attached_in(std::string_view language) {
  static const std::vector<EndingSet> kSets = [] {
    std::vector<EndingSet> sets;
    for (const Attached& row : kAttached) sets.emplace_back(row.endings);
    return sets;
  }();
  const auto* const row =
      std::find_if(std::begin(kAttached), std::end(kAttached),
                   [&](const Attached& attached) { return attached.language == language; });
  return row == std::end(kAttached) ? nullptr : &kSets[static_cast<std::size_t>(row - kAttached)];
}

}  // namespace

// "Maliyyə" (finance) is no case of Mali in Azerbaijani.
bool RegionClassifier::begins_a_word(const Work& work, const GazetteerName& name,
                                     const PhraseHit& hit) {
  if (!name.is_stem || name.letters > kShortStemMax) return false;
  const EndingSet* const attached = attached_in(work.language);
  return attached != nullptr && !attached->make_up(ending_of(work.text, hit, name.letters));
}

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
