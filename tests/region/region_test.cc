#include <algorithm>
#include <fstream>
#include <set>
#include <span>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "common/region/region_classifier.h"
#include "common/region/salience_model.h"
#include "common/text/zone_labeler.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/shipped_gazetteer.h"

namespace wirewatch {
namespace {

struct Analysis {
  ArticleText text;
  RegionResult result;
  RegionExplanation explanation;
};

Analysis analyse(std::string_view headline, std::string_view body, std::string_view language,
                 std::string_view source = {}) {
  static const ZoneLabeler kLabeler;
  Analysis analysis;
  TextAnalyzer().analyze(headline, body, analysis.text);
  kLabeler.label(analysis.text);
  RegionScratch scratch;
  const RegionClassifier classifier(shipped_gazetteer());
  classifier.classify(analysis.text, {.language = language, .located = {}, .source = source},
                      scratch, analysis.result, &analysis.explanation);
  return analysis;
}

// The country of each mention by its code, a space behind it.
std::string countries_mentioned(const Analysis& analysis) {
  std::string codes;
  for (const Mention& mention : analysis.result.mentions) {
    codes += std::string(mention.country.text()) + " ";
  }
  return codes;
}

// The countries of a text by their codes, the likeliest first.
std::string countries_of(const Analysis& analysis) {
  std::string codes;
  for (const CountryScore& score : analysis.result.about) {
    codes += (codes.empty() ? "" : " ") + std::string(score.country.text());
  }
  return codes;
}

// A headline without a text, its language and the countries it is about.
using Headline = std::tuple<const char*, const char*, const char*>;

void expect_countries(std::span<const Headline> headlines) {
  for (const auto& [language, headline, countries] : headlines) {
    SCOPED_TRACE(headline);
    EXPECT_EQ(countries_of(analyse(headline, "", language)), countries);
  }
}

// Currencies, courts and services tell a country, and nothing else in sentences that were written
// to name nothing.
TEST(Names, AreFoundInNoSentenceThatNamesNothing) {
  const std::set<std::string_view> told = {
      "vigili del fuoco", "地裁",        "złotych",        "гривень",
      "гривні",           "Tingsrätten", "Lagmannsretten", "בית המשפט המחוזי"};
  std::set<std::string> languages;
  for (const char* path :
       {"/tests/bench/plain_sentences.tsv", "/tests/region/plain_sentences.tsv"}) {
    std::ifstream file(std::string(WIREWATCH_SOURCE_DIR) + path);
    for (std::string line; std::getline(file, line);) {
      const std::size_t tab = line.find('\t');
      if (line.starts_with('#') || tab == std::string::npos) continue;
      const std::string sentence = line.substr(tab + 1);
      const Analysis analysis = analyse("", sentence, line.substr(0, tab));
      for (const Mention& mention : analysis.result.mentions) {
        const std::string_view name = std::string_view(sentence).substr(
            mention.span.begin, mention.span.end - mention.span.begin);
        EXPECT_TRUE(told.contains(name)) << name << " in " << line;
      }
      languages.insert(line.substr(0, tab));
    }
  }
  EXPECT_EQ(languages.size(), 57U);
}

// What begins like a short name and goes on with no ending of the language is another word.
TEST(Names, AreNoBeginningsOfWords) {
  expect_countries(std::to_array<Headline>({
      {"az", "Maliyyə naziri istefa verdi", ""},
      {"az", "Malidə seçki keçirilir", "ML"},
      {"az", "Romadakı görüş", "IT"},
      {"be", "Крымінальная справа закрыта", ""},
      {"be", "Крымскі мост закрыты", "UA"},
      {"hy", "Ավանդական տոն", ""},
      {"hy", "Քիշնևում անձրև էր", "MD"},
      {"ka", "განათლების მინისტრი გადადგა", ""},
      {"ka", "პარასკევს წვიმდა", ""},
      {"ka", "განაში არჩევნები ტარდება", "GH"},
      {"ka", "ირანელი დიპლომატები", "IR"},
      {"mn", "Комисс шийдвэр гаргалаа", ""},
      {"tg", "Парад баргузор шуд", ""},
      {"uz", "Belgilangan muddat tugadi", ""},
      {"uz", "Eronliklar saylovga bormoqda", "IR"},
  }));
}

TEST(Names, OfGroupsOfStatesBeginWithACapital) {
  EXPECT_TRUE(analyse("A group of 20 people was arrested", "", "en").result.mentions.empty());
  EXPECT_EQ(analyse("The Group of 20 meets", "", "en").result.mentions.size(), 1U);
}

// However many countries are asked for at once, each has the same salience.
TEST(Salience, IsTheSameAloneAndAmongOthers) {
  std::vector<SalienceFeatures> countries(21);
  std::uint32_t state = 1;
  for (SalienceFeatures& country : countries) {
    for (float& value : country.values) {
      state = state * 1664525 + 1013904223;
      value = static_cast<float>(state >> 24) / 64;
    }
  }
  std::vector<float> alone;
  std::vector<float> among;
  for (std::size_t count = 1; count <= countries.size(); ++count) {
    find_saliences(std::span(countries).first(count), among);
    ASSERT_EQ(among.size(), count);
    find_saliences(std::span(countries).subspan(count - 1, 1), alone);
    EXPECT_EQ(alone.front(), among.back());
  }
}

struct Case {
  const char* name;
  const char* headline;
  const char* body;
  const char* language;
  const char* about;  // Codes, best first.
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class About : public testing::TestWithParam<Case> {};

TEST_P(About, Countries) {
  const Analysis analysis = analyse(GetParam().headline, GetParam().body, GetParam().language);
  std::string codes;
  for (const CountryScore& score : analysis.result.about) {
    EXPECT_GT(score.salience, 0);
    EXPECT_LE(score.salience, 1);
    codes += (codes.empty() ? "" : " ") + std::string(score.country.text());
  }
  EXPECT_EQ(codes, GetParam().about);
}

INSTANTIATE_TEST_SUITE_P(
    Table, About,
    testing::Values(
        Case{"russia_north_korea", "Russia's top diplomat in Pyongyang",
             "MOSCOW, Nov 20 (Reuters) - Russia's foreign minister arrived in North Korea on "
             "Friday for talks on logistics "
             "between the two armies.\n\nAll rights reserved.\n\nPeru elects a new "
             "congress\nNigeria beat Ghana",
             "en", "RU KP"},
        Case{"states_that_were", "Upper Volta and Northern Rhodesia in old atlases",
             "Dahomey and Upper Volta stood beside Northern Rhodesia on maps until 1964.", "en",
             "BF ZM BJ"},
        Case{"a_state_that_was_de", "Archiv zeigt Bilder der Tschechoslowakei",
             "Das Archiv zeigt Bilder aus der Tschechoslowakei.", "de", "CZ"},
        Case{"foreign_ministers", "Ignazio Cassis receives Badr Abdelatty",
             "Ignazio Cassis received Badr Abdelatty on Monday for talks.", "en", "CH EG"},
        Case{"both_koreas", "North and South Korea agree on talks",
             "North and South Korea agreed on Monday to talk.", "en", "KP KR"},
        Case{"both_koreas_de", "Gespräche", "Nord- und Südkorea einigten sich am Montag.", "de",
             "KP KR"},
        Case{"joint_zh", "中美外长举行会谈", "中美外长星期二在电话中讨论关税。", "zh", "CN US"},
        Case{"joint_of_three_zh", "美日韓舉行防長會晤", "三國防長在會後發表聲明。", "zh",
             "US JP KR"},
        Case{"joint_before_a_word_zh", "部长谈贸易", "部长说，新一轮俄朝贸易谈判下月举行。", "zh",
             "RU KP"},
        Case{"joint_parts_of_words_zh", "美中不足是停车难", "其中美元占六成。近日韩国降雪。", "zh",
             "KR"},
        Case{"before_an_office_zh", "美财长谈关税", "美财长说，关税将维持。", "zh", "US"},
        Case{"joint_ja", "日米韓が共同訓練", "３カ国は共同訓練を実施した。", "ja", "JP KR US"},
        Case{"joint_of_kana_ja", "ロ朝首脳会談へ調整", "両政府は調整に入った。", "ja", "RU KP"},
        Case{"joint_only_before_a_word_ja", "日中首脳が会談", "両首脳が会談した。", "ja", "JP CN"},
        Case{"daytime_ja", "日中の気温上昇", "日中の気温が上がった。日比谷は晴れ。", "ja", ""},
        Case{"behind_a_day_ja", "12日米国で会談", "12日米国で会談した。", "ja", "US"},
        Case{"morning_of_a_day_ja", "１２日朝に地震", "青森県で１２日米の収穫が始まった。", "ja",
             "JP"},
        Case{"midterms_ja", "米中間選挙の投票始まる", "米中間選挙の投票が始まった。", "ja", "US"},
        Case{"joint_ko", "북러, 의정서 서명", "북러는 철도 의정서에 서명했다.", "ko", "KP RU"},
        Case{"joint_with_points_ko", "한·미·일 훈련", "한·미·일은 훈련을 했다.", "ko", "KR JP US"},
        Case{"joint_han_ko", "北 미사일에 美 경고", "美는 北에 경고했다.", "ko", "KP US"},
        Case{"north_america_ko", "북미 시장 판매 증가", "북미 지역 판매가 늘었다.", "ko", ""},
        Case{"talks_of_two_ko", "북미 정상회담 재개", "북미 대화가 재개된다.", "ko", "KP US"},
        Case{"firm_and_work_ko", "한미약품 임상 착수", "한 일이 많다고 한미약품은 밝혔다.", "ko",
             ""},
        Case{"inside_fil", "Bagyo nasa loob ng bansa", "Nasa loob na ng Pilipinas ang bagyo.",
             "fil", "PH"},
        Case{"photo_vi", "Mưa lớn nhiều nơi", "Môn toán được dời lịch. Ảnh: Minh.", "vi", ""},
        Case{"russia_vi", "Nga tấn công Kiev", "Nga tấn công thủ đô Kiev đêm qua.", "vi", "RU UA"},
        Case{"he_vi", "Bắt nghi phạm cướp", "Anh Nguyễn Văn A bị bắt. Anh cho biết sự việc.", "vi",
             ""},
        Case{"one_lt", "Vienas žmogus žuvo", "Ugnį pastebėjo kaimynai. Vienas vyras žuvo.", "lt",
             ""},
        Case{"work_lv", "Darbs turpinās", "Viens darbinieks cieta. Viņš pasteidzies.", "lv", ""},
        Case{"words_ca", "Una obra nova", "Gràcies a tothom. Permet aparcar. Resta la planta.",
             "ca", ""},
        Case{"head_fr", "Tête de liste", "Une liste. Tête haute, elle parle. Plateau repas.", "fr",
             ""},
        Case{"meeting_pt", "Reunião adiada", "A Reunião foi adiada. Saída pela porta.", "pt", ""},
        Case{"green_nl", "Groen plan", "Een plan. Groen moet het zijn. Indien nodig later.", "nl",
             ""},
        Case{"acceptance_tr", "Kabul edildi", "Teklif Kabul edildi. Karşısında kimse yok.", "tr",
             ""},
        Case{"near_sv", "Nära beslut", "Ett beslut. Både hon och han är Nära. Hända kan allt.",
             "sv", ""},
        Case{"in_fi", "Maanjäristys Turkissa", "Turkissa kuoli kymmenen ihmistä.", "fi", "TR"},
        Case{"mongolia_zh", "蒙古国总统访问北京", "蒙古国总统访问北京。", "zh", "MN CN"},
        Case{"inner_mongolia_zh", "内蒙古下雪", "内蒙古下雪。", "zh", ""},
        Case{"macao", "Storm hits Macao", "The storm hit Macao on Monday.", "en", "MO"},
        Case{"nigeria_he", "בחירות בניגריה", "בחירות בניגריה.", "he", "NG"},
        Case{"article_in_a_countrys_name", "Oljeprisen",
             "De forente arabiske emirater øker prisen.", "nb", "AE"},
        Case{"persons_called_after_countries", "Kenya Barris sells series",
             "Kenya Barris has sold a series about Israel Adesanya.", "en", ""},
        Case{"in_lt", "Žemės drebėjimas Turkijoje",
             "Žemės drebėjimas Turkijoje pareikalavo dešimties gyvybių.", "lt", "TR"},
        Case{"in_lv", "Plūdi Polijā", "Plūdos Polijā gājuši bojā pieci cilvēki.", "lv", "PL"},
        Case{"in_et", "Maavärin Türgis", "Türgis hukkus maavärinas kümme inimest.", "et", "TR"},
        Case{"in_ca", "Protestes al Japó", "Milers de persones protesten al Japó.", "ca", "JP"},
        Case{"in_eu", "Lurrikara Txinan", "Lurrikara batek hamar lagun hil ditu Txinan.", "eu",
             "CN"},
        Case{"in_cy", "Protestiadau yn Sbaen", "Miloedd yn protestio yn Sbaen.", "cy", "ES"},
        Case{"in_af", "Vloede in Frankryk", "Vyf mense is dood in vloede in Frankryk.", "af", "FR"},
        Case{"in_gu", "જાપાનમાં ભૂકંપ", "જાપાનમાં ભૂકંપથી દસ લોકોનાં મોત.", "gu", "JP"},
        Case{"in_kn", "ಜಪಾನ್‌ನಲ್ಲಿ ಭೂಕಂಪ",
             "ಜಪಾನ್‌ನಲ್ಲಿ ಭೂಕಂಪದಿಂದ ಹತ್ತು "
             "ಜನರು "
             "ಸಾವನ್ನಪ್ಪಿದ್ದಾರೆ.",
             "kn", "JP"},
        Case{"in_si", "ජපානයේ භූමිකම්පාවක්", "ජපානයේ භූමිකම්පාවකින් දස දෙනෙක් මිය ගියහ.", "si", "JP"},
        Case{"in_sr_latin", "Zemljotres u Turskoj",
             "Snažan zemljotres pogodio je u ponedeljak Tursku.", "sr", "TR"},
        Case{"in_ky", "Кытайдагы жер титирөө", "Кытайда жер титирөөдөн он адам каза болду.", "ky",
             "CN"},
        Case{"in_zu", "Ukuzamazama komhlaba eJaphani", "Abantu abayishumi bashonile e-Japan.", "zu",
             "JP"},
        Case{"south_korean", "South Korean shares rise",
             "Shares in Seoul rose on Friday, led by carmakers and shipbuilders.", "en", "KR"},
        Case{"dateline_is_no_topic", "Peru protests spread",
             "LONDON (AP) — Protests in Peru spread to Lima on Friday as unions walked out.", "en",
             "PE"},
        Case{
            "dateline_of_a_trade", "India buys wheat at tender",
            "LONDON, Nov 20 (Reuters) - India bought 60,000 tonnes of wheat at a tender on Friday, "
            "traders said. The grain is for shipment to Mumbai in March.",
            "en", "IN"},
        Case{"dateline_that_the_words_agree_with", "Dollar weakens on U.S. data",
             "LONDON, Nov 20 (Reuters) - The dollar fell after U.S. jobs data. Sterling rose to a "
             "high as the Chancellor of the Exchequer told the Commons that Treasury gilts and "
             "pence "
             "mattered less than the building societies, Tory backbenchers and Labour peers said.",
             "en", "US GB"},
        Case{"capital_that_is_a_town_of_the_state", "Warsaw schools to get new superintendent",
             "The Warsaw Community Schools board named a superintendent on Monday. She comes from "
             "Goshen and will start in July, the Indiana district said.",
             "en", "US"},
        Case{"capital_that_a_traveller_visits", "Indiana teacher finds letters in Warsaw",
             "A teacher from Evansville, Indiana, has found letters of her grandmother in an "
             "archive in Warsaw. Polish historians will publish them.",
             "en", "PL US"},
        Case{"greater_place_tells_the_lesser", "Newcastle and Gateshead share arts prize",
             "Galleries in Newcastle and Gateshead have won the prize for museums of the year.",
             "en", "GB"},
        Case{"person_with_an_age_called_like_a_country", "Driver jailed for six years",
             "A court in Mold heard that Callum France, 29, of Wrexham drove too fast. France had "
             "looked at his telephone, the judge said.",
             "en", "GB"},
        Case{"judge_called_like_a_country", "Judge Ireland rules against school",
             "Judge Ireland ruled on Monday that a Tulsa school may not bar a pupil from its prom. "
             "Ireland wrote that Oklahoma law was plain.",
             "en", "US"},
        // A second country that the first sentence alone names, once, …
        Case{"second_country_named_once", "Police officers to lead mission",
             "Kenyan police officers will leave Nairobi next week to lead a mission against gangs "
             "in Haiti, the president said. Kenya's high court had blocked the plan in January. "
             "The opposition in Nairobi called it a waste, and the union of Kenya's police asked "
             "for better pay.",
             "en", "KE HT"},
        Case{"second_country_named_once_in_german", "Opfer sollen entschädigt werden",
             "Die Schweiz hat die Konten eines früheren Präsidenten von Peru gesperrt, teilte das "
             "Bundesamt in Bern mit. Schweizer Ermittler hatten im März den Hinweis einer Bank "
             "in Genf bekommen. Die Schweiz will das Geld zurückgeben.",
             "de", "CH PE"},
        // … is none where firms are spoken of, nor where somebody comes from or learned.
        Case{"market_of_a_firm", "Brewer names chairman",
             "A Kenyan brewer named a chairman on Monday who said the company could sell more beer "
             "in Haiti. Kenya's high court had barred the last one. Drinkers in Nairobi, where "
             "Kenya's breweries are, had little to say.",
             "en", "KE"},
        Case{"country_where_one_learned", "Brewer wins award",
             "A brewer from Leeds who learned his craft in Belgium has won the prize for the best "
             "British stout. He beat 300 others in London. The brewery sells in Yorkshire only.",
             "en", "GB"},
        Case{"dateline_of_a_market", "Denmark issues bonds",
             "LONDON, Nov 20 (Reuters) - Denmark issued a eurobond of 200 million euros with a "
             "coupon of three percent on Friday, the lead manager said.",
             "en", "DK GB"},
        Case{"dateline_that_is_here", "Peru and Chile to talk",
             "GENEVA, Nov 20 (Reuters) - Peru and Chile will meet here on Friday for talks on the "
             "border between them.",
             "en", "PE CL CH"},
        Case{"british_by_the_form_of_its_firm", "Harvey buys U.S. paper maker",
             "LONDON, Nov 20 (Reuters) - Harvey Plc said on Friday that it had bought a maker of "
             "paper in Ohio for 40 million dollars. Harvey Plc makes paper too.",
             "en", "GB US"},
        Case{"an_accord_is_no_place", "Kenya plants more trees",
             "Kenya said on Friday that it would keep to the Paris Agreement and plant more trees.",
             "en", "KE"},
        Case{"a_given_name_is_no_demonym", "Singer back on stage",
             "Britney Spears sang in Los Angeles on Friday. Britney was on stage for an hour.",
             "en", "US"},
        Case{"dateline_when_text_has_none", "Talks end",
             "GENEVA (AP) — Negotiators ended a week of talks without a statement on Friday.", "en",
             "CH"},
        Case{"turkey_the_bird", "How to roast a turkey",
             "A turkey of five kilos needs three hours in the oven, the cook says.", "en", ""},
        Case{"turkey", "Turkey raises rates",
             "The central bank in Ankara raised its policy rate on Thursday.", "en", "TR"},
        Case{"jordan_the_person", "Film wins prize",
             "The director thanked Jordan Smith and Michael Jordan for their help with the film.",
             "en", ""},
        Case{"jordan", "Aid crosses the river",
             "Trucks with aid left Jordan on Monday, officials in Amman said.", "en", "JO"},
        Case{"new_jersey", "New Jersey votes", "Voters in New Jersey chose a governor on Tuesday.",
             "en", "US"},
        Case{"georgia_state", "Georgia ballots counted",
             "Officials in Atlanta, Georgia, counted ballots after the U.S. vote on Tuesday.", "en",
             "US"},
        Case{"georgia_country", "Georgia protests",
             "Thousands rallied in Tbilisi on Friday against the Georgian government.", "en", "GE"},
        Case{"pronoun_us", "Tell us more",
             "The singer told us about the tour and asked us to wait.", "en", ""},
        Case{"capital_us", "US sends aid",
             "The shipment left on Friday, a US official said in Washington.", "en", "US"},
        Case{"papua_new_guinea", "Landslide in Papua New Guinea",
             "A landslide hit a village on Friday, police said.", "en", "PG"},
        Case{"korean_particles", "북한, 미사일 발사",
             "북한이 20일 평양에서 동해로 미사일을 발사했다고 밝혔다.", "ko", "KP"},
        Case{"russian_inflected", "Удары по Киеву",
             "Ночью по Украине был нанесён удар, сообщили в Киеве.", "ru", "UA"},
        Case{"russian_north_korea", "Переговоры в Пхеньяне",
             "Северокорейские дипломаты встретились с гостями, заявили в Северной Корее.", "ru",
             "KP"},
        Case{"towns_in_polish_cases", "Protest w Gdańsku",
             "Protestowano też w Katowicach i Łodzi, policja przyjechała z Poznania.", "pl", "PL"},
        Case{"towns_in_czech_cases", "Povodně v Ostravě", "Lidé z Plzně a Opavy jsou v bezpečí.",
             "cs", "CZ"},
        Case{"towns_in_finnish_cases", "Tulipalo Tampereella", "Turussa ja Oulussa satoi lunta.",
             "fi", "FI"},
        Case{"towns_in_hungarian_cases", "Tűz Debrecenben", "Pécsett és Szegeden nem volt tűz.",
             "hu", "HU"},
        Case{"towns_in_croatian_cases", "Požar u Splitu", "Iz Rijeke su stigli vatrogasci.", "hr",
             "HR"},
        Case{"towns_in_ukrainian_cases", "Вибухи у Львові", "У Тернополі та Харкові тихо.", "uk",
             "UA"},
        Case{"police_in_polish", "Policja zatrzymała kierowcę",
             "Policja zatrzymała w piątek kierowcę. Zabrakło mu paliwa.", "pl", ""},
        Case{"given_names_pl", "Umowa gotowa",
             "Katarzyna Nowak i Jan Krakowski powiedzieli w czwartek, że umowa jest gotowa.", "pl",
             ""},
        Case{"given_names_it", "Contratto pronto",
             "Francesca Ferrari e Francesco Conti hanno detto che il contratto è pronto.", "it",
             ""},
        Case{"given_names_hr", "Ugovor spreman",
             "Katarina Petrović i Marko Horvatić rekli su da je ugovor spreman.", "hr", ""},
        Case{"given_names_hu", "Kész a szerződés",
             "Szegedi Dániel és Nagy Magdalena szerint kész a szerződés.", "hu", ""},
        Case{"given_names_fr", "Contrat", "Maurice Lefebvre a déclaré que tout était prêt.", "fr",
             ""},
        Case{"island_fr", "Élections à Maurice", "Maurice a voté dimanche.", "fr", "MU"},
        Case{"country_with_a_part_of_its_name", "Maker moves",
             "A tea maker from Taichung, Taiwan, has opened a shop in Paris.", "en", "TW FR"},
        Case{"turkish_suffix", "Kuzey Kore'nin denemesi",
             "Kuzey Kore'nin yeni füzesi denize düştü.", "tr", "KP"},
        Case{"arabic_prefix", "اجتماع في بكين",
             "اتفقت روسيا والصين على مشروع جديد، وقالت الصين إن العمل بدأ.", "ar", "CN RU"},
        Case{"chinese", "朝鲜发射导弹", "据报道，朝鲜星期五从平壤附近发射一枚导弹。", "zh", "KP"},
        Case{"japanese", "北朝鮮がミサイル発射",
             "防衛省によると、北朝鮮は20日、弾道ミサイルを発射した。", "ja", "KP JP"},
        Case{"german", "Nordkorea testet Rakete",
             "Pjöngjang hat am Freitag eine Rakete getestet, teilte Südkoreas Militär mit.", "de",
             "KP KR"},
        Case{"french", "La Corée du Nord tire un missile",
             "Pyongyang a tiré vendredi un missile vers la mer.", "fr", "KP"},
        Case{"a_club_that_is_called_like_a_person", "Chelsea beat Barcelona",
             "Chelsea beat Barcelona 3-0 in the Champions League on Tuesday with three late goals. "
             "The coach was pleased with his striker.",
             "en", "GB ES"},
        Case{"a_person_that_is_called_like_a_club", "Chelsea wins the prize",
             "Chelsea won the prize for her novel on Tuesday.", "en", ""},
        Case{
            "a_country_of_a_kingdom", "England collapse as Australia win",
            "Australia beat England by eight wickets on Saturday. England lost nine wickets for 99 "
            "runs before tea in Perth.",
            "en", "GB AU"},
        Case{"lessons_in_languages", "Lessons cut",
             "Fewer pupils take German, French and Spanish courses.", "en", ""},
        Case{"bynames_of_teams", "Springboks win again",
             "The Springboks won by ten points on Saturday.", "en", "ZA"},
        Case{"metonym", "Kremlin rejects offer",
             "The Kremlin said on Friday that it would not accept the proposal.", "en", "RU"}),
    [](const testing::TestParamInfo<Case>& row) { return std::string(row.param.name); });

TEST(RegionClassifier, MentionHasThePlace) {
  const Analysis analysis =
      analyse("Visit", "The envoy arrived in Pyongyang on Friday for two days of talks.", "en");
  ASSERT_EQ(analysis.result.mentions.size(), 1U);
  const Mention& mention = analysis.result.mentions[0];
  EXPECT_EQ(mention.kind, PlaceKind::kCapital);
  EXPECT_EQ(mention.country, CountryCode("KP"));
  EXPECT_EQ(mention.admin1, "KP-01");
  EXPECT_EQ(mention.geonames_id, 1871859U);
  EXPECT_NEAR(mention.latitude, 39.03, 0.01);
  EXPECT_EQ(analysis.text.source(mention.span), "Pyongyang");
}

TEST(RegionClassifier, TailAndRepetitionDoNotCount) {
  const char* lede =
      "Lawmakers in Japan passed the budget on Friday after a debate of two days in the house.";
  const std::string body =
      std::string(lede) +
      "\n\nThe vote was close, with several members absent from the chamber.\n\n" + lede +
      "\n\nRead more: Canada wildfires spread\nPeru elects a new congress";
  const Analysis analysis = analyse("Budget passed", body, "en");
  ASSERT_EQ(analysis.result.about.size(), 1U);
  EXPECT_EQ(analysis.result.about[0].country, CountryCode("JP"));
  EXPECT_EQ(analysis.result.about[0].mention_count, 1U);
  EXPECT_TRUE(std::ranges::none_of(analysis.result.mentions, [](const Mention& mention) {
    return mention.country == CountryCode("CA");
  }));
}

TEST(RegionClassifier, MenusOfAPageDoNotCount) {
  std::string body;
  for (const char* entry : {"Home", "World", "France", "Brazil", "India", "Kenya", "Spain", "Sport",
                            "Weather", "Video", "Sign in", "Search"}) {
    body += std::string(entry) + "\n";
  }
  const std::string menu = body;
  body +=
      "Lawmakers in Japan passed the budget on Friday after a debate of two days in the house, and "
      "the government welcomed the result.\n";
  body += menu + menu;
  const Analysis analysis = analyse("Budget passed", body, "en");
  ASSERT_EQ(analysis.result.about.size(), 1U);
  EXPECT_EQ(analysis.result.about[0].country, CountryCode("JP"));
}

TEST(Regions, RollUpToM49) {
  const auto regions = m49_regions(CountryCode("KP"));
  ASSERT_EQ(regions.size(), 3U);
  EXPECT_EQ(regions[0], "030");
  EXPECT_EQ(regions[1], "142");
  EXPECT_EQ(regions[2], "001");
  EXPECT_EQ(country_name(CountryCode("KP")), "North Korea");
  EXPECT_TRUE(m49_regions(CountryCode("QQ")).empty());
}

std::string place_of(const Analysis& analysis, std::string_view name) {
  for (const Mention& mention : analysis.result.mentions) {
    if (analysis.text.source(mention.span) == name) {
      return std::string(mention.country.text()) + " " + std::string(mention.admin1);
    }
  }
  return "none";
}

TEST(RegionClassifier, WhatStandsBesideANameTellsThePlace) {
  const Analysis texas = analyse("Fair opens", "The fair in Paris, Texas, opened on Friday.", "en");
  EXPECT_EQ(place_of(texas, "Paris"), "US US-TX");
  EXPECT_EQ(place_of(texas, "Texas"), "US US-TX");
  const Analysis france = analyse("Fair opens", "The fair in Paris opened on Friday.", "en");
  EXPECT_EQ(place_of(france, "Paris"), "FR FR-IDF");
  const Analysis georgia =
      analyse("Votes", "Voters in Savannah, Georgia, waited. Georgia counts on Tuesday.", "en");
  EXPECT_EQ(georgia.result.about.front().country, CountryCode("US"));
  EXPECT_EQ(place_of(georgia, "Georgia"), "US US-GA");
  const Analysis brest = analyse("Incendie", "Un incendie a fait deux blessés à Brest.", "fr");
  EXPECT_EQ(brest.result.about.front().country, CountryCode("FR"));
  const Analysis taiwan = analyse("Chips", "A plant in Taichung, Taiwan, opened.", "en");
  EXPECT_EQ(taiwan.result.mentions.back().kind, PlaceKind::kCountry);
  const Analysis lebanon = analyse("Port", "Ships left Tripoli, Lebanon, on Friday.", "en");
  EXPECT_EQ(lebanon.result.about.front().country, CountryCode("LB"));
}

TEST(RegionClassifier, AMentionHasTheNameOfThePlaceThatIsMeant) {
  const Analysis analysis = analyse(
      "Talks",
      "Sergei Lavrov spoke for the Kremlin, officials of the European Union and of NATO said.",
      "en");
  std::vector<std::string> names;
  for (const Mention& mention : analysis.result.mentions) names.emplace_back(mention.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Russia", "Russia", "European Union", "NATO"}));
}

// The text's mentions, and how often Russia is named, at most `mention_max` in all.
RegionResult bounded(std::string_view body, std::size_t mention_max) {
  ArticleText text;
  TextAnalyzer().analyze("Visit", body, text);
  ZoneLabeler().label(text);
  RegionScratch scratch;
  RegionResult result;
  const RegionClassifier classifier(shipped_gazetteer(), {.mention_max = mention_max});
  classifier.classify(text, {.language = "en", .located = {}, .source = {}}, scratch, result);
  return result;
}

TEST(RegionClassifier, MentionsAreBoundedWhateverTheyAre) {
  std::string surnames = "President Vladimir Putin said so.";
  std::string villages;
  for (int i = 0; i < 50; ++i) {
    surnames += " Then Putin left.";
    villages += " He was near the village of Qwertov.";
  }
  EXPECT_EQ(bounded(surnames, 100).mentions.size(), 51U);
  EXPECT_EQ(bounded(surnames, 20).mentions.size(), 20U);
  EXPECT_EQ(bounded(surnames, 1).mentions.size(), 1U);
  // Villages that the data lacks leave room for the names behind them.
  const RegionResult result = bounded("In Leeds." + villages + " France won. Peru lost.", 20);
  ASSERT_EQ(result.mentions.size(), 20U);
  EXPECT_EQ(result.mentions[18].country, CountryCode("FR"));
  EXPECT_EQ(result.mentions[19].country, CountryCode("PE"));
}

TEST(RegionClassifier, ASmallTownGivesWayToTheCountryOfItsName) {
  const struct {
    const char* body;
    const char* source;
    const char* countries;
  } rows[] = {
      {"Farmers near Dallas and Waco sold cotton to China. Texas said so.", "dallasnews.com",
       "US US CN US "},
      {"Farmers in China, Texas, sold cotton. Beaumont and Port Arthur bought it.",
       "dallasnews.com", "US US US US "},
      {"A firm in South Dakota sold barley to Scotland, said Sioux Falls.", "argusleader.com",
       "US GB US "},
      // A greater town that the text is about, and the newsroom's own.
      {"Police in Lebanon said so.", "ldnews.com", "US "},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Report", row.body, "en", row.source);
    EXPECT_EQ(countries_mentioned(analysis), row.countries) << row.body;
  }
}

TEST(RegionClassifier, WhatIsNoCountrysCodeIsNoHome) {
  ArticleText text;
  TextAnalyzer().analyze("Budget passed", "Members voted on Friday.", text);
  ZoneLabeler().label(text);
  const RegionClassifier classifier(shipped_gazetteer());
  RegionScratch scratch;
  const auto about = [&](std::string_view located, std::string_view source) {
    RegionResult result;
    classifier.classify(text, {.language = "en", .located = located, .source = source}, scratch,
                        result);
    return result.about.empty() ? std::string() : std::string(result.about[0].country.text());
  };
  EXPECT_EQ(about("GB", ""), "GB");
  EXPECT_EQ(about("UK", ""), "GB");  // A name of it, if no code.
  EXPECT_EQ(about("ZZ", ""), "");
  EXPECT_EQ(about("EU", ""), "");
  EXPECT_EQ(about("", "news.example.eu"), "");
  EXPECT_EQ(about("EU", "news.example.fr"), "FR");
}

TEST(RegionClassifier, TheSourceIsAtHome) {
  const char* body = "A man was arrested in Cambridge on Friday, police said.";
  ArticleText text;
  TextAnalyzer().analyze("Arrest", body, text);
  ZoneLabeler().label(text);
  const RegionClassifier classifier(shipped_gazetteer());
  RegionScratch scratch;
  RegionResult result;
  classifier.classify(text, {.language = "en", .located = {}, .source = "www.bostonglobe.com"},
                      scratch, result);
  ASSERT_EQ(result.mentions.size(), 1U);
  EXPECT_EQ(result.mentions[0].admin1, "US-MA");
  classifier.classify(text, {.language = "en", .located = {}, .source = "theguardian.com"}, scratch,
                      result);
  EXPECT_EQ(result.mentions[0].country, CountryCode("GB"));
  TextAnalyzer().analyze("Budget passed", "Members voted on Friday.", text);
  ZoneLabeler().label(text);
  classifier.classify(text, {.language = "en", .located = "Lima, Peru", .source = {}}, scratch,
                      result);
  ASSERT_EQ(result.about.size(), 1U);
  EXPECT_EQ(result.about[0].country, CountryCode("PE"));
  EXPECT_EQ(result.about[0].mention_count, 0U);
}

TEST(RegionClassifier, SaysWhatWasIgnoredAndWhy) {
  const Analysis analysis =
      analyse("Film wins prize",
              "The director thanked Peter Jordan. French fries were served on the tour of "
              "France.",
              "en");
  const auto& [text, result, explanation] = analysis;
  ASSERT_EQ(explanation.ignored.size(), 2U);
  EXPECT_EQ(text.source(explanation.ignored[0].span), "Jordan");
  EXPECT_EQ(explanation.ignored[0].reason, IgnoredReason::kPerson);
  EXPECT_EQ(text.source(explanation.ignored[1].span), "French fries");
  EXPECT_EQ(explanation.ignored[1].reason, IgnoredReason::kBlocked);
  ASSERT_EQ(explanation.weights.size(), result.mentions.size());
  EXPECT_GT(explanation.weights[0], 0);
}

TEST(RegionClassifier, APlaceInTheNameOfAFirmIsMentionedAndDoesNotCount) {
  for (const char* firm :
       {"Boston Globe", "Boston Telegraph"}) {  // A phrase of the data, a suffix.
    const Analysis analysis = analyse(
        "Film wins prize",
        "The prize went to a film from Peru, the " + std::string(firm) + " reported.", "en");
    ASSERT_EQ(analysis.result.about.size(), 1U) << firm;
    EXPECT_EQ(analysis.result.about[0].country, CountryCode("PE")) << firm;
    ASSERT_EQ(analysis.result.mentions.size(), 2U) << firm;
    EXPECT_EQ(analysis.result.mentions[1].name, "Boston") << firm;
    EXPECT_FALSE(analysis.result.mentions[1].counts) << firm;
  }
}

TEST(RegionClassifier, WhatIsSaidElsewhereTellsThePlace) {
  const struct {
    const char* body;
    const char* source;
    const char* name;
    const char* place;
  } rows[] = {
      // The home of a local paper, which is a town, and what lies near.
      {"Police in Athens searched the house on Friday.", "onlineathens.com", "Athens", "US US-GA"},
      {"Police in Athens searched the house on Friday.", "athensreview.com", "Athens", "US US-TX"},
      {"Police in Athens searched the house on Friday.", "", "Athens", "GR "},
      // A county and a town near by.
      {"Teams from Danville and Bourbon County met in Paris, Kentucky. Paris won.", "", "Danville",
       "US US-KY"},
      // A village is no capital.
      {"Farms in Illinois surround the village of Washington, near Peoria.", "", "Washington",
       "US US-IL"},
      // A list of countries: one of them is no town or state of the next.
      {"The vaccine goes to Togo, Niger, Nigeria and Ghana.", "", "Niger", "NE "},
      {"Exports to China, Japan and Korea rose.", "", "China", "CN "},
      {"Officials in the Republic named a governor of New York state.", "", "New York", "US US-NY"},
      // A town is hardly meant where a state has its name.
      {"The storm crossed Florida on Friday.", "", "Florida", "US US-FL"},
      {"The storm crossed Florida on Friday.", "timesunion.com", "Florida", "US US-FL"},
  };
  for (const auto& row : rows) {
    Analysis analysis;
    TextAnalyzer().analyze("Report", row.body, analysis.text);
    ZoneLabeler().label(analysis.text);
    RegionScratch scratch;
    RegionClassifier(shipped_gazetteer())
        .classify(analysis.text, {.language = "en", .located = {}, .source = row.source}, scratch,
                  analysis.result);
    EXPECT_EQ(place_of(analysis, row.name).substr(0, std::string_view(row.place).size()), row.place)
        << row.body << row.source;
  }
}

TEST(RegionClassifier, OfNamesThatShareTheirLastWordEachIsItsOwn) {
  const Analysis both = analyse("Storm", "Rain fell on North and South Carolina.", "en");
  EXPECT_EQ(place_of(both, "North"), "US US-NC");
  EXPECT_EQ(place_of(both, "South Carolina"), "US US-SC");
  EXPECT_EQ(place_of(analyse("Storm", "Rain fell on North Street.", "en"), "North"), "none");
}

// All of their words change.
TEST(RegionClassifier, TownsOfSeveralWordsAreFoundInCases) {
  const struct {
    const char* language;
    const char* body;
    const char* name;
    const char* place;
  } rows[] = {
      {"pl", "Most w Zielonej Górze zamknięto.", "Zielonej Górze", "PL"},
      {"pl", "Mieszkańcy Nowego Sącza czekają.", "Nowego Sącza", "PL"},
      {"pl", "Pożar w Bielsku-Białej ugaszono.", "Bielsku-Białej", "PL"},
      {"pl", "Muzeum w Piotrkowie Trybunalskim otwarto.", "Piotrkowie Trybunalskim", "PL"},
      {"pl", "Kierowcy z Dąbrowy Górniczej czekają.", "Dąbrowy Górniczej", "PL"},
      {"cs", "Dálnice u Českých Budějovic roste.", "Českých Budějovic", "CZ"},
      {"cs", "Policie v Hradci Králové zasahovala.", "Hradci Králové", "CZ"},
      {"sk", "Nemocnica v Banskej Bystrici stojí.", "Banskej Bystrici", "SK"},
      {"sk", "Pacienti zo Spišskej Novej Vsi čakajú.", "Spišskej Novej Vsi", "SK"},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Xyz", row.body, row.language);
    EXPECT_EQ(place_of(analysis, row.name).substr(0, 2), row.place) << row.body;
  }
}

TEST(RegionClassifier, AnOrganisationLiesAtItsSeat) {
  const Analysis analysis =
      analyse("Report", "The United Nations said on Friday that it would meet.", "en");
  ASSERT_EQ(analysis.result.mentions.size(), 1U);
  EXPECT_TRUE(analysis.result.mentions.front().has_coordinates);
  EXPECT_NEAR(analysis.result.mentions.front().longitude, -73.97F, 0.01F);
  EXPECT_TRUE(analysis.result.about.empty());
}

TEST(RegionClassifier, ACapitalGivesWayToANamesakeThatTheTextIsAbout) {
  const auto place = [](const char* headline, const char* body, const char* name) {
    return place_of(analyse(headline, body, "en"), name);
  };
  EXPECT_EQ(place("Soldiers in Tripoli", "Lebanon sent soldiers to Tripoli.", "Tripoli"), "LB ");
  EXPECT_EQ(place("Soldiers in Tripoli", "Soldiers were sent to Tripoli.", "Tripoli"), "LY LY-TB");
  EXPECT_EQ(
      place("Fire in Kingston", "A prison in Kingston burnt, Canada's police said.", "Kingston"),
      "CA CA-ON");
  EXPECT_EQ(place("Repairs", "Panama City repairs its roofs. Florida sends tiles.", "Panama City"),
            "US US-FL");
  EXPECT_EQ(place("Crash in San Jose", "Two cars crashed in San Jose.", "San Jose"), "US US-CA");
  EXPECT_EQ(place("Crash in San Jose", "Two cars of Costa Rica crashed in San Jose.", "San Jose"),
            "CR CR-SJ");
  EXPECT_EQ(place("Geneva talks show progress",
                  "U.S. envoys said in Geneva that the U.S. would agree, and Americans rejoiced.",
                  "Geneva"),
            "CH CH-GE");
  EXPECT_TRUE(
      place("Fire", "Ohio firemen from Rome Township came late.", "Rome").starts_with("US"));
  EXPECT_TRUE(
      place("Kennel", "Dogs were found in the town of Paris, Wisconsin, on Friday.", "Paris")
          .starts_with("US"));
  EXPECT_EQ(place("Offices", "It has offices in Paris, Wisconsin and Tokyo.", "Paris"),
            "FR FR-IDF");
  EXPECT_EQ(place("Trial",
                  "BOISE, Idaho - The Idaho student drove from Pullman, Washington, to a house in "
                  "Moscow, police of Idaho said on Friday.",
                  "Moscow"),
            "US US-ID");
  // A great capital is named everywhere.
  EXPECT_EQ(place("Visit", "The premier of Canada flew to London.", "London"), "GB GB-ENG");
}

TEST(RegionClassifier, ALeaderIsKnownByTheSurnameOnceTheFullNameIsThere) {
  const auto mentioned = [](const Analysis& analysis) {
    std::vector<std::string> found;
    for (const Mention& mention : analysis.result.mentions) {
      found.push_back(std::to_string(mention.token_begin) + " " +
                      std::string(mention.country.text()));
    }
    return found;
  };
  EXPECT_EQ(mentioned(analyse("Kim visits a shipyard",
                              "The leader, Kim Jong Un, came late. Then Kim left.", "en")),
            (std::vector<std::string>{"0 KP", "6 KP", "12 KP"}));
  // Another of that name, and nobody at all.
  EXPECT_EQ(mentioned(analyse("Visit", "Boris Johnson met Tim Johnson in 2020.", "en")),
            (std::vector<std::string>{"1 GB"}));
  EXPECT_EQ(mentioned(analyse("Merz wins", "The skater Merz won again.", "en")),
            std::vector<std::string>{});
  // An adjective, too, where nothing else of its country is there.
  EXPECT_EQ(mentioned(analyse("السوداني يترأس اجتماعا",
                              "ترأس رئيس الوزراء محمد شياع السوداني اجتماعا.", "ar")),
            (std::vector<std::string>{"0 IQ", "6 IQ"}));
  EXPECT_EQ(
      mentioned(analyse("الجيش السوداني في الخرطوم", "استقبل محمد شياع السوداني وفدا.", "ar")),
      (std::vector<std::string>{"1 SD", "3 SD", "5 IQ"}));
}

TEST(RegionClassifier, WhatTheTextUsesAsAWordIsNoName) {
  const auto countries = [](const char* headline, const char* body, const char* language) {
    return countries_mentioned(analyse(headline, body, language));
  };
  EXPECT_EQ(countries("Turkey prices soar", "A frozen turkey costs more in Ohio.", "en"), "US ");
  EXPECT_EQ(countries("Turkey prices soar", "Inflation in Turkey rose.", "en"), "TR TR ");
  EXPECT_EQ(countries("Turkey votes", "Turkey votes today. A turkey was pardoned in Turkey.", "en"),
            "TR TR TR ");
  EXPECT_EQ(countries("Wetter", "Die Lage ist ernst, das Essen wird knapp.", "de"), "");
  EXPECT_EQ(countries("Frost", "Deutschland friert. In Essen ist es kalt.", "de"), "DE DE ");
  EXPECT_EQ(countries("Final", "La victoria fue clara.", "es"), "");
  EXPECT_EQ(countries("Budget", "La réunion du conseil a lieu lundi à La Réunion.", "fr"), "RE ");
}

TEST(RegionClassifier, ATownOfACountryThatSpeaksTheLanguageGoesBeforeAGreaterOneAbroad) {
  const struct {
    const char* language;
    const char* body;
    const char* countries;
  } rows[] = {{"pt", "Um homem foi detido em Santa Maria, disse a polícia.", "BR "},
              {"en", "A man was held in Santa Maria, police said.", "US "},
              {"es", "Un hombre fue detenido en Cádiz, dijo la policía.", "ES "},
              {"es", "Un hombre fue detenido en San Antonio, dijo la policía.", "US "}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body);
    EXPECT_EQ(countries_mentioned(analyse("", row.body, row.language)), row.countries);
  }
}

// A namesake abroad of a place that the data lacks is mentioned, but says nothing.
TEST(RegionClassifier, ASmallTownThatStandsAloneAbroadSaysNothing) {
  const auto about = [](const char* body) { return countries_of(analyse("Fire", body, "en")); };
  EXPECT_EQ(about("Police in Lustenau said a man was held."), "AT");
  EXPECT_EQ(about("Police in Lustenau said a man of Lima was held."), "PE AT");
  EXPECT_EQ(about("Police in Lustenau held two men of Peru, Peruvian officials said."), "PE AT");
  EXPECT_EQ(about("Police in Lustenau said a man was held. In Peru, Lima and Cusco were told."),
            "PE");
  EXPECT_EQ(about("Police in Lustenau, Austria, held a man. In Peru, Lima and Cusco were told."),
            "AT PE");
}

// Whose an institution is that many countries have.
TEST(RegionClassifier, AnInstitutionIsThatOfTheCountryWhichTheTextIsAbout) {
  const struct {
    const char* body;
    const char* countries;
    const char* source = "";
    const char* language = "en";
  } rows[] = {
      // It is said beside the name, or the words are another's.
      {"India's Supreme Court ruled on Friday.", "IN "},
      {"India's Supreme Court ruled. The U.S. firm must wait, the Supreme Court said.",
       "IN US IN "},
      {"The Senate of the Philippines met. Washington was told by the Senate.", "PH PH US PH "},
      {"The U.S. Senate met. Tokyo, Lagos and Abuja watched the Senate.", "US JP NG NG US "},
      {"Минобороны Казахстана назвало сроки призыва.", "KZ KZ ", "", "ru"},
      {"Минобороны назвало сроки призыва.", "RU ", "", "ru"},
      // The dateline, then the source's home.
      {"LIMA, Nov 20 (Reuters) - Congress rejected the budget on Thursday.", "PE PE "},
      {"TOKYO, Nov 20 (Reuters) - Congress rejected the budget on Thursday.", "JP US "},
      {"Congress and the Supreme Court differ.", "IN IN ", "thehindu.com"},
      {"Congress and the Supreme Court differ.", "US US ", "bbc.co.uk"},
      {"The Supreme Court ruled on Friday.", "GB ", "bbc.co.uk"},
      {"Congress and the Supreme Court differ. Donald Trump was at the Pentagon.", "US US US US ",
       "thehindu.com"},
      // The towns that the text names.
      {"The Senate passed it in Abuja. Kano will gain.", "NG NG NG "},
      {"The Ministry of Defence said drones had struck Odesa.", "UA UA "},
      {"The House of Commons will vote in Ottawa.", "CA CA "},
      {"The House of Commons will vote in Westminster.", "GB GB "},
      {"The Democrats quit the coalition in Bangkok.", "TH TH "},
      {"The House of Representatives agreed, as PDI-P had asked.", "ID ID "},
      // What only one of them has, and what is named from outside.
      {"The Senate asked about gangs in Tijuana, the Justice Department said.", "US MX US "},
      {"The Senate confirmed the envoy to Brazil.", "US BR "},
      {"Congress debates arms for Kyiv and Odesa.", "US UA UA "},
      {"The Supreme Court ruled on Friday.", "US "},
      {"The Social Democrats quit the coalition.", ""},
      {"Liberal Democrats gained seats.", "GB "},
      // An abbreviation that only those who are there know.
      {"The NBI raided a warehouse in Manila.", "PH PH "},
      {"The NBI raided a warehouse.", "PH ", "pna.gov.ph"},
      {"The NBI raided a warehouse.", ""}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body);
    EXPECT_EQ(countries_mentioned(analyse("", row.body, row.language, row.source)), row.countries);
  }
}

TEST(RegionClassifier, AnInstitutionMentionedElsewhereHasTheCountrysPlace) {
  const Analysis analysis = analyse("", "The Senate passed it in Abuja.", "en");
  ASSERT_EQ(analysis.result.mentions.size(), 2U);
  const Mention& senate = analysis.result.mentions.front();
  EXPECT_EQ(senate.kind, PlaceKind::kGovernment);
  EXPECT_EQ(senate.name, "Nigeria");
  EXPECT_EQ(senate.geonames_id, 2328926U);
  EXPECT_TRUE(senate.has_coordinates);
}

TEST(RegionClassifier, PersonsAreNoPlaces) {
  const struct {
    const char* body;
    const char* name;
  } rows[] = {
      {"The film was made by Jordan Smith, the studio said.", "Jordan"},
      {"A report by Jon R. Taylor was read to the house.", "Taylor"},
      {"The minister met Chrystia Freeland on Friday.", "Freeland"},
      {"The railway's chief is Roger van Boxtel, it said.", "Boxtel"},
      {"The man told Judge Hamilton that he was ill.", "Hamilton"},
      {"The road is closed, the engineer Peter Austria said on Friday.", "Austria"},
      {"The court heard that Callum France, 29, of Rhuthun drove too fast.", "France"},
      {"Il tribunale ha condannato Gavino Spagna, 49 anni, ristoratore.", "Spagna"},
      {"The museum's Diego Pol-Wales said so on Friday.", "Wales"},
      {"Paris Jackson, the singer, said so on Friday.", "Paris"},
      {"The actor Austin Butler said so on Friday.", "Austin"},
      {"The wind of Hurricane Florence fell on Friday.", "Florence"},
      {"The striker Israel Fernández said so on Friday.", "Israel"},
      {"The singer Charlotte O'Sullivan said so on Friday.", "Charlotte"},
      {"The singer Kenya McQwert said so on Friday.", "Kenya"},
      {"The dancer Israel Okoro said so on Friday.", "Israel"},
      {"The skater Sydney Qwertovic said so on Friday.", "Sydney"},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Report", row.body, "en");
    const std::vector<IgnoredName>& ignored_names = analysis.explanation.ignored;
    EXPECT_TRUE(analysis.result.mentions.empty()) << row.body;
    const auto is_the_person = [&](const IgnoredName& ignored) {
      return analysis.text.source(ignored.span) == row.name &&
             ignored.reason == IgnoredReason::kPerson;
    };
    EXPECT_TRUE(std::any_of(ignored_names.begin(), ignored_names.end(), is_the_person)) << row.body;
  }
}

TEST(RegionClassifier, WhoeverBearsANameIsMeantWhereAPartOfItStandsAlone) {
  const struct {
    const char* body;
    const char* countries;
  } rows[] = {
      {"Jack London wrote every day. Most readers loved London, a sailor.", ""},
      {"Jack London wrote every day. He had a house in London.", "GB "},
      {"Ethiopia fights the Marburg virus. Doctors say Marburg is deadly.", "ET "},
      {"Trucks crossed the Jordan River. The king thanked Jordan and its army.", "JO "},
      // A country before another is no given name.
      {"The Israel Gaza talks ended on Friday.", "IL PS "},
      // A ship is its navy's, and not where its name says.
      {"The submarine USS Georgia left on Friday.", "US "},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Report", row.body, "en");
    EXPECT_EQ(countries_mentioned(analysis), row.countries) << row.body;
  }
}

TEST(RegionClassifier, PlacesAreKnownAsAgenciesSpellThem) {
  const struct {
    const char* name;
    const char* place;
  } rows[] = {
      {"Khan Younis", "PS "},
      {"Gaza City", "PS "},
      {"Deir al-Balah", "PS "},
      {"Hodeidah", "YE YE-HU"},
      {"Raqqa", "SY "},
      {"Mazar-i-Sharif", "AF AF-BAL"},
      {"Zaporizhzhia", "UA UA-23"},
      {"Mekelle", "ET ET-TI"},
      {"St. Petersburg", "RU RU-SPE"},
      {"Niger State", "NG NG-NI"},
      {"Antigua", "AG "},
      {"Turks and Caicos", "TC "},
      {"Orkney", "GB "},
      {"Srebrenica", "BA "},
      {"Grodno", "BY BY-HR"},
      {"Newcastle-upon-Tyne", "GB GB-ENG"},
      {"Chagos Islands", "IO "},
      {"Natanz", "IR "},
      {"Lome", "TG TG-M"},
  };
  for (const auto& row : rows) {
    const std::string body = "Two people were hurt in " + std::string(row.name) + " on Friday.";
    EXPECT_EQ(place_of(analyse("Report", body, "en"), row.name), row.place);
  }
  const Analysis city = analyse("Report", "Shells fell on Gaza City on Friday.", "en");
  ASSERT_EQ(city.result.mentions.size(), 1U);
  EXPECT_EQ(city.result.mentions.front().kind, PlaceKind::kCity);
}

TEST(RegionClassifier, WhatStandsForACountryLiesWhereItIs) {
  const struct {
    const char* name;
    const char* admin1;
    float longitude;
  } rows[] = {{"Hollywood", "US-CA", -118.3F}, {"Wall Street", "US-NY", -74.0F},
              {"Holyrood", "GB-SCT", -3.2F},   {"Stormont", "GB-NIR", -5.8F},
              {"Bollywood", "IN-MH", 72.9F},   {"White House", "US-DC", -77.0F}};
  for (const auto& row : rows) {
    const std::string body = "Nobody at the " + std::string(row.name) + " said so on Friday.";
    const Analysis analysis = analyse("Report", body, "en");
    ASSERT_EQ(analysis.result.mentions.size(), 1U) << row.name;
    EXPECT_EQ(analysis.result.mentions.front().admin1, row.admin1);
    EXPECT_NEAR(analysis.result.mentions.front().longitude, row.longitude, 0.2F) << row.name;
  }
}

// A story of markets, of an armed group or of a politician often names no country beside them.
TEST(RegionClassifier, WhatOneCountryAloneHasStandsForItInManyLanguages) {
  const struct {
    const char* body;
    const char* language;
    const char* countries;
  } rows[] = {
      // Armed groups.
      {"Boko Haram a revendiqué l'attaque d'un convoi.", "fr", "NG"},
      {"وأعلنت بوكو حرام مسؤوليتها عن الهجوم.", "ar", "NG"},
      {"The army said that al-Shabaab had attacked a convoy.", "en", "SO"},
      {"Waasi wa M23 wameuteka mji huo.", "sw", "CD"},
      {"El portavoz acusó a los hutíes del ataque.", "es", "YE"},
      {"Selon l'armée, les talibans ont attaqué un convoi.", "fr", "AF"},
      {"Selon l'armée, le Jnim a attaqué un convoi.", "fr", "ML"},
      {"قصفت قوات الدعم السريع مستشفى.", "ar", "SD"},
      // Indices, central banks, currencies.
      {"सेंसेक्स 450 अंक टूटकर बंद हुआ।", "hi", "IN"},
      {"沪指周三收跌0.5%，半导体板块领跌。", "zh", "CN"},
      {"恒指高开0.3%。", "zh", "HK"},
      {"Laut Händlern gab der Nikkei um ein Prozent nach.", "de", "JP"},
      {"Segundo analistas, o Ibovespa subiu 1,1%.", "pt", "BR"},
      {"Analis mengatakan IHSG turun 0,8 persen.", "id", "ID"},
      {"Traders said the ringgit had opened higher.", "en", "MY"},
      {"Traders said the zloty had fallen to a low.", "en", "PL"},
      // Leaders, in languages and scripts of others.
      {"Segundo o porta-voz, Lula vetou dois artigos.", "pt", "BR"},
      {"The spokesman said that Lula had vetoed two articles.", "en", "BR"},
      {"Segundo a nota, João Lourenço exonerou o governador.", "pt", "AO"},
      {"Selon lui, Mahamat Idriss Déby a nommé neuf ministres.", "fr", "TD"},
      {"Laut Sprecher traf Ignazio Cassis die Delegation.", "de", "CH"},
      {"Садыр Жапаров подписал закон о выборах.", "ru", "KG"},
      {"Заяву зробив міністр Сибіга.", "uk", "UA"},
      {"ममता बनर्जी ने बैठक बुलाई।", "hi", "IN"},
      {"তারেক রহমান দলের নেতাদের সঙ্গে বৈঠক করেন।", "bn", "BD"},
      {"다카이치 총리가 회견을 열었다.", "ko", "JP"},
      // Boroughs, districts and clubs, in the language of their country.
      {"Kadıköy'de çıkan kavgada iki kişi yaralandı.", "tr", "TR"},
      {"Trabzonspor, Kayserispor'u deplasmanda yendi.", "tr", "TR"},
      {"阪神は甲子園で逆転勝ちした。", "ja", "JP"},
      {"Persebaya menang 2-1 pada Sabtu malam.", "id", "ID"},
      {"নারায়ণগঞ্জে ব্যবসায়ী হত্যা মামলায় রায় ঘোষণা করেন আদালত।", "bn", "BD"},
      {"মুর্শিদাবাদে ভারী বৃষ্টি হচ্ছে।", "bn", "IN"},
      {"জিম্বাবুয়েকে চার উইকেটে হারিয়েছে দল।", "bn", "ZW"},
      {"ভোলা মনের মানুষ তিনি।", "bn", ""},
      // Abbreviations, of which those that are words ask for context.
      {"The landslide hit the PNG highlands.", "en", "PG"},
      {"Selon l'ONU, la RDC a signalé 42 cas.", "fr", "CD"},
      {"THE CAR WAS STOLEN ON MONDAY, THE POLICE SAID.", "en", ""},
      {"Lula Jones won the race after a long wait.", "en", ""},
  };
  for (const auto& row : rows) {
    std::string found;
    for (const CountryScore& score : analyse("", row.body, row.language).result.about)
      found += (found.empty() ? "" : " ") + std::string(score.country.text());
    EXPECT_EQ(found, row.countries) << row.body;
  }
}

// At home newsrooms name neither the country of their parliament, courts, services and parties, nor
// of their regions. What many countries have is that one's only where no other country is named.
TEST(RegionClassifier, InstitutionsAndRegionsAtHomeTellTheirCountry) {
  const struct {
    const char* body;
    const char* language;
    const char* countries;
  } rows[] = {
      {"СБУ затримала посадовця під час отримання хабара.", "uk", "UA"},
      {"공정위는 과징금을 부과했다.", "ko", "KR"},
      {"어제 대법원은 원심을 확정했다.", "ko", "KR"},
      {"어제 미국 대법원은 원심을 확정했다.", "ko", "US"},
      {"금융위기 때와 같다고 그는 말했다.", "ko", ""},
      {"सीबीआई ने आठ ठिकानों पर छापे मारे।", "hi", "IN"},
      {"सुप्रीम कोर्ट ने सुनवाई टाली।", "hi", "IN"},
      {"अमेरिका के सुप्रीम कोर्ट ने सुनवाई टाली।", "hi", "US"},
      {"昨日、最高裁は判断を示した。", "ja", "JP"},
      {"中国外務省の報道官が述べた。", "ja", "CN"},
      {"中央纪委通报了三起案件。", "zh", "CN"},
      {"美国国务院发言人说，谈判将继续。", "zh", "US"},
      {"Wczoraj agenci CBA zatrzymali urzędnika.", "pl", "PL"},
      {"Dün Yargıtay kararı bozdu.", "tr", "TR"},
      {"Le texte sera lu mardi à l'Assemblée nationale.", "fr", "FR"},
      {"À Dakar, le texte sera lu mardi à l'Assemblée nationale.", "fr", "SN"},
      {"Ontem o STF formou maioria.", "pt", "BR"},
      {"Gestern tagte der Nationalrat, die ÖVP war dagegen.", "de", "AT"},
      {"Gestern beriet der Bundesrat die AHV, der Ständerat folgt.", "de", "CH"},
      {"Hukumar EFCC ta kama tsohon gwamna.", "ha", "NG"},
      {"Russia's Ministry of Defence said so on Friday.", "en", "RU"},
      {"Selon lui, la pluie a coupé la route en Casamance.", "fr", "SN"},
      {"Politiet i Jylland leder efter en mand.", "da", "DK"},
      {"In NRW bleiben morgen viele Schulen zu.", "de", "DE"},
      {"Wczoraj na Podhalu spadł śnieg.", "pl", "PL"},
      {"어제 전남 지역에 눈이 내렸다.", "ko", "KR"},
      {"Вчера на Камчатке выпал снег.", "ru", "RU"},
      {"Jutro u Dalmaciji kiša.", "hr", "HR"},
      {"Selon la police, deux hommes sont morts à Bunia.", "fr", "CD"},
      {"Polisi walisema watu wawili walifariki huko Kitale.", "sw", "KE"},
      {"Segundo a polícia, o festival começa hoje no Mindelo.", "pt", "CV"},
      {"Ayer la Justicia rechazó el recurso.", "es", ""},
      // Where the language is unknown what one alone calls so is something else.
      {"Procurorii DNA au cerut arestarea.", "ro", "RO"},
      {"Abantu basebenzise DNA izolo.", "xh", ""},
      {"Abantu bayibona kwi-SABC izolo.", "xh", "ZA"},
  };
  for (const auto& row : rows) {
    std::string found;
    for (const CountryScore& score : analyse("", row.body, row.language).result.about)
      found += (found.empty() ? "" : " ") + std::string(score.country.text());
    EXPECT_EQ(found, row.countries) << row.body;
  }
}

// Foreigners in other scripts, and surnames that are what people of a country are called.
TEST(RegionClassifier, PersonsOfManyLanguagesAreNoPlaces) {
  const struct {
    const char* body;
    const char* language;
    const char* countries;
  } rows[] = {
      {"演员丹泽尔·华盛顿明年重返舞台。华盛顿说他很期待。", "zh", ""},
      {"演员丹泽尔·华盛顿在华盛顿说，他很期待。", "zh", "US"},
      {"导演查德·斯塔赫斯基谈新片。", "zh", ""},
      {"俳優デンゼル・ワシントンが舞台に立つ。", "ja", ""},
      {"チャド・リーも祝福した。", "ja", ""},
      {"会談は米国・ワシントンで開かれる。", "ja", "US"},
      {"배우 덴절 워싱턴은 무대에 선다.", "ko", ""},
      {"Актер Дензел Вашингтон вышел на сцену.", "ru", ""},
      {"Писатель Джек Лондон жил бедно. Лондон много писал.", "ru", ""},
      {"Ο ηθοποιός Ντενζέλ Ουάσινγκτον θα παίξει.", "el", ""},
      {"يعود الممثل دينزل واشنطن إلى المسرح.", "ar", ""},
      {"השחקן דנזל וושינגטון יופיע באביב.", "he", ""},
      {"अभिनेता डेंजल वॉशिंगटन नाटक करेंगे।", "hi", ""},
      {"অভিনেতা ডেনজেল ওয়াশিংটন মঞ্চে ফিরবেন।", "bn", ""},
      {"Oyuncu Ayşe Türkmen filmi anlattı. Türkmen mutlu.", "tr", ""},
      {"Die Sängerin Anna Schweizer singt. Schweizer sang schon als Kind.", "de", ""},
      {"Magyar Péter filmet forgat. Magyar szerint jó lesz.", "hu", ""},
      {"A Magyar Nemzeti Bank döntött.", "hu", "HU"},
      {"Aktor Jan Niemiec zagrał rolę.", "pl", ""},
      {"Актер Иван Поляков снялся в фильме. Поляков доволен.", "ru", ""},
      {"Näyttelijä Anna Virolainen esiintyy.", "fi", ""},
      {"قال الممثل أحمد المصري إنه سعيد.", "ar", ""},
      {"قال الرئيس المصري إنه سعيد.", "ar", "EG"},
  };
  for (const auto& row : rows) {
    std::string found;
    for (const CountryScore& score : analyse("", row.body, row.language).result.about)
      found += (found.empty() ? "" : " ") + std::string(score.country.text());
    EXPECT_EQ(found, row.countries) << row.body;
  }
}

TEST(RegionClassifier, ASurnameIsATownWhereItsWordsTell) {
  const struct {
    const char* body;
    const char* language;
    const char* countries;
  } rows[] = {
      // A surname alone, and one beside the country of its town.
      {"The referee thanked Kim, and Torres thanked Takahashi.", "en", ""},
      {"Campbell won again after a long wait, and Jackson came second.", "en", ""},
      {"García elogió a Morales y a Santos tras el partido.", "es", ""},
      {"Соколов обыграл Макарова в финале.", "ru", ""},
      {"Владимир Иванов обыграл Павлова.", "ru", ""},
      {"Пожар в Иванове потушен.", "ru", "RU "},
      {"Un panda est né près de Tours.", "fr", "FR "},
      {"The Brazilian coach said that Torres was ill.", "en", "BR "},
      // Behind "in", before "police", in a dateline, with its state or country.
      {"Three people were hurt in Austin on Friday.", "en", "US "},
      {"Jackson police look for a man of 40.", "en", "US "},
      {"A fire broke out in Torres, a town of Brazil.", "en", "BR BR "},
      {"The council of Campbell, California, met on Friday.", "en", "US US "},
      {"La policía detuvo en Mendoza a un hombre.", "es", "AR "},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Report", row.body, row.language);
    EXPECT_EQ(countries_mentioned(analysis), row.countries) << row.body;
  }
}

TEST(RegionClassifier, FirmsUniversitiesAndLeaguesAreAtHome) {
  const struct {
    const char* body;
    const char* language;
    const char* country;
  } rows[] = {
      {"Profit at Bank of America fell by half, the bank said.", "en", "US"},
      {"British American Tobacco cut its forecast on Friday.", "en", "GB"},
      {"Students of the University of Georgia in Athens went on strike.", "en", "US"},
      {"Researchers at Harvard and in Cambridge found the gene.", "en", "US"},
      {"Die Deutsche Bank streicht 2000 Stellen.", "de", "DE"},
      {"Boca Juniors drew at home on Sunday.", "en", "AR"},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Report", row.body, row.language);
    ASSERT_EQ(analysis.result.about.size(), 1U) << row.body;
    EXPECT_EQ(analysis.result.about[0].country, CountryCode(row.country)) << row.body;
  }
}

TEST(RegionClassifier, WhatIsCalledAfterAPlaceIsNotThere) {
  for (const char* body : {"Serve with Brazil nuts, Yorkshire pudding and Worcestershire sauce.",
                           "He wore a Panama hat, a Hawaiian shirt and Chelsea boots.",
                           "The ruins date from about 200 B.C., a study found.",
                           "A Chinese restaurant burnt down, and French lessons were cut."}) {
    EXPECT_TRUE(analyse("Report", body, "en").result.about.empty()) << body;
  }
  EXPECT_TRUE(analyse("Αγώνας", "Ο Γεωργίου κέρδισε τον αγώνα.", "el").result.about.empty());
}

TEST(RegionClassifier, WordsBesideACityTellItFromItsNamesakes) {
  EXPECT_EQ(place_of(analyse("Bericht", "Bei einem Unfall in Essen starben zwei Menschen.", "de"),
                     "Essen"),
            "DE DE-NW");
  EXPECT_EQ(place_of(analyse("Fires",
                             "Two fires burn in Kelowna, and more in southern B.C., it is "
                             "said.",
                             "en"),
                     "Kelowna"),
            "CA CA-BC");
  EXPECT_EQ(place_of(analyse("Report", "A seal was found on Brighton beach on Friday.", "en"),
                     "Brighton"),
            "GB GB-ENG");
}

TEST(RegionClassifier, VillagesSeasAndRiversArePlaces) {
  const struct {
    const char* body;
    const char* name;
    const char* place;
  } rows[] = {
      {"A lorry burnt on the road near Coggeshall on Friday.", "Coggeshall", "GB GB-ENG"},
      {"A ship ran aground in the Adriatic Sea on Friday.", "Adriatic Sea", " "},
      {"Rain swelled the Orinoco on Friday, officials said.", "Orinoco", "VE "},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(place_of(analyse("Report", row.body, "en"), row.name), row.place) << row.body;
  }
}

TEST(RegionClassifier, ASubdivisionIsKnownWithoutTheWordForWhatItIs) {
  for (const auto& [body, name, place] :
       {std::tuple("Snow closed roads in Wyoming.", "Wyoming", "US US-WY"),
        std::tuple("Floods in West Bengal killed two.", "West Bengal", "IN IN-WB"),
        std::tuple("Voters in Eastern Cape waited.", "Eastern Cape", "ZA ZA-EC")}) {
    EXPECT_EQ(place_of(analyse("Report", body, "en"), name), place) << body;
  }
}

TEST(RegionClassifier, AnAbbreviationStandsForAStateWithoutATown) {
  EXPECT_EQ(place_of(analyse("Missing Ill. man found", "He was found.", "en"), "Ill"), "US US-IL");
  const Analysis party = analyse("Vote", "Rep. Jo Doe, D-Calif, told colleagues so.", "en");
  EXPECT_EQ(place_of(party, "Calif"), "US US-CA");
  EXPECT_EQ(place_of(analyse("Fun", "It was all in fun.", "en"), "all"), "none");
}

TEST(RegionClassifier, NamesInAListOfCountiesAreCounties) {
  const Analysis list =
      analyse("Fires", "Crews in Minnesota fought fires in Becker, Clay and Swift counties.", "en");
  for (const char* county : {"Becker", "Clay", "Swift"}) {
    EXPECT_EQ(place_of(list, county), "US US-MN") << county;
  }
  const Analysis alone = analyse("Fires", "Fires burnt in three Ohio counties.", "en");
  EXPECT_EQ(place_of(alone, "Ohio"), "US US-OH");
}

TEST(RegionClassifier, AHamletThatTheDataLacksLiesWhereItsWordsTell) {
  const struct {
    const char* body;
    const char* name;
    const char* place;
  } rows[] = {
      {"He was born in the village of Qwertov in the north of Italy.", "Qwertov", "IT "},
      {"Shells fell on the villages of Qwerta and Asdfov near Gori, Georgia.", "Asdfov",
       "GE GE-SK"},
      {"A woman from Qwerton, Okla., won the prize.", "Qwerton", "US US-OK"},
      {"Police searched a home in Qwerton, Missouri, on Friday.", "Qwerton", "US US-MO"},
      {"He left the Russian Embassy in Madrid on Friday.", "Russian Embassy", "ES ES-MD"},
      {"Doctors in Lagos came from the Qwert district.", "Qwert", "NG NG-LA"},
      {"The fire in Leeds began near Qwerton on Friday.", "Qwerton", "GB GB-ENG"},
      {"She was a baker in Leeds and lives in Qwerton Gate now.", "Qwerton Gate", "GB GB-ENG"},
      {"Its shops in Qwerton, near Naples, were closed.", "Qwerton", "IT IT-72"},
      // Shares, films and teams stand behind "in" too.
      {"A bank in Leeds bought shares in Qwerton on Friday.", "Qwerton", "none"},
      {"The actor from Leeds starred in Qwerton Returns last year.", "Qwerton Returns", "none"},
      {"He went from Leeds to a job at Qwerton last year.", "Qwerton", "none"},
      {"Police in Leeds said the accident in May was the first.", "May", "none"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(place_of(analyse("Report", row.body, "en"), row.name), row.place) << row.body;
  }
  const Analysis month = analyse("Report", "In May, Texas Gov. Jo Doe signed it.", "en");
  EXPECT_EQ(place_of(month, "May"), "none");
}

TEST(RegionClassifier, ATownThatTheDataHasElsewhereOnlyLiesWhereItsStateTells) {
  const Analysis told = analyse("Report", "Police held him in Bradford, Ontario, on Friday.", "en");
  EXPECT_EQ(place_of(told, "Bradford"), "CA CA-ON");
  EXPECT_EQ(place_of(told, "Ontario"), "CA CA-ON");
  const Analysis list =
      analyse("Report", "Storms hit Bradford, Ontario and Quebec on Friday night.", "en");
  EXPECT_EQ(place_of(list, "Bradford"), "GB GB-ENG");
}

TEST(RegionClassifier, AShireTellsItsTowns) {
  const struct {
    const char* body;
    const char* name;
    const char* place;
  } rows[] = {
      {"The race is at Rockingham, Northamptonshire, on Sunday.", "Rockingham", "GB "},
      {"The race is at Rockingham on Sunday.", "Rockingham", "AU AU-WA"},
      {"The fair in Whitby, Yorkshire, opened on Friday.", "Whitby", "GB GB-ENG"},
      {"Rain fell on Long Island, New York, on Friday.", "Long Island", "US US-NY"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(place_of(analyse("Report", row.body, "en"), row.name), row.place) << row.body;
  }
  const Analysis shire = analyse("Report", "The fair in Newport, Shropshire, opened.", "en");
  ASSERT_FALSE(shire.result.mentions.empty());
  EXPECT_NEAR(shire.result.mentions.front().latitude, 52.77F, 0.1F);
}

TEST(RegionClassifier, WordsAndListsTellAStateFromACity) {
  const struct {
    const char* body;
    PlaceKind kind;
  } rows[] = {
      {"New York's attorney general sued on Friday.", PlaceKind::kSubdivision},
      {"New York Governor Jo Doe signed it on Friday.", PlaceKind::kSubdivision},
      {"New York lawmakers passed it on Friday.", PlaceKind::kSubdivision},
      {"New York, New Jersey and Ohio voted on Friday.", PlaceKind::kSubdivision},
      {"New York mayor Jo Doe signed it on Friday.", PlaceKind::kCity},
      {"New York, Chicago and Ohio voted on Friday.", PlaceKind::kCity},
      {"New York voted on Friday.", PlaceKind::kCity},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("Report", row.body, "en");
    ASSERT_FALSE(analysis.result.mentions.empty()) << row.body;
    EXPECT_EQ(analysis.result.mentions.front().kind, row.kind) << row.body;
  }
}

TEST(RegionClassifier, ATownCalledLikeACapitalLosesItToNoGreaterNamesakeAbroad) {
  const Analysis town =
      analyse("History", "The Town of Washington operates under a town meeting.", "en");
  EXPECT_TRUE(place_of(town, "Washington").starts_with("US")) << place_of(town, "Washington");
}

TEST(RegionClassifier, TheCodeOfAShareTellsWhereTheFirmIsAtHome) {
  const Analysis analysis = analyse("Carmaker raises forecast",
                                    "The firm (7203.T) said on Friday that profit would rise. Its "
                                    "rival <VOWG.DE> fell (see p.T).",
                                    "en");
  EXPECT_EQ(place_of(analysis, "7203.T"), "JP ");
  EXPECT_EQ(place_of(analysis, "VOWG.DE"), "DE ");
  EXPECT_EQ(analysis.result.mentions.size(), 2U);
}

TEST(RegionClassifier, ABuildingLiesInTheTownThatIsTold) {
  const Analysis analysis = analyse("Fire",
                                    "The fire in Leeds began on Elm Street on Friday. Two men were "
                                    "taken to St. Mary's Hospital, police said.",
                                    "en");
  ASSERT_EQ(analysis.result.mentions.size(), 3U);
  for (const std::size_t site : {1U, 2U}) {
    const Mention& mention = analysis.result.mentions[site];
    EXPECT_EQ(mention.kind, PlaceKind::kSite);
    EXPECT_EQ(mention.name, "Leeds");
    EXPECT_EQ(mention.country, CountryCode("GB"));
    EXPECT_FALSE(mention.counts);
  }
  EXPECT_EQ(place_of(analysis, "Elm Street"), "GB GB-ENG");
  EXPECT_EQ(place_of(analysis, "St. Mary's Hospital"), "GB GB-ENG");
  EXPECT_TRUE(analyse("Fire", "The fire began on Elm Street.", "en").result.mentions.empty());
  const Analysis told = analyse(
      "Music", "The pianist from Galway studies at the Elm Music School in Leeds, she said.", "en");
  EXPECT_EQ(place_of(told, "Elm Music School"), "GB GB-ENG");
  const Analysis saint =
      analyse("Wedding", "They met in Leeds and married in St George's Chapel.", "en");
  EXPECT_EQ(place_of(saint, "St George's Chapel"), "GB GB-ENG");
  const Analysis street =
      analyse("Court", "Barnsley judges heard that he fell on Wellington Street in March.", "en");
  EXPECT_EQ(place_of(street, "Street"), "none");
}

// Spellings, inflections and prefixes that newsrooms of these languages write.
TEST(RegionClassifier, NamesInManySpellings) {
  const struct {
    const char* language;
    const char* body;
    const char* country;
  } rows[] = {
      {"hi", "प्रधानमंत्री ने इण्डोनेशिया में बैठक की।", "ID"},
      {"hi", "अर्जेन्टीना की टीम जीत गई।", "AR"},
      {"hi", "स्विट्ज़रलैण्ड में सम्मेलन हुआ।", "CH"},
      {"he", "השר ביקר בצ'כוסלובקיה ובניוזילנד.", "CZ"},
      {"he", "הנשיא הגאנאי נאם.", "GH"},
      {"ru", "Президент встретился с парагвайским коллегой.", "PY"},
      {"vi", "Tổng thống thăm Hung-ga-ri và Thụy Sỹ.", "CH"},
      {"vi", "Bộ trưởng In-đô-nê-xi-a phát biểu.", "ID"},
      {"hi", "राष्ट्रपति मिंस्क पहुँचे।", "BY"},
      {"ar", "زار الوزير سنجافورة يوم الجمعة.", "SG"},
      {"pl", "Premier rozmawiał z włoskim ministrem.", "IT"},
      {"nl", "De Armeense president sprak.", "AM"},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("", row.body, row.language);
    EXPECT_TRUE(std::any_of(
        analysis.result.mentions.begin(), analysis.result.mentions.end(),
        [&](const Mention& mention) { return mention.country == CountryCode(row.country); }))
        << row.body;
  }
}

// What the feed says of countries is heard, but less than what the text says.
TEST(RegionClassifier, AKeywordThatIsACountryDecidesBetweenNamesakes) {
  const auto first = [](std::string_view headline, std::string_view body,
                        std::vector<std::string_view> labels) {
    Analysis analysis = analyse(headline, body, "en");
    RegionScratch scratch;
    const RegionClassifier classifier(shipped_gazetteer());
    for (int again = 0; again < 2; ++again) {  // What one article's feed says ends with it.
      classifier.classify(analysis.text,
                          {.language = "en", .located = {}, .source = {}, .labels = labels},
                          scratch, analysis.result);
    }
    const auto& about = analysis.result.about;
    const std::string with = about.empty() ? "" : std::string(about[0].country.text());
    classifier.classify(analysis.text, {.language = "en", .located = {}, .source = {}}, scratch,
                        analysis.result);
    return with + " " + (about.empty() ? "" : std::string(about[0].country.text()));
  };
  EXPECT_EQ(first("Floods in Valencia", "Rain flooded streets in Valencia.", {"Venezuela"}),
            "VE ES");
  EXPECT_EQ(
      first("Floods in Valencia", "Rain flooded streets in Valencia.", {"Weather", "caracas"}),
      "ES ES");  // Small letters are no name.
  EXPECT_EQ(first("Siedlce Drivers Strike", "They want more pay.", {"Jobs", "Poland"}), "PL ");
  EXPECT_EQ(first("Floods in Valencia", "The Spanish army is there, Spain said.", {"Venezuela"}),
            "ES ES");
  EXPECT_EQ(first("Council raises fees", "The fees rise in May.", {"Kenya"}), "KE ");
  EXPECT_EQ(first("Council raises fees", "The fees rise in May.", {"Kenya", "Uganda"}), " ");
  EXPECT_EQ(first("Council raises fees", "The fees rise in May.", {"Georgia"}), " ");
  EXPECT_EQ(first("Council raises fees", "The fees rise in May.", {"Kenya travel"}), " ");
}

// What tells of a town names it, but no surname does that is spelt so, nor a street or an accord.
TEST(RegionClassifier, AdjectivesOfTownsNameThem) {
  constexpr std::tuple<const char*, const char*, const char*, const char*> kTexts[] = {
      {"ru", "Московский суд арестовал бывшего чиновника", "", "RU"},
      {"uk", "Київський суд арештував депутата", "", "UA"},
      {"uk", "Суд арештував депутата", "Рішення ухвалив харківський суд.", "UA"},
      {"bg", "Пловдивският съд остави в ареста двама", "", "BG"},
      {"pl", "Krakowska policja rozbiła gang złodziei", "", "PL"},
      {"pl", "Policja zatrzymała oszusta", "Zatrzymali go warszawscy policjanci.", "PL"},
      {"pl", "Śląscy policjanci zatrzymali oszusta", "", "PL"},
      {"cs", "Pražský soud potrestal podvodníka", "", "CZ"},
      {"cs", "Hasiči likvidovali únik plynu", "Na místě byli plzeňští hasiči.", "CZ"},
      {"sk", "Košickí hasiči likvidovali únik plynu", "", "SK"},
      {"sr", "Нишка полиција ухапсила тројицу", "", "RS"},
      {"sr", "Sud odložio suđenje", "Ročište je odložio novosadski sud.", "RS"},
      {"hr", "Splitska luka bilježi rekord", "", "HR"},
      {"hu", "Szegedi rendőrség keresi a férfit", "", "HU"},
      {"hu", "SZEGEDI RENDŐRSÉG KERESI A FÉRFIT", "", "HU"},
      {"hu", "Eltűnt egy férfi", "A győri kórházból tűnt el.", "HU"},
      {"de", "Münchner Polizei sucht Zeugen", "", "DE"},
      {"de", "Raub in der Nacht", "Nach Angaben der Zürcher Polizei flohen sie.", "CH"},
      {"nl", "Rotterdamse haven verwerkt minder containers", "", "NL"},
      {"nl", "Brand in loods", "De Antwerpse brandweer bluste het vuur.", "BE"},
      {"ro", "Pompierii clujeni au stins un incendiu", "", "RO"},
      {"fi", "Tamperelainen yhtiö irtisanoo sata", "", "FI"},
      {"fr", "Un entrepreneur lyonnais condamné", "", "FR"},
      {"es", "La policía madrileña detiene a dos hombres", "", "ES"},
      {"it", "Incendio in un magazzino milanese", "", "IT"},
      {"pt", "Polícia carioca prende dois suspeitos", "", "BR"},
      {"hu", "Szegedi Attila nyerte a versenyt", "", ""},
      {"hu", "Szegedi nyerte a versenyt", "A versenyt tavaly is Szegedi Attila nyerte.", ""},
      {"pl", "Krakowski wygrał turniej", "Turniej wygrał Jan Krakowski.", ""},
      {"hu", "A pápai áldás", "A pápai áldást sokan várták.", ""},
      {"de", "Frankfurter gewinnt", "Der Koch Paul Frankfurter gewann. Frankfurter jubelt.", ""},
      {"de", "Neubau in der Frankfurter Straße", "An der Frankfurter Straße wird gebaut.", ""},
      {"de", "Das Pariser Abkommen wird zehn", "Das Pariser Abkommen gilt weiter.", ""},
      {"ru", "Парижскому соглашению десять лет", "", ""},
      {"sr", "Niska temperatura", "Zabeležena je niska temperatura.", ""},
      {"ru", "Рижский вокзал закрыли на ремонт", "", ""},
      {"ru", "Кто открыл пражский вокзал", "Вокзал открыли в понедельник.", ""},
      {"ru", "В Риге вокзал закрыли на ремонт", "", "LV"},
      {"hu", "Szegedi úton ütközött két autó", "", ""},
  };
  for (const auto& [language, headline, body, country] : kTexts) {
    SCOPED_TRACE(std::string(headline) + " / " + body);
    EXPECT_EQ(countries_of(analyse(headline, body, language)), country);
  }
}

// An accord, behind its town or before it, in one word or two; a country's is news of it.
TEST(RegionClassifier, AccordsAreNoNewsOfTheirTown) {
  constexpr Headline kHeadlines[] = {
      {"en", "Emissions rise despite Paris climate deal", ""},
      {"fr", "La convention d'Istanbul ratifiée", ""},
      {"fr", "Le protocole de Kyoto a échoué", ""},
      {"fr", "La convention de Belgique signée", "BE"},
      {"fr", "Avec l'accord de Moscou, la trêve tient", "RU"},
      {"es", "Los Acuerdos de Oslo cumplen años", ""},
      {"de", "Istanbul-Konvention tritt in Kraft", ""},
      {"de", "Montrealer Protokoll rettet Ozonschicht", ""},
      {"de", "Schweizer Vertrag wird geprüft", "CH"},
      {"ru", "Киотский протокол провалился", ""},
      {"ru", "Белорусские соглашения подписаны", "BY"},
      {"cs", "Istanbulská úmluva nebude ratifikována", ""},
      {"hu", "Isztambuli Egyezmény: elmarad", ""},
      {"tr", "Kyoto Protokolü başarısız oldu", ""},
      {"el", "Η Συνθήκη της Λισαβόνας αλλάζει", ""},
      {"id", "Konvensi Wina dilanggar", ""},
      {"vi", "Công ước Geneva bị vi phạm", ""},
      {"th", "ความตกลงปารีสครบรอบสิบปี", ""},
      {"ja", "パリ協定から10年", ""},
      {"ja", "京都議定書の目標", ""},
      {"zh", "明斯克协议破裂", ""},
      {"ko", "교토 의정서 실패", ""},
      {"ar", "بروتوكول كيوتو فشل", ""},
      {"hi", "पेरिस समझौते के लक्ष्य अधूरे", ""},
      {"sw", "Itifaki ya Kyoto yafeli", ""},
  };
  expect_countries(kHeadlines);
}

// What newsrooms at home and abroad call cities in their own script, and what only looks like one.
TEST(RegionClassifier, CitiesAreKnownInTheScriptsOfManyLanguages) {
  constexpr Headline kHeadlines[] = {
      {"fa", "زلزله در شیراز", "IR"},
      {"ur", "اوکاڑہ میں سیلاب", "PK"},
      {"ar", "حريق في باليرمو", "IT"},
      {"hi", "कानपुर में आग", "IN"},
      {"zh", "桃園機場關閉", "TW"},
      {"zh", "大巴窑组屋起火", "SG"},
      {"ja", "新宿区で火災", "JP"},
      {"ko", "해운대구서 화재", "KR"},
      {"ru", "Наводнение в Пуяне", "CN"},
      {"sr", "Ministar stigao iz Ljubljane", "SI"},
      {"sr", "Požar u Podgorici", "ME"},
      {"sr", "Groznica kod dece", ""},
      {"hr", "Klizište u Papui Novoj Gvineji", "PG"},
      {"fi", "Tulipalo tuhosi talon Seinäjoella", "FI"},
      {"en", "Pupils in Makhanda write exams", "ZA"},
      {"ko", "인도와 횡단보도 정비", ""},
      {"tr", "Hindistan cevizi yağı saça iyi gelir mi?", ""},
  };
  expect_countries(kHeadlines);
}

// Countries and large cities in the cases of their names, also where another word begins like them.
TEST(RegionClassifier, CasesOfNamesNameThem) {
  constexpr Headline kHeadlines[] = {
      {"hu", "Kínában tízen haltak meg", "CN"},
      {"hu", "Londonban tüntettek a diákok", "GB"},
      {"hu", "Iránból érkezett a hír", "IR"},
      {"cs", "V Číně zemřelo deset lidí", "CN"},
      {"cs", "Povodně v Keni", "KE"},
      {"pl", "Demonstracja w Berlinie", "DE"},
      {"pl", "Konferencja w Amsterdamie", "NL"},
      {"hr", "Poplave u Indiji", "IN"},
      {"hr", "Prosvjed u Beču", "AT"},
      {"fi", "Suomessa satoi maanantaina", "FI"},
      {"ro", "Ambasadorul Iranului a fost convocat", "IR"},
      {"el", "Ο πρέσβης της Κίνας κλήθηκε", "CN"},
      {"is", "Flóð á Ítalíu", "IT"},
      {"ka", "გერმანიის ელჩი", "DE"},
      {"mr", "चीनमध्ये पूर", "CN"},
      {"ne", "काबुलमा बाढी", "AF"},
      {"bn", "মাদ্রিদে বিক্ষোভ", "ES"},
      {"ta", "பிரான்ஸில் வெள்ளம்", "FR"},
      {"uz", "Berlinda namoyish", "DE"},
      {"hu", "Nagy-Britanniában tüntettek", "GB"},
      {"mr", "उत्तर कोरियामध्ये चाचणी", "KP"},
      {"ta", "வட கொரியாவில் ஏவுகணை சோதனை", "KP"},
      {"el", "Ο ηγέτης της Βόρειας Κορέας", "KP"},
      {"ro", "Liderul Coreei de Nord a plecat", "KP"},
      {"hu", "A Kremlben tárgyaltak", "RU"},
      {"fi", "Valkoisessa talossa neuvoteltiin", "US"},
      {"hu", "Putyinnal tárgyalt", "RU"},
      {"pl", "Z Trumpem rozmawiał", "US"},
      {"hu", "A tenger felett köd van", ""},   // No tenge of Kazakhstan's.
      {"lt", "Trumpas pranešimas", ""},        // A short one.
      {"hu", "Irányt váltott a párt", ""},     // A direction, no case of Irán.
      {"is", "Máli lokið", ""},                // A matter, not Malí.
      {"cs", "Bude pršet celý den", ""},       // No case of Buda.
      {"lv", "Bērni spēlējas parkā", ""},      // Children, no case of Bern.
      {"hr", "Kino se zatvara", ""},           // A cinema.
      {"pl", "Małego chłopca uratowano", ""},  // A little boy, no case of Mali's.
  };
  expect_countries(kHeadlines);
}

// Abbreviations do not make a headline one of capitals, in which "US" may be a word.
TEST(RegionClassifier, AbbreviationsInPlainHeadlinesNameThem) {
  constexpr Headline kHeadlines[] = {
      {"en", "UK inflation falls", "GB"},       {"en", "US hits EU with tariffs", "US"},
      {"en", "UAE opens new airport", "AE"},    {"sv", "USA inför nya tullar", "US"},
      {"cs", "USA zavádějí nová cla", "US"},    {"id", "USA memberlakukan tarif", "US"},
      {"en", "GIVE US A BREAK SAYS COACH", ""},
  };
  expect_countries(kHeadlines);
}

// Great cities and capitals that are surnames, words, or another name without its marks, where no
// "in" stands before them.
TEST(RegionClassifier, GreatCitiesNeedNoPreposition) {
  constexpr Headline kHeadlines[] = {
      {"en", "Quake shakes Lima", "PE"},
      {"es", "Terremoto sacude Lima", "PE"},
      {"en", "Santiago metro fares rise again", "CL"},
      {"en", "Colombo port workers strike", "LK"},
      {"en", "Phoenix hit by floods", "US"},
      {"en", "Joaquin Phoenix wins award", ""},
      {"en", "Quake shakes Nha Trang", "VN"},  // Not Nhà Trắng, the White House.
      {"vi", "Nhà Trắng phản đối", "US"},
      {"es", "Sismo sacude Malé", "MV"},
      {"el", "Κάιρο: νεκροί από πυρκαγιά", "EG"},
      {"el", "Καιρός: βροχές και καταιγίδες", ""},
      {"ko", "안산시, 침수 피해 복구 착수", "KR"},  // A city of China's is spelt so, too.
      {"ko", "안양서 화재…수백명 대피", "KR"},
      {"ko", "전주서 화재…수백명 대피", "KR"},
  };
  expect_countries(kHeadlines);
}

// English newsrooms spell towns in several ways, of which the open data has one or two.
TEST(RegionClassifier, TownsAreFoundInOtherSpellings) {
  constexpr Headline kHeadlines[] = {
      {"en", "Fire in Padua kills six", "IT"},    {"en", "Fire in Slovyansk kills six", "UA"},
      {"en", "Fire in Bombay kills six", "IN"},   {"en", "Fire in Belagavi kills six", "IN"},
      {"en", "Fire in Falluja kills six", "IQ"},  {"en", "Fire in Marseilles kills six", "FR"},
      {"en", "Fire in Seongnam kills six", "KR"}, {"en", "Fire in Tuebingen kills six", "DE"},
      {"en", "Fire in Nalchik kills six", "RU"},  {"en", "Fire in Kirkenes kills six", "NO"},
      {"en", "Fire in Mansoura kills six", "EG"}, {"en", "Fire in San Sebastian kills six", "ES"},
      {"en", "Fire in Calcutta kills six", "IN"}, {"en", "Fire in Gqeberha kills six", "ZA"},
  };
  expect_countries(kHeadlines);
}

// A foreign name in katakana is one with dots and without.
TEST(RegionClassifier, DotsDoNotPartANameInKatakana) {
  constexpr Headline kHeadlines[] = {
      {"ja", "エル・パソで銃撃、5人死亡", "US"},
      {"ja", "エルパソで銃撃、5人死亡", "US"},
      {"ja", "リオ・ガジェゴスで地震", "AR"},  // Not in Rio.
      {"ja", "ジャック・ロンドンの小説を映画化", ""},
  };
  expect_countries(kHeadlines);
}

// Newspapers and broadcasters that others quote, in their own language's letters and others'.
TEST(RegionClassifier, QuotedMediaAreNoNewsOfTheirTown) {
  constexpr std::tuple<const char*, const char*> kSentences[] = {
      {"ru", "Десять человек погибли в Кении, пишет газета «Вашингтон пост»."},
      {"uk", "Десятеро людей загинули в Кенії, повідомляє «Голос Америки»."},
      {"ja", "ケニアで洪水があり10人が死亡したとニューヨーク・タイムズが報じた。"},
      {"zh", "据《华盛顿邮报》报道，肯尼亚发生洪水，10人死亡。"},
      {"ko", "케냐에서 홍수로 10명이 숨졌다고 워싱턴포스트가 보도했다."},
      {"fa", "ده نفر در کنیا کشته شدند، صدای آمریکا گزارش داد."},
      {"hi", "केन्या में दस लोगों की मौत हुई, टाइम्स ऑफ इंडिया ने बताया।"},
      {"vi", "Mười người chết ở Kenya, theo Đài tiếng nói Hoa Kỳ."},
  };
  for (const auto& [language, sentence] : kSentences) {
    SCOPED_TRACE(sentence);
    EXPECT_EQ(countries_of(analyse("", sentence, language)), "KE");
  }
}

// A home town needs no second name: not in a headline that is spelt as a sentence, nor, if it is no
// small one, as the first word.
TEST(RegionClassifier, ATownInAHeadlineAloneIsEnough) {
  constexpr Headline kHeadlines[] = {
      {"en", "Kassel museum reopens after two-year refit", "DE"},
      {"en", "Six hurt in Siedlce bus crash", "PL"},
      {"en", "Six Hurt in Siedlce Bus Crash", ""},  // Any word may be one in such a headline.
      {"en", "SIX HURT IN SIEDLCE BUS CRASH", ""},
      {"de", "Brand in Villach gelöscht", "AT"},
      {"fr", "Grève des éboueurs à Charleroi", "BE"},
      {"it", "Gatto salvato dai pompieri a Como", "IT"},
      {"it", "Rieti, arrestato un falso medico", "IT"},
      {"es", "Detenido en Albacete por estafa", "ES"},
      {"pl", "Wypadek pod Siedlcami", "PL"},
      {"sv", "Man döms för mord i Borås", "SE"},
      {"nl", "Zwolle krijgt een nieuw station", "NL"},
      {"fi", "Jyväskylän lentoasema suljettiin", "FI"},
      {"so", "Marka waa la furay", ""},        // A word of a language whose words are not known.
      {"est", "Seto kultuur on au sees", ""},  // Estonian is not Spanish, nor its Setos Japanese.
      {"en", "Corona: how to stay safe", ""},
      {"ru", "Находка археологов под Псковом", "RU"},
      {"tr", "Körfez ülkeleri anlaştı", ""},
      {"pt", "Vitória apertada no fim do jogo", ""},
  };
  expect_countries(kHeadlines);
  // The town is not named by a word that is spelt as another.
  const Analysis find = analyse("Находка археологов под Псковом", "", "ru");
  EXPECT_EQ(find.result.mentions.size(), 1U);
}

// A state before a great city's name is no part of that, nor does it make a city of a state.
TEST(RegionClassifier, AStateInAListIsNoPartOfACity) {
  const Analysis list = analyse(
      "", "It flew to the United States including Missouri, New York, North Carolina and Virginia.",
      "en");
  const auto found = std::find_if(list.result.mentions.begin(), list.result.mentions.end(),
                                  [](const Mention& each) { return each.name == "New York"; });
  ASSERT_NE(found, list.result.mentions.end());
  EXPECT_EQ(found->kind, PlaceKind::kSubdivision);
}

// Streets, squares, stations and markets are called after places elsewhere, by a word before the
// name or behind it.
TEST(RegionClassifier, StreetsAndStationsAreNoNewsOfWhatTheyAreCalledAfter) {
  constexpr std::tuple<const char*, const char*, const char*, const char*> kTexts[] = {
      {"ru", "На Киевском шоссе столкнулись три автомобиля", "ДТП произошло утром в Москве.", "RU"},
      {"ru", "Белорусский вокзал закрыли на ремонт", "Поезда пойдут в Москву другим путём.", "RU"},
      {"ru", "Пожар потушили", "Склад на Рижском рынке в Москве сгорел.", "RU"},
      {"ru", "Пожар потушили", "Склад на улице Парижской Коммуны в Самаре сгорел.", "RU"},
      {"ru", "Белорусский рынок жилья вырос", "Продажи квартир в Минске выросли.", "BY"},
      {"ru", "Улицы Киева опустели", "", "UA"},
      {"uk", "Затори у Києві", "На Варшавському шосе рух ускладнено.", "UA"},
      {"hu", "Baleset a Bécsi úton", "Két autó ütközött Budapesten a Párizsi utcában.", "HU"},
      {"cs", "Oprava v Praze", "V Londýnské ulici začne oprava kanalizace.", "CZ"},
      {"pl", "Pożar przy ulicy Londyńskiej w Katowicach", "Spłonęło mieszkanie.", "PL"},
      {"de", "Feuer in Dresden", "Die Feuerwehr war an der Schweizer Straße im Einsatz.", "DE"},
      {"fr", "Incendie rue de Londres à Lille", "Un feu a pris boulevard d'Italie.", "FR"},
      {"es", "Incendio en Madrid", "El fuego comenzó en un piso de la calle de Alemania.", "ES"},
      {"es", "Balacera en la colonia Roma de la Ciudad de México", "", "MX"},
      {"es", "Alemania gana en la calle", "Los alemanes salieron a la calle. Alemania ganó.", "DE"},
      {"it", "Incidente in via Parigi a Bologna", "Due feriti in piazza Venezia.", "IT"},
      {"it", "Volo via Parigi cancellato", "", "FR"},
      {"pt", "Incêndio na rua Bolívia, em São Paulo", "O fogo começou na avenida Paris.", "BR"},
      {"ro", "Incendiu în București", "Un apartament de pe strada Londra a ars.", "RO"},
      {"nl", "Brand in Tilburg", "De brandweer ging naar de Londenstraat en de Berlijnstraat.",
       "NL"},
      {"tr", "Ankara'da yangın", "Paris Caddesi trafiğe kapatıldı.", "TR"},
      {"bg", "Пожар в Пловдив", "Гори склад на булевард Русия в Пловдив.", "BG"},
  };
  for (const auto& [language, headline, body, countries] : kTexts) {
    SCOPED_TRACE(std::string(headline) + " / " + body);
    EXPECT_EQ(countries_of(analyse(headline, body, language)), countries);
  }
}

// Ordinary words that begin like a country's name, or are spelt like a town far away.
TEST(RegionClassifier, WordsThatBeginLikeANameNameNothing) {
  constexpr std::tuple<const char*, const char*, const char*, const char*> kTexts[] = {
      {"ru", "Поставки газа выросли", "Спрос на рынке газа вырос, сообщила компания.", ""},
      {"ru", "Папа Франциск выступил", "Индивидуальный подход, сказал Даниил Орлов.", ""},
      {"uk", "Папа Франциск звернувся до вірян", "Рада повернула решту грошей.", ""},
      {"es", "Lluvias a fines de mes", "La chinga de siempre. Quitó el techo.", ""},
      {"es", "Incendio en Belgrado", "Un fuego dejó tres muertos en Belgrado.", "RS"},
      {"pt", "Arma letal", "Maurício esqueceu o casaco e mandou checar a porta.", ""},
      {"it", "Malessere in aula", "Mie care, la riunione è finita. Riunione breve.", ""},
      {"it", "Incendio a Belgrado", "Un rogo ha causato tre morti a Belgrado.", "RS"},
      {"de", "Zug entgleist", "Die Lage ist ernst. Im Norden fuhr kein Zug. Die Kita ist zu.", ""},
      {"nl", "Nederlaag voor coach", "De nederzettingen blijven.", ""},
      {"fr", "Golfe: la finale", "Gardez vos billets. Les plateaux sont pleins.", ""},
      {"hr", "Atentat spriječen", "Policija je spriječila atentat.", ""},
      {"cs", "Daňové přiznání", "Individuální podání, Labe stoupá.", ""},
      {"hu", "Az árak nőttek", "A becsült kár nagy, a gabona drága.", ""},
      {"tr", "Karaciğer nakli", "Akrabası verdi. Kına gecesi vasıtasıyla.", ""},
      {"ar", "لقاح كورونا", "قال كينيدي إن البنك المركزي غادر باكرا.", ""},
      {"ar", "قمة الخليج", "", ""},
      {"fa", "عراقچی به سفر رفت", "عراقچی با همتای خود دیدار کرد.", "IR"},
      {"hi", "पोप फ्रांसिस बीमार", "मिस्त्री ने बाल्टी चेक कर ली।", ""},
      {"hi", "पंजाब में किसानों का धरना", "", "IN"},
      {"zh", "沿海地区将有大风", "发展中国家需要更多资金，克林顿和理查德说。", ""},
      {"zh", "布鲁克林发生火灾", "", "US"},
      {"ja", "コロナ感染者が増加", "ラグビーとバレーの大会も中止。デルタ株が広がる。", ""},
      {"vi", "Ý tưởng mới", "Ý kiến của người dân được lắng nghe.", ""},
      {"id", "Puting beliung rusak rumah", "Puting beliung merusak belasan rumah.", ""},
  };
  for (const auto& [language, headline, body, countries] : kTexts) {
    SCOPED_TRACE(std::string(headline) + " / " + body);
    EXPECT_EQ(countries_of(analyse(headline, body, language)), countries);
  }
}

// Given names and surnames of other languages that are towns, too.
TEST(RegionClassifier, PersonsCalledLikeForeignTownsAreNoPlaces) {
  constexpr std::tuple<const char*, const char*> kTexts[] = {
      {"ru", "Об этом сообщил Леон Михайлов. Михайлов добавил, что сроки прежние."},
      {"ru", "Об этом сообщила Маргарита Фокина. Фокина добавила, что сроки прежние."},
      {"uk", "Про це розповів Давид Щербань. Щербань додав, що строки ті самі."},
      {"uk", "Про це розповів Олесь Баранник. Баранник додав, що строки ті самі."},
      {"es", "Lo dijo la autora Rocío Lucena. Lucena añadió que seguirá."},
      {"en", "The author Nandini Gera said so. Gera added that she will go on."},
  };
  for (const auto& [language, body] : kTexts) {
    EXPECT_EQ(countries_of(analyse("", body, language)), "") << body;
  }
  // A word may be a given name, too: no great city behind it is a person.
  EXPECT_EQ(countries_of(analyse("", "Umut Ankara'da yaşıyor, dedi kurum.", "tr")), "TR");
}

// Valencia in Venezuela and Newcastle in South Africa have more people.
TEST(RegionClassifier, TheBetterKnownNamesakeIsMeantWithoutContext) {
  EXPECT_EQ(countries_of(analyse("Flood", "A flood hit Valencia on Tuesday.", "en")), "ES");
  EXPECT_EQ(countries_of(analyse("Flut in Valencia", "Es regnet in Valencia.", "de")), "ES");
  EXPECT_EQ(countries_of(analyse("Пожар в Валенсии", "Склад горит в Валенсии.", "ru")), "ES");
  EXPECT_EQ(countries_of(analyse("Fire", "A fire in Newcastle hurt two.", "en")), "AU");
  EXPECT_EQ(countries_of(analyse("Fire", "A fire in Valencia, Venezuela, hurt two.", "en")), "VE");
  EXPECT_EQ(countries_of(analyse("Fire", "In Newcastle, KwaZulu-Natal, it burns.", "en")), "ZA");
}

// Of the longer of two names the shorter one's stem is none, unless the rest is an ending.
TEST(RegionClassifier, ANameThatOnlyBeginsLikeAnothersStemIsItsOwn) {
  constexpr std::tuple<const char*, const char*, const char*, const char*> kTexts[] = {
      {"nl", "Brand in Perugia", "In Perugia is brand uitgebroken.", "IT"},
      {"nl", "Nedersaksen kiest", "De inwoners van Nedersaksen kiezen zondag.", "DE"},
      {"ru", "Пожар в отеле", "Город Самарканд принял гостей форума.", "UZ"},
      {"ru", "Выборы губернатора", "Штат Индиана выбирает губернатора.", "US"},
      {"el", "Σύνοδος στο Ντακάρ", "Στο Ντακάρ άρχισε η σύνοδος.", "SN"},
      {"pl", "Festiwal w Birmingham", "W Birmingham trwa festiwal.", "GB"},
      {"pl", "Mecz z Włochami", "Reprezentacja zagra z Włochami w sobotę.", "IT"},
      {"fi", "Oikeus Haagassa", "Oikeudenkäynti Haagassa alkoi.", "NL"},
      {"el", "", "Όπως είπε ο Σαμουήλ Μιχαηλίδης, θα συνεχίσει.", ""},  // Nor is a given name.
      {"th", "", "นายวาทา ถนอมพล กล่าวว่า จะดำเนินการต่อ", ""},  // "วา" and "นอม" are parts of words.
  };
  for (const auto& [language, headline, body, countries] : kTexts) {
    SCOPED_TRACE(std::string(headline) + " / " + body);
    EXPECT_EQ(countries_of(analyse(headline, body, language)), countries);
  }
}

// Continents and their parts, of which half have a country's name in them.
TEST(RegionClassifier, ContinentsAreNoCountry) {
  constexpr std::pair<const char*, const char*> kTexts[] = {
      {"nb", "Flom i Sør-Amerika"},
      {"nl", "Zuid-Amerikaanse leiders overleggen"},
      {"hu", "A dél-amerikai országok"},
      {"sr", "Поплаве у Јужној Америци"},
      {"bg", "Наводнения в Южна Америка"},
      {"mk", "Поплави во Латинска Америка"},
      {"hr", "Poplave u Južnoj Americi"},
      {"fi", "Tulvia Etelä-Amerikassa"},
      {"et", "Üleujutused Lõuna-Ameerikas"},
      {"ms", "Banjir di Amerika Selatan"},
      {"hi", "दक्षिणी अमेरिका में बाढ़"},
      {"bn", "দক্ষিণ আমেরিকার বন্যা"},
      {"ta", "தென் அமெரிக்காவில் வெள்ளம்"},
      {"ur", "جنوبی امریکہ میں سیلاب"},
      {"am", "ደቡብ አሜሪካ ጎርፍ"},
      {"yo", "Gúúṣù Amẹ́ríkà"},
      {"ha", "Amurka ta Kudu"},
      {"th", "แอฟริกาตะวันตกเผชิญน้ำท่วม"},
      {"zh", "加勒比海飓风增强"},
      {"vi", "Bão ở Nam Thái Bình Dương"},
      {"fr", "Asie du Sud-Est : mousson"},
      {"fa", "سیل در امریکای مرکزی"},
  };
  for (const auto& [language, headline] : kTexts) {
    SCOPED_TRACE(headline);
    EXPECT_EQ(countries_of(analyse(headline, "", language)), "");
  }
  EXPECT_EQ(countries_of(analyse("ประธานาธิบดีอเมริกาเดินทางเยือน", "", "th")), "US");
}

// What is eaten comes from nowhere, and what sails under a flag of convenience not from there.
TEST(RegionClassifier, DishesAndFlagsAreNoNewsOfTheirCountries) {
  constexpr std::tuple<const char*, const char*, const char*, const char*> kTexts[] = {
      {"en", "Russian salad: a recipe", "Serve it with Danish cakes.", ""},
      {"de", "Kopenhagener Gebäck selbst gemacht", "Der Teig ruht zwei Stunden.", ""},
      {"fr", "Recette: la salade niçoise", "La sauce hollandaise va bien avec.", ""},
      {"pl", "Przepis na barszcz ukraiński", "Ryba po grecku potrzebuje marchwi.", ""},
      {"cs", "Recept na vídeňský řízek", "K tomu bramborový salát.", ""},
      {"ru", "Рецепт", "Для пражского торта нужны яйца. Киевский торт готовят иначе.", ""},
      {"tr", "Rus salatası tarifi", "Patates ve bezelye haşlanır.", ""},
      {"de", "Münchner Restaurant brennt", "", "DE"},
      {"en", "Ship refloated in canal", "Tugs freed the Panama-flagged vessel near Ismailia.",
       "EG"},
      {"tr", "Çanakkale Boğazı'nda gemi arızası", "Panama bayraklı gemi çekildi.", "TR"},
  };
  for (const auto& [language, headline, body, countries] : kTexts) {
    SCOPED_TRACE(std::string(headline) + " / " + body);
    EXPECT_EQ(countries_of(analyse(headline, body, language)), countries);
  }
}

// Local papers write of towns of 5,000 people, in their own language, script and case.
TEST(RegionClassifier, SmallTownsAreKnownAtHome) {
  constexpr Headline kHeadlines[] = {
      {"de", "Brand in Tauberbischofsheim: Scheune zerstört", "DE"},
      {"nb", "Tankskip på grunn utenfor Florø", "NO"},
      {"it", "Morto il maestro delle fisarmoniche di Castelfidardo", "IT"},
      {"cs", "V Uherském Hradišti otevřeli nový most", "CZ"},
      {"sl", "V Novem mestu zgorela hala", "SI"},
      {"pl", "Nowy dworzec pod Łodzią", "PL"},
      {"sr", "У Новом Саду почиње градња моста", "RS"},
      {"uk", "Аграрії Вінниччини завершили збір кукурудзи", "UA"},
      {"el", "Πλοίο προσάραξε ανοιχτά της Νάξου", "GR"},
      {"zh", "柳州发布暴雨红色预警", "CN"},
      {"lt", "Panevėžyje atidarytas naujas baseinas", "LT"},
      {"et", "Pärnus avati uus sild", "EE"},
      {"ka", "ბათუმში ახალი სკოლა გაიხსნა", "GE"},
      {"az", "Gəncədə yeni xəstəxana açıldı", "AZ"},
      {"kk", "Қарағандыда шахтада апат болды", "KZ"},
      {"de", "Was Sie über Lachen wissen sollten", ""},
      {"pt", "Ministério da Saúde divulga dados", ""},
      {"uk", "Місяць оточує Південний полюс", ""},
  };
  expect_countries(kHeadlines);
}

// What bears a country's name and is none: streets, ships, a state among states, a part of a city.
TEST(RegionClassifier, ACountrysNameOfSomethingElse) {
  constexpr std::tuple<const char*, const char*, const char*> kTexts[] = {
      {"Fire on Turkey Street, Enfield, forces evacuation",
       "Forty people left their homes on Turkey Street in Enfield, north London.", "GB"},
      {"Turkey Street Protests Grow", "Protests grew in Ankara.", "TR"},
      {"Crash shuts US Highway 93", "A crash shut US Highway 93 on Monday.", "US"},
      {"Tanker Cuba Star runs aground off Rotterdam",
       "The Cuba Star ran aground off Rotterdam. The Dutch coastguard sent tugs.", "NL"},
      {"Navy says tanker China seized is empty", "The tanker China seized is empty.", "CN"},
      {"Georgia beats Alabama in overtime thriller", "Georgia beat Alabama 34-31.", "US"},
      {"Georgia and Ohio send crews", "Crews from Georgia and Ohio arrived on Tuesday.", "US"},
      {"Georgia protests grow", "Russia warned Georgia. A senator from Ohio spoke.", "GE RU"},
      {"Two held over shooting in Jamaica, Queens",
       "Police arrested two men in Jamaica, Queens, on Monday night.", "US"},
      {"Jamaica, Cuba sign accord", "Jamaica and Cuba signed an accord.", "JM CU"},
  };
  for (const auto& [headline, body, countries] : kTexts) {
    SCOPED_TRACE(headline);
    std::string codes;
    for (const CountryScore& score : analyse(headline, body, "en").result.about) {
      codes += (codes.empty() ? "" : " ") + std::string(score.country.text());
    }
    EXPECT_EQ(codes, countries);
  }
}

// Words that are spelt like a place, or begin like a stem of its name.
TEST(RegionClassifier, OrdinaryWordsOfManyLanguagesAreNoPlaces) {
  const struct {
    const char* language;
    const char* body;
  } rows[] = {
      {"es", "El ministro indicó que no habrá cambios en el índice. Cada individuo paga."},
      {"pt", "O serviço de ônibus parou. Os serviços voltam amanhã, disse um servidor."},
      {"de", "Der Suizid sei vorhersehbar gewesen, sagte er. Seine Mutter schwieg."},
      {"it", "Il serbatoio perde acqua. I serbatoi saranno sostituiti."},
      {"nl", "De service viel uit. Ook andere services waren onbereikbaar."},
      {"da", "Togets afgang blev forsinket. Flere afgange blev aflyst."},
      {"fa", "وزیر امور مالی گفت مالیات بیشتر می‌شود."},
      {"ru", "По его словам, меры вступят в силу. Слова министра подтвердили."},
      {"fi", "Yhtiö palauttaa rahat. Perusteella tehtiin päätös."},
      {"hu", "Számos ember jött. A kenyér ára nőtt, irányt kell váltani, indította a pert."},
      {"pl", "Samochód stanął. Główna droga, telefon komórkowy, samorząd krajowy."},
      {"cs", "Samozřejmě odešel. Komora jednala, válka skončila v květnu."},
      {"ro", "Știri despre vreme. Atenție la trafic. Puțini au venit. Mașina a fost găsită."},
      {"tr", "Mali disiplin önemli. Maliyet arttı. Karşı çıktılar. Sabah başladı."},
      {"el", "Κατάσταση δύσκολη. Πράγματι, ο καιρός αλλάζει. Βουλή και κόμματα."},
      {"id", "Kita harus pergi. Tak ada korban. Bukan itu. Surat sudah dikirim."},
      {"ar", "في مدينة كبيرة. الخبر غير صحيح والتركيز على الجامعة. وزارة المالية."},
      {"he", "המשטרה הודיעה כי הבורסה עלתה. מכה קשה."},
      {"hi", "उत्तर दिया गया। पूर्व मंत्री ने कहा। दक्षिण की ओर।"},
      {"bn", "মালিক বলেছেন, মালিকানা নিউ।"},
      {"ta", "பெரும் மழை. பெரும்பாலும் கிழக்கு."},
      {"ur", "مالی بحران اور کاروبار، پیروکار، تھانے میں۔"},
      {"ko", "경찰은 지난 20일 밝혔다. 그는 주장했다. 코로나 이후 기후 변화."},
      {"zh", "自由和民主。联合声明友好。"},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse("", row.body, row.language);
    EXPECT_TRUE(analysis.result.about.empty()) << row.body;
    for (const Mention& mention : analysis.result.mentions) {
      EXPECT_FALSE(mention.counts) << row.body << ": " << analysis.text.source(mention.span);
    }
  }
}

TEST(RegionClassifier, AdjectivesAndPeopleNameTheirCountryInManyLanguages) {
  const struct {
    const char* language;
    const char* headline;
    const char* country;
  } rows[] = {
      {"sv", "Tyska väljare går till val på söndag", "DE"},
      {"nb", "Den russiske presidenten holdt tale", "RU"},
      {"da", "Den ungarske regering siger nej til planen", "HU"},
      {"cs", "Řečtí hasiči zasahují u velkého požáru", "GR"},
      {"sk", "Ukrajinskí vojaci dostali nové vybavenie", "UA"},
      {"hr", "Mađarski parlament izglasao novi zakon", "HU"},
      {"bg", "Гръцкия премиер подаде оставка", "GR"},
      {"hu", "A német kancellár lemondott", "DE"},
      {"ro", "Premierul grec a demisionat", "GR"},
      {"el", "Ο Γερμανός καγκελάριος παραιτήθηκε", "DE"},
      {"bn", "রুশ প্রেসিডেন্ট ভাষণ দিয়েছেন", "RU"},
      {"ur", "روسی صدر کا خطاب", "RU"},
  };
  for (const auto& row : rows) {
    const Analysis analysis = analyse(row.headline, "", row.language);
    ASSERT_FALSE(analysis.result.about.empty()) << row.headline;
    EXPECT_EQ(analysis.result.about.front().country, CountryCode(row.country)) << row.headline;
  }
}

TEST(RegionClassifier, AStopBetweenTwoCharactersPartsThem) {
  const Analysis analysis = analyse("", "賴清德：國防預算明年增加", "zh");
  EXPECT_TRUE(
      std::none_of(analysis.result.mentions.begin(), analysis.result.mentions.end(),
                   [](const Mention& mention) { return mention.country == CountryCode("DE"); }));
}

// "Bị cáo" is the defendant, Bỉ is Belgium; a Persian ambush is no "as Maine".
TEST(RegionClassifier, MarksAndSmallWordsAreThoseOfTheLanguage) {
  for (const auto& [language, body] :
       {std::pair{"vi", "Bị cáo khai tại tòa."}, std::pair{"vi", "Viết thư cho mẹ."},
        std::pair{"vi", "Tiếp tục làm việc."}, std::pair{"fa", "سربازان کمین کردند."}}) {
    const Analysis analysis = analyse("", body, language);
    EXPECT_TRUE(analysis.result.mentions.empty()) << body;
  }
  EXPECT_FALSE(analyse("", "Thủ tướng Bỉ phát biểu.", "vi").result.about.empty());
}

TEST(RegionClassifier, ASmallTownAbroadSaysNothingOfTheCountriesAlone) {
  const char* body = "The play opened in London and moved to Hampstead on Friday.";
  TextAnalyzer analyzer;
  for (const auto& [source, count] : {std::pair{"bbc.co.uk", 1U}, std::pair{"", 2U}}) {
    Analysis analysis;
    analyzer.analyze("", body, analysis.text);
    ZoneLabeler().label(analysis.text);
    RegionScratch scratch;
    RegionClassifier(shipped_gazetteer())
        .classify(analysis.text, {.language = "en", .located = {}, .source = source}, scratch,
                  analysis.result);
    ASSERT_EQ(analysis.result.mentions.size(), 2U);
    EXPECT_EQ(std::count_if(analysis.result.mentions.begin(), analysis.result.mentions.end(),
                            [](const Mention& mention) { return mention.counts; }),
              count);
  }
}

TEST(RegionClassifier, OfEquallySalientCountriesTheFirstNamedLeads) {
  for (const auto& [headline, first] :
       {std::pair{"Russia criticizes Syria", "RU"}, std::pair{"Syria criticizes Russia", "SY"}}) {
    const Analysis analysis = analyse(headline,
                                      "Syria and Russia met on Friday. Russia and Syria did not "
                                      "agree. Russia left. Syria stayed.",
                                      "en");
    ASSERT_EQ(analysis.result.about.size(), 2U);
    EXPECT_EQ(analysis.result.about.front().country, CountryCode(first)) << headline;
  }
}

TEST(RegionClassifier, AllocatesNothingOnceItsMemoryHasGrown) {
  const char* body =
      "SEOUL (AP) - Officials in Paris, Texas, met a delegation of South Korea and of Georgia.\n\n"
      "Savannah, Ga., and Moscow were named, and Michael Jordan, on Kingston Street, in London.";
  ArticleText text;
  TextAnalyzer().analyze("Delegates of Peru meet", body, text);
  ZoneLabeler().label(text);
  const RegionClassifier classifier(shipped_gazetteer());
  RegionScratch scratch;
  RegionResult result;
  const RegionContext context = {.language = "en", .located = "Seoul", .source = "example.com"};
  classifier.classify(text, context, scratch, result);
  const std::size_t before = allocation_count();
  classifier.classify(text, context, scratch, result);
  EXPECT_EQ(allocation_count(), before);
  EXPECT_GE(result.mentions.size(), 8U);
}

}  // namespace
}  // namespace wirewatch
