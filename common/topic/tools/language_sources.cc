#include "common/topic/tools/language_sources.h"

namespace wirewatch::topic_tools {

namespace {

using language_internal::Script;

constexpr LanguageSource kLanguages[] = {
    {"af", Script::kLatin, "afr", "af", ""},
    {"az", Script::kLatin, "azj_latn", "", ""},
    {"bs", Script::kLatin, "bos_latn", "hr", "sh"},
    {"ca", Script::kLatin, "cat", "ca", "ca"},
    {"cs", Script::kLatin, "ces", "cs", "cs"},
    {"cy", Script::kLatin, "cym", "cy", ""},
    {"da", Script::kLatin, "dan", "da", "da"},
    {"de", Script::kLatin, "deu_1996", "de", "de"},
    {"en", Script::kLatin, "eng", "en", "en"},
    {"es", Script::kLatin, "spa", "es", "es"},
    {"et", Script::kLatin, "est", "et", ""},
    {"fi", Script::kLatin, "fin", "fi", "fi"},
    {"fr", Script::kLatin, "fra", "fr", "fr"},
    {"gl", Script::kLatin, "glg", "", ""},
    {"ha", Script::kLatin, "hau_NG,hau_NE", "", ""},
    {"hr", Script::kLatin, "hrv", "hr", "sh"},
    {"hu", Script::kLatin, "hun", "hu", "hu"},
    {"id", Script::kLatin, "ind", "id", "id"},
    {"ig", Script::kLatin, "ibo", "", ""},
    {"is", Script::kLatin, "isl", "", "is"},
    {"it", Script::kLatin, "ita", "it", "it"},
    {"lg", Script::kLatin, "lug", "", ""},
    {"ln", Script::kLatin, "lin,lin_tones", "", ""},
    {"lt", Script::kLatin, "lit", "lt", "lt"},
    {"lv", Script::kLatin, "lav", "lv", "lv"},
    {"ms", Script::kLatin, "mly_latn", "", "ms"},
    {"nl", Script::kLatin, "nld", "nl", "nl"},
    {"no", Script::kLatin, "nob,nno", "no", "nb"},
    {"om", Script::kLatin, "", "", ""},
    {"pcm", Script::kLatin, "pcm", "", ""},
    {"pl", Script::kLatin, "pol", "pl", "pl"},
    {"pt", Script::kLatin, "por_BR,por_PT", "pt", "pt"},
    {"rn", Script::kLatin, "run", "", ""},
    {"ro", Script::kLatin, "ron_2006", "ro", "ro"},
    {"sk", Script::kLatin, "slk", "sk", "sk"},
    {"sl", Script::kLatin, "slv", "sl", "sl"},
    {"sn", Script::kLatin, "sna", "", ""},
    {"so", Script::kLatin, "som", "so", ""},
    {"sq", Script::kLatin, "als", "sq", ""},
    {"sr", Script::kLatin, "srp_latn", "hr", "sh"},
    {"sv", Script::kLatin, "swe", "sv", "sv"},
    {"sw", Script::kLatin, "swh", "sw", ""},
    {"tl", Script::kLatin, "tgl", "tl", "fil"},
    {"tr", Script::kLatin, "tur", "tr", "tr"},
    {"vi", Script::kLatin, "vie", "vi", "vi"},
    {"xh", Script::kLatin, "xho", "", ""},
    {"yo", Script::kLatin, "yor", "", ""},
    {"eo", Script::kLatin, "epo", "", "", Rarity::kRare},
    {"eu", Script::kLatin, "eus", "", "", Rarity::kRare},
    {"fo", Script::kLatin, "fao", "", "", Rarity::kRare},
    {"ga", Script::kLatin, "gle", "", "", Rarity::kRare},
    {"ht", Script::kLatin, "hat_popular,hat_kreyol", "", "", Rarity::kRare},
    {"jv", Script::kLatin, "jav", "", "", Rarity::kRare},
    {"ku", Script::kLatin, "kmr", "", "", Rarity::kRare},
    {"la", Script::kLatin, "lat,lat_1", "", "", Rarity::kRare},
    {"lb", Script::kLatin, "ltz", "", "", Rarity::kRare},
    {"mg", Script::kLatin, "plt", "", "", Rarity::kRare},
    {"mt", Script::kLatin, "mlt", "", "", Rarity::kRare},
    {"ny", Script::kLatin, "nya_chechewa", "", "", Rarity::kRare},
    {"rw", Script::kLatin, "kin", "", "", Rarity::kRare},
    {"st", Script::kLatin, "sot", "", "", Rarity::kRare},
    {"tk", Script::kLatin, "tuk_latn", "", "", Rarity::kRare},
    {"uz", Script::kLatin, "uzn_latn", "", "", Rarity::kRare},
    {"zu", Script::kLatin, "zul", "", "", Rarity::kRare},
    {"be", Script::kCyrillic, "bel", "", ""},
    {"bg", Script::kCyrillic, "bul", "bg", "bg"},
    {"kk", Script::kCyrillic, "kaz", "", ""},
    {"mk", Script::kCyrillic, "mkd", "mk", "mk"},
    {"mn", Script::kCyrillic, "khk", "", ""},
    {"ru", Script::kCyrillic, "rus", "ru", "ru"},
    {"sr", Script::kCyrillic, "srp_cyrl", "", "sr"},
    {"uk", Script::kCyrillic, "ukr", "uk", "uk"},
    {"ky", Script::kCyrillic, "kir", "", "", Rarity::kRare},
    {"tg", Script::kCyrillic, "tgk", "", "", Rarity::kRare},
    {"tk", Script::kCyrillic, "tuk_cyrl", "", "", Rarity::kRare},
    {"tt", Script::kCyrillic, "tat", "", "", Rarity::kRare},
    {"uz", Script::kCyrillic, "uzn_cyrl", "", "", Rarity::kRare},
    {"ar", Script::kArabic, "arb", "ar", "ar"},
    {"fa", Script::kArabic, "pes_1", "fa", "fa"},
    {"ps", Script::kArabic, "pbu", "", ""},
    {"ur", Script::kArabic, "urd", "ur", "ur"},
    {"ckb", Script::kArabic, "ckb", "", "", Rarity::kRare},
    {"ug", Script::kArabic, "uig_arab", "", "", Rarity::kRare},
    {"hi", Script::kDevanagari, "hin", "hi", "hi"},
    {"mr", Script::kDevanagari, "mar", "mr", ""},
    {"ne", Script::kDevanagari, "nep", "ne", ""},
    {"sa", Script::kDevanagari, "san", "", "", Rarity::kRare},
    {"am", Script::kEthiopic, "amh", "", ""},
    {"ti", Script::kEthiopic, "tir", "", ""},
    {"ja", Script::kHan, "jpn", "", "ja"},
    {"zh", Script::kHan, "cmn_hans", "", "zh", Rarity::kCommon, "zh-Hans"},
    {"zh", Script::kHan, "cmn_hant", "", "", Rarity::kCommon, "zh-Hant"},
};

// Words that some of Croatian, Bosnian and Serbian have and others say otherwise.
struct VariantWords {
  std::string_view codes;
  std::string_view words;
};
constexpr VariantWords kVariantWords[] = {
    {"hr",
     "tko nitko netko svatko tijekom tjedan tjedna tjedni tjedana tjednu tisuća tisuće tisuću "
     "siječnja siječanj veljače veljača ožujka ožujak travnja travanj svibnja svibanj lipnja "
     "lipanj "
     "srpnja srpanj kolovoza kolovoz rujna rujan listopada listopad studenoga studenog studeni "
     "prosinca prosinac vlak vlaka vlakom vlakova zrakoplov zrakoplova glazba glazbe glazbu "
     "povijest povijesti povijesni sudjelovati sudjeluje sudjelovao sudjelovali unatoč priopćenje "
     "priopćenju priopćio priopćila priopćeno izvješće izvješća izvješću tvrtka tvrtke tvrtki "
     "momčad momčadi sveučilište sveučilišta znanost znanosti znanstvenik znanstvenici kazalište "
     "kazališta kruh kruha županija županije županiji ravnatelj ravnatelja veleposlanik "
     "veleposlanika tajnik tajnika središnji središnja razina razine razini uvjet uvjeti uvjeta "
     "natječaj natječaja ozlijeđen ozlijeđena ozlijeđeno ozlijeđeni suradnja suradnje suradnju "
     "sudac suca odvjetnik odvjetnika europa europe europi europski europske europska europskoj "
     "kemija plin plina dužnosnik dužnosnici gospodarstvo gospodarstva gospodarski gospodarske "
     "proračun proračuna uhićen uhićena uhićenje uhićeni prosvjed prosvjeda prosvjednici potres "
     "potresa obitelj obitelji obiteljski glasovati glasovanje glasovanja glasovali primjerice "
     "glede hrvatski hrvatske hrvatska vlada postrojba postrojbe uporaba uporabe dopušteno "
     "promet prometa prometna djelatnik djelatnici kolodvor opskrba opskrbe stožer stožera"},
    {"hr,bs",
     "općina općine općini opći opća opće također zrak zraka zraku vijeće vijeća sigurnost "
     "sigurnosti sigurnosni glasnogovornik glasnogovornica saopćenje nogomet nogometaš posljednji "
     "posljednja posljednje poslije uvijek ovdje prije dvije obje nije smije sretan srela"},
    {"bs",
     "historija historije historiji historijski sedmica sedmice sedmicu sedmici augusta august "
     "saopćenju saopćio saopćila saopćeno lahko kahva kahve mehko hljeb hljeba sutra općinski "
     "sjednica izvještaj bezbjednost povrijeđen povrijeđena povrijeđeno povrijeđeni kanton kantona "
     "kantonu entitet entiteta federacije opći bosanski bosanske bh bih"},
    {"bs,sr",
     "ko niko neko svako šta tokom hiljada hiljade hiljadu januara januar februara februar marta "
     "aprila april maja juna juni jula juli septembra septembar oktobra oktobar novembra novembar "
     "decembra decembar voz voza vozom vozova avion aviona muzika muzike muziku učestvovati "
     "učestvuje učestvovao učestvovali uprkos preduzeće preduzeća fudbal fudbaler univerzitet "
     "univerziteta nauka nauke naučnici naučnik pozorište pozorišta ambasador ambasadora nivo "
     "nivoa uslov uslovi uslova konkurs saradnja saradnje saradnju sudija sudije advokat advokata "
     "evropa evrope evropi evropski evropske evropska evropskoj hemija gas gasa funkcioner "
     "privreda privrede budžet budžeta uhapšen uhapšena uhapšeni hapšenje zemljotres zemljotresa "
     "porodica porodice porodicu glasati glasanje glasanja glasali upotreba dozvoljeno saobraćaj "
     "saobraćaja vanredne vanredno augusta kancelarija generalni sekretar snabdijevanje"},
    {"sr",
     "nedelja nedelje nedelju nedelji avgusta avgust istorija istorije istoriji istorijski savet "
     "saveta savetu saopštenje saopštenju saopštio saopštila saopšteno izveštaj izveštaja "
     "izveštaju "
     "portparol portparolka hleb hleba opština opštine opštini opšti opšta opšte takođe vazduh "
     "vazduha vazduhu bezbednost bezbednosti bezbednosni povređen povređena povređeno povređeni "
     "poslednji poslednja poslednje posle uvek ovde pre dve obe sme srpski srpske srbije srbiji "
     "predsednik predsednika predsednica juče sutradan snabdevanje glasao ministarka"},
};

// Common words of languages of which there is little text and no list of words.
struct OwnWords {
  std::string_view code;
  std::string_view words;
};
constexpr OwnWords kOwnWords[] = {
    {"gl",
     "o a os as un unha uns unhas do da dos das dun dunha dos dunhas no na nos nas nun nunha ao "
     "aos "
     "á ás co coa cos coas polo pola polos polas e ou pero mais nin que se si non tamén xa moi "
     "máis "
     "menos ata dende desde entre sobre tras segundo sen con para por ante contra baixo durante "
     "cando onde como porque pois aínda logo despois antes agora hoxe onte mañá aquí alí sempre "
     "nunca quen cal canto este esta estes estas isto ese esa eses esas iso aquel aquela el ela "
     "eles "
     "elas seu súa seus súas meu miña lle lles é son era eran foi foron será serán ser está están "
     "estar estivo ten teñen tiña tivo tiveron ter hai había houbo fai fan fixo fixeron facer di "
     "din "
     "dixo dixeron pode poden poderá debe deben quere vai van veu ir sexa sexan estea teña dous "
     "dúas "
     "tres catro cinco seis sete oito nove dez cen mil millóns primeiro primeira segundo último "
     "última novo nova novos novas mellor maior outro outra outros outras todo toda todos todas "
     "cada "
     "mesmo mesma ningún ningunha alguén ninguén algún algunha nada algo ano anos mes meses semana "
     "día días luns martes mércores xoves venres sábado domingo xaneiro febreiro marzo abril maio "
     "xuño xullo agosto setembro outubro novembro decembro persoas xente veciños goberno xunta "
     "concello alcalde presidente ministro galicia galego galega galegos lei mundo cidade "
     "traballo casa vida parte feito caso grupo forma partido pasado pasada seguinte"},
    {"az",
     "və bu ki ilə üçün bir da də edib olub olan olaraq görə isə həm daha çox ən yeni böyük kimi "
     "sonra əvvəl qədər artıq hələ yalnız lakin amma ancaq çünki əgər hər bütün öz onun onlar "
     "onların "
     "biz bizim siz mən sən o bunu bunun belə elə necə nə niyə kim harada zaman vaxt gün il ildə "
     "ilin "
     "ay ayın həftə bazar ertəsi çərşənbə axşamı cümə şənbə yanvar fevral mart aprel may iyun iyul "
     "avqust sentyabr oktyabr noyabr dekabr var yox deyil edir edən etmək etdi edəcək olur oldu "
     "olacaq "
     "bilər deyib bildirib verib keçirib qeyd xəbər məlumat azərbaycan azərbaycanın bakı bakıda "
     "prezident prezidenti nazir naziri nazirliyi dövlət ölkə ölkənin ölkədə xalq şəhər rayon "
     "dünya "
     "insan nəfər milyon milyard faiz manat iki üç dörd beş altı yeddi səkkiz doqquz on yüz min "
     "birinci ilk son üzrə arasında haqqında qarşı tərəfindən əsasında dair etdiyi olduğu olduğunu "
     "edilib edilir olunub olunur alıb gedib gəlib qalıb yaxşı ümumi xüsusi müxtəlif digər eyni "
     "bəzi "
     "heç biri hissə iş işlər görüş məktəb hüquq qanun məhkəmə polis ordu"},
    {"be",
     "і ў у на з да не што як за па для ад пра гэта гэты гэтая гэтыя той тая тое яны яна ён мы вы "
     "я "
     "яго яе іх іншы іншыя усе усіх калі дзе чаму бо але або ці ды таксама яшчэ ўжо толькі вельмі "
     "больш менш пасля перад праз пад над паміж без каля супраць паводле быў была было былі будзе "
     "будуць ёсць няма можа могуць трэба кажа сказаў заявіў паведаміў паведамляе гэтага гэтым "
     "гэтай "
     "якія які якая якое якіх свой сваю свае сваіх год года гадоў годзе дзень дзён тыдзень месяц "
     "панядзелак аўторак серада чацвер пятніца пятніцу субота нядзеля студзеня лютага сакавіка "
     "красавіка траўня мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня беларусь "
     "беларусі беларускі беларускага беларускай мінск мінску краіны краіне краін свет людзі людзей "
     "чалавек два дзве тры чатыры пяць шэсць сем восем дзевяць дзесяць сто тысяч мільёнаў першы "
     "новы "
     "новая новыя вялікі прэзідэнт міністр улада улады суд суда горад горадзе права праца працы "
     "дзяржаўны таму цяпер сёння учора заўтра зараз тут там ніхто нічога нехта кожны сам самы"},
};

// Whether the word stands in a list of words between spaces.
bool is_listed(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

// The word as it is where the old yat has become e: "vrijeme", "mjesec" are "vreme", "mesec". Not
// at a word's end, where "ije" and "je" are endings more often. Empty without a yat.
std::string with_e(std::string_view word) {
  if (const std::size_t at = word.find("ije");
      at != std::string_view::npos && at > 0 && at + 3 < word.size()) {
    return std::string(word).replace(at, 3, "e");
  }
  constexpr std::string_view kBefore = "bcdfgkmpstvz";
  for (std::size_t at = 1; at + 2 < word.size(); ++at) {
    if (word.substr(at, 2) == "je" && kBefore.find(word[at - 1]) != std::string_view::npos) {
      return std::string(word).replace(at, 2, "e");
    }
  }
  return {};
}

}  // namespace

std::span<const LanguageSource> language_sources() {
  return kLanguages;
}

std::vector<ListedWord> own_words(const LanguageSource& source) {
  constexpr double kOfMillion = 2'000;  // A common word.
  constexpr double kVariantOfMillion = 300;
  std::vector<ListedWord> own;
  const auto add = [&](std::string_view words, double of_million) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      own.push_back({.word = std::string(words.substr(0, end)), .of_million = of_million});
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  };
  for (const OwnWords& entry : kOwnWords) {
    if (entry.code == source.code) add(entry.words, kOfMillion);
  }
  for (const VariantWords& entry : kVariantWords) {
    if (source.script != Script::kLatin) continue;
    if (entry.codes.find(source.code) != std::string_view::npos)
      add(entry.words, kVariantOfMillion);
  }
  return own;
}

bool is_of_other_variant(std::string_view word, std::string_view code,
                         const std::function<bool(const std::string&)>& listed) {
  bool others = false;
  for (const VariantWords& entry : kVariantWords) {
    if (!is_listed(entry.words, word)) continue;
    if (entry.codes.find(code) != std::string_view::npos) return false;
    others = true;
  }
  if (others) return true;
  if (code == "sr") {
    const std::string e = with_e(word);
    return !e.empty() && listed(e);
  }
  // The word with e of which the list has the one with yat.
  for (std::size_t at = word.find('e'); at != std::string_view::npos; at = word.find('e', at + 1)) {
    for (const std::string_view yat : {"ije", "je"}) {
      const std::string with_yat = std::string(word).replace(at, 1, yat);
      if (with_e(with_yat) == word && listed(with_yat)) return true;
    }
  }
  return false;
}

}  // namespace wirewatch::topic_tools
