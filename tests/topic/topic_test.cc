// The committed models on short articles, the model file's checks, and the classifier's rules.

#include <algorithm>
#include <array>
#include <cstring>
#include <expected>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/language_codes.h"
#include "common/text/zone_labeler.h"
#include "common/topic/language_identifier.h"
#include "common/topic/tools/linear_trainer.h"
#include "common/topic/tools/model_writer.h"
#include "common/topic/tools/train_labels.h"
#include "common/topic/tools/word_vectors.h"
#include "common/topic/topic_classifier.h"
#include "common/topic/topic_model.h"
#include "common/topic/topic_model_format.h"
#include "tests/topic/quality_report.h"

namespace wirewatch {
namespace {

using quality::LoadedModel;
using topic_tools::ModelContents;

LoadedModel must(std::expected<LoadedModel, std::string> loaded) {
  if (!loaded) {
    ADD_FAILURE() << loaded.error();
    std::abort();
  }
  return std::move(*loaded);
}

const LoadedModel& topics() {
  static const LoadedModel kModel =
      must(quality::load_model(WIREWATCH_SOURCE_DIR "/common/topic/data/topic_model.bin"));
  return kModel;
}
const LoadedModel& languages() {
  static const LoadedModel kModel =
      must(quality::load_model(WIREWATCH_SOURCE_DIR "/common/topic/data/language_model.bin"));
  return kModel;
}

ArticleText read(std::string_view headline, std::string_view body) {
  ArticleText text;
  TextAnalyzer().analyze(headline, body, text);
  ZoneLabeler().label(text);
  return text;
}

TopicResult classify(std::string_view headline, std::string_view body,
                     std::string_view language = "") {
  const LanguageIdentifier identifier(languages().model);
  const TopicClassifier classifier(&topics().model, nullptr, &identifier);
  TopicScratch scratch;
  TopicResult result;
  classifier.classify(read(headline, body), language, scratch, result);
  return result;
}

struct Case {
  const char* name;
  const char* headline;
  const char* body;
  std::uint32_t topic;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Topics : public testing::TestWithParam<Case> {};

TEST_P(Topics, BestOfLevelOneIs) {
  const TopicResult result = classify(GetParam().headline, GetParam().body);
  const auto best = std::find_if(result.topics.begin(), result.topics.end(),
                                 [](const TopicScore& topic) { return topic.level == 1; });
  ASSERT_NE(best, result.topics.end());
  EXPECT_EQ(best->id.value(), GetParam().topic) << topic_name(best->id);
  EXPECT_GT(best->confidence, 0);
  EXPECT_LE(best->confidence, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Topics,
    testing::Values(
        Case{"en_economy", "Central bank raises interest rates",
             "The central bank raised its interest rate to curb inflation, and economists expect "
             "slower growth of the economy.",
             4000000},
        Case{"en_company", "Carmaker's quarterly profit rises",
             "The company said net profit rose on higher sales. Shares gained three percent.",
             4000000},
        Case{"en_football", "Late goal decides cup final",
             "The striker scored in the last minute of the match and the team won the league.",
             15000000},
        Case{"en_war", "Missiles hit port as troops advance",
             "The army said its troops shelled the town, and rebels fired missiles at soldiers.",
             16000000},
        Case{"en_quake", "Strong earthquake shakes coast",
             "A magnitude 7.1 earthquake killed dozens; rescuers searched for survivors.", 3000000},
        Case{"en_election", "Voters choose a president",
             "The opposition candidate leads in the election, and parliament meets next week.",
             11000000},
        Case{"en_court", "Man jailed for murder",
             "The court sentenced the man to prison for murder; police had arrested him in May.",
             2000000},
        Case{"en_film", "Actor wins award for comedy film",
             "The actor starred in the movie, and the director praised the film and its music.",
             1000000},
        Case{"en_health", "Hospitals prepare for flu",
             "Doctors urge vaccination against the virus; patients with symptoms fill hospitals.",
             7000000},
        Case{"en_space", "Probe reaches asteroid",
             "The spacecraft of the space agency NASA reached the asteroid, scientists said.",
             13000000},
        Case{"en_school", "Schools reopen",
             "Pupils and teachers return to schools as the university starts its exams.", 5000000},
        Case{"en_church", "Pope visits cathedral",
             "The pope prayed with bishops and priests at the church on Easter.", 12000000},
        Case{"fr_politique", "Le président dissout l'Assemblée nationale",
             "Le Premier ministre et le gouvernement préparent les élections législatives.",
             11000000},
        Case{"fr_sport", "Victoire en finale",
             "L'équipe a gagné la finale du championnat grâce à un but de son attaquant.",
             15000000},
        Case{"de_fussball", "Bayern gewinnt",
             "Die Mannschaft siegte im Spiel der Bundesliga durch ein Tor; der Trainer war froh.",
             15000000},
        Case{"de_gericht", "Gericht verurteilt Betrüger",
             "Das Landgericht verurteilte den Angeklagten wegen Betrugs zu drei Jahren Haft.",
             2000000},
        Case{"es_economia", "El banco central sube los tipos",
             "La inflación y el crecimiento de la economía preocupan; cae el PIB.", 4000000},
        Case{"es_salud", "Nueva vacuna contra el dengue",
             "Los médicos del hospital vacunan a los pacientes contra el virus.", 7000000},
        Case{"pt_eleicao", "Eleições no domingo",
             "Os eleitores vão às urnas; o candidato do governo lidera a pesquisa.", 11000000},
        Case{"it_calcio", "La Juventus vince il campionato",
             "La squadra ha vinto la partita con un gol dell'attaccante.", 15000000},
        Case{"ru_sud", "Суд вынес приговор",
             "Суд приговорил обвиняемого к восьми годам колонии за мошенничество.", 2000000},
        Case{"ru_hockey", "Сборная выиграла матч",
             "Хоккеисты забросили три шайбы, тренер доволен победой на чемпионате.", 15000000},
        Case{"uk_viina", "Обстріл міста",
             "Війська обстріляли місто ракетами й дронами, повідомив генштаб; триває війна.",
             16000000},
        Case{"pl_mecz", "Polska wygrała mecz",
             "Piłkarze reprezentacji strzelili dwa gole, trener chwalił drużynę.", 15000000},
        Case{"ar_football", "المنتخب يفوز بالمباراة",
             "سجل اللاعب هدفين في مباراة كرة القدم وتأهل الفريق إلى نهائي البطولة.", 15000000},
        Case{"fa_eghtesad", "بانک مرکزی نرخ بهره را بالا برد",
             "تورم و کسری بودجه اقتصاد را زیر فشار گذاشت و دلار گران شد.", 4000000},
        Case{"tr_deprem", "Deprem ağır hasar verdi",
             "Depremin ardından arama kurtarma ekipleri enkazda çalıştı, AFAD açıkladı.", 3000000},
        Case{"hi_cricket", "भारत ने मैच जीता",
             "बल्लेबाज ने शतक बनाया और टीम ने क्रिकेट विश्व कप का फाइनल जीता।", 15000000},
        Case{"id_pemilu", "Pemilu digelar hari ini",
             "Pemilih memberikan suara dalam pilpres; KPU mengumumkan hasil pemungutan suara.",
             11000000},
        Case{"vi_bongda", "Đội tuyển thắng trận",
             "Cầu thủ ghi bàn thắng trong trận đấu bóng đá, huấn luyện viên hài lòng.", 15000000},
        Case{"zh_earthquake", "强烈地震造成伤亡", "地震发生后，救援人员在灾区搜救，余震不断。",
             3000000},
        Case{"ja_bank", "日銀が金利を引き上げ",
             "日本銀行は物価の上昇を受けて金利を引き上げ、経済の成長率を見直した。", 4000000},
        Case{"ko_president", "국회, 법안 통과",
             "대통령과 여당, 야당 의원들이 국회에서 법안을 논의했다.", 11000000},
        // Who says so is not what it is about.
        Case{"en_flood_told_by_police", "River bursts its banks",
             "The flood swept away a bridge and cut off two villages, police said on Monday.",
             3000000},
        Case{"es_incendio_segun_la_policia", "Un incendio destruye un mercado",
             "Las llamas dejaron tres muertos y varios heridos, informó la policía.", 3000000},
        // Short texts without a word of the usual news of their topic.
        Case{"en_strike", "Train drivers walk out in pay row",
             "The union wants a pay rise of 7 percent. Talks broke down at the weekend.", 9000000},
        Case{"en_recipe", "The stew that saves a weeknight",
             "Brown the beef, soften the onions with butter and garlic, simmer for three hours.",
             10000000},
        Case{"es_receta", "Cómo preparar una tortilla",
             "Pele las patatas, bata los huevos y mezcle todo con la cebolla. Sirva con pan.",
             10000000},
        Case{"vi_phan_nau", "Cách nấu phở bò tại nhà",
             "Ninh xương với gừng nướng, thái mỏng thịt bò, ăn kèm rau thơm và chanh.", 10000000},
        Case{"vi_san_ho", "Rạn san hô chết hàng loạt",
             "Nước biển ấm lên, rác thải nhựa khiến hệ sinh thái suy kiệt.", 6000000},
        Case{"hi_nav", "बिहार में नाव पलटने से 11 लोगों की मौत",
             "गंगा नदी में डूबे लोगों की तलाश जारी है। राहत दल ने पाँच लोगों को बचा लिया।", 3000000},
        Case{"ja_tera", "奈良の寺で千年続く法要", "僧侶が経を唱え、参拝者が祈りをささげた。",
             12000000},
        Case{"zh_jiangtun", "长江江豚数量回升",
             "科学考察显示，江豚种群增加，禁渔和栖息地保护取得成效。", 6000000},
        Case{"ru_sputnik", "Ракета вывела на орбиту спутник",
             "Запуск прошёл с космодрома Восточный, учёные получат первые данные через месяц.",
             13000000},
        Case{"sw_soka", "Timu yashinda mechi",
             "Mchezaji alifunga mabao mawili katika mechi ya soka ya ligi kuu; kocha alifurahi.",
             15000000}),
    [](const testing::TestParamInfo<Case>& tested) { return tested.param.name; });

TEST(TopicResults, LevelTwoStandsWithItsParent) {
  const TopicResult result = classify(
      "Voters choose a president",
      "Voters queued at polling stations to vote in the presidential election. The candidate of "
      "the ruling party leads the count of the ballots after a long campaign.");
  EXPECT_TRUE(result.has(TopicId{11000000}));
  EXPECT_TRUE(result.has(TopicId{20000574}));
  for (const TopicScore& topic : result.topics) {
    const TopicId parent = topic_parent(topic.id);
    EXPECT_EQ(topic.level, parent == TopicId{} ? 1 : 2);
    if (parent == TopicId{}) continue;
    const auto above = std::find_if(result.topics.begin(), result.topics.end(),
                                    [&](const TopicScore& entry) { return entry.id == parent; });
    ASSERT_NE(above, result.topics.end());
    EXPECT_LE(topic.confidence, above->confidence);
  }
}

TEST(TopicResults, TailAndRepeatedTextSayNothing) {
  const std::string story =
      "The central bank raised its interest rate to curb inflation.\n\nEconomists expect slower "
      "growth of the economy this year.";
  const TopicResult plain = classify("Bank raises rates", story, "en");
  const TopicResult page =
      classify("Bank raises rates",
               story + "\n\n" + story + "\n\nRead more:\nStriker scores late goal", "en");
  ASSERT_EQ(plain.topics.size(), page.topics.size());
  for (std::size_t index = 0; index < plain.topics.size(); ++index) {
    EXPECT_EQ(plain.topics[index].id, page.topics[index].id);
    EXPECT_EQ(plain.topics[index].confidence, page.topics[index].confidence);
  }
}

TEST(TopicResults, OneWordIsNotAllButCertain) {
  for (const char* word : {"goal", "war", "earthquake", "Wahl", "séisme", "футбол", "forastero",
                           "地震", "انتخابات", "cinema", "vaccine", "strike", "storm", "robbery"}) {
    for (const TopicScore& topic : classify(word, "").topics) {
      EXPECT_LT(topic.confidence, 0.96F) << word << ": " << topic_name(topic.id);
    }
  }
}

TEST(TopicResults, NothingIsSaidOfUnknownWords) {
  EXPECT_TRUE(classify("", "").topics.empty());
  EXPECT_TRUE(classify("qzxv wkpj", "bvrt mnqp").topics.empty());
}

TEST(TopicResults, ExplainsByWords) {
  const LanguageIdentifier identifier(languages().model);
  const TopicClassifier classifier(&topics().model, nullptr, &identifier);
  const ArticleText text = read("Striker scores", "The striker scored in the football match.");
  const auto evidence = classifier.explain(text, TopicId{15000000}, 5);
  ASSERT_FALSE(evidence.empty());
  EXPECT_LE(evidence.size(), 5U);
  EXPECT_GT(evidence[0].weight, 0);
  EXPECT_LT(evidence[0].token_begin, evidence[0].token_end);
  EXPECT_TRUE(classifier.explain(text, TopicId{99}, 5).empty());
}

TEST(TopicNames, AreThoseOfIptc) {
  EXPECT_EQ(topic_name(TopicId{11000000}), "politics and government");
  EXPECT_EQ(topic_name(TopicId{20000574}), "election");
  EXPECT_EQ(topic_name(TopicId{1}), "");
  EXPECT_EQ(topic_parent(TopicId{20000574}), TopicId{11000000});
  EXPECT_EQ(topic_parent(TopicId{11000000}), TopicId{});
  EXPECT_EQ(parse_topic_id("medtop:01000000"), TopicId{1000000});
  EXPECT_EQ(parse_topic_id("medtop:1000000"), std::nullopt);
  EXPECT_EQ(parse_topic_id("medtop:0100000x"), std::nullopt);
}

struct LanguageCase {
  const char* name;
  const char* text;
  const char* language;  // Empty: unknown.
};
void PrintTo(const LanguageCase& c, std::ostream* out) {
  *out << c.name;
}

class Languages : public testing::TestWithParam<LanguageCase> {};

TEST_P(Languages, AreIdentified) {
  const LanguageIdentifier identifier(languages().model);
  TopicScratch scratch;
  EXPECT_EQ(identifier.identify(read("", GetParam().text), scratch).language, GetParam().language);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Languages,
    testing::Values(
        LanguageCase{"english", "The ministers met on Monday to talk about the price of bread.",
                     "en"},
        LanguageCase{"german",
                     "Die Minister trafen sich am Montag, um über den Brotpreis zu reden.", "de"},
        LanguageCase{"dutch",
                     "De ministers spraken maandag met elkaar over de prijs van het brood.", "nl"},
        LanguageCase{"french", "Les ministres se sont réunis lundi pour parler du prix du pain.",
                     "fr"},
        LanguageCase{"spanish",
                     "Los ministros se reunieron el lunes para hablar del precio del pan.", "es"},
        LanguageCase{"portuguese",
                     "Os ministros reuniram-se na segunda-feira para falar do preço do pão.", "pt"},
        LanguageCase{"russian", "Министры встретились в понедельник, чтобы обсудить цену хлеба.",
                     "ru"},
        LanguageCase{"ukrainian", "Міністри зустрілися в понеділок, щоб обговорити ціну хліба.",
                     "uk"},
        LanguageCase{"arabic", "اجتمع الوزراء يوم الاثنين للحديث عن سعر الخبز في البلاد.", "ar"},
        LanguageCase{"persian", "وزیران روز دوشنبه برای گفتگو درباره قیمت نان گرد هم آمدند.", "fa"},
        LanguageCase{"swahili", "Mawaziri walikutana siku ya Jumatatu kuzungumzia bei ya mkate.",
                     "sw"},
        LanguageCase{"korean", "장관들은 월요일에 만나 빵 가격을 논의했다.", "ko"},
        LanguageCase{"japanese", "大臣たちは月曜日に会い、パンの価格について話し合った。", "ja"},
        LanguageCase{"chinese", "部长们星期一开会讨论面包的价格。", "zh"},
        LanguageCase{"malay",
                     "Polis berkata mereka telah menahan tiga lelaki kerana mencuri kereta.", "ms"},
        LanguageCase{"indonesian",
                     "Polisi mengatakan mereka telah menahan tiga pria karena mencuri mobil.",
                     "id"},
        LanguageCase{"croatian", "Tijekom prošloga tjedna nitko nije bio ozlijeđen u tvrtki.",
                     "hr"},
        LanguageCase{"serbian_in_latin_script",
                     "Tokom prošle nedelje niko nije bio povređen u preduzeću posle sednice.",
                     "sr"},
        // The same in all three.
        LanguageCase{"serbo_croatian", "Most je zatvoren zbog pukotina na dva mjesta.", ""},
        LanguageCase{"norwegian", "Statsministeren sier at hun ikke vil trekke seg.", "no"},
        LanguageCase{"nynorsk", "Statsministeren seier at ho ikkje vil trekkje seg no.", "no"},
        LanguageCase{"capitals", "HAT HÉTRE KIDŐLT A CSATÁR EGY EDZÉS UTÁN PÉNTEKEN", "hu"},
        LanguageCase{"names_of_another_script", "บริษัท Harlow Motors กล่าวว่าคนงานทั้งหมดจะได้รับค่าชดเชย",
                     "th"},
        LanguageCase{"chinese_in_traditional_characters",
                     "起重機倒塌後，渡輪停運，沒有人受傷，警方說。", "zh"},
        LanguageCase{"tickers", "AAPL MSFT TSLA NVDA BTC ETH USD EUR GBP JPY CHF", ""},
        LanguageCase{"digits", "12 345 678", ""}, LanguageCase{"nothing", "", ""},
        LanguageCase{"too_short", "Ok", ""}),
    [](const testing::TestParamInfo<LanguageCase>& tested) { return tested.param.name; });

TEST(StatedLanguage, IsTaken) {
  EXPECT_EQ(classify("Nichts", "", "en-GB").language, "en");
  EXPECT_EQ(classify("Nichts", "", "EN").language_confidence, 1);
}

// A headline and a sentence, of which nothing was trained on.
TEST(ShortNews, IsInAKnownLanguageOrUnknownRatherThanWrong) {
  const LanguageIdentifier identifier(languages().model);
  const auto figures = quality::measure_languages(
      identifier, {.path = WIREWATCH_SOURCE_DIR "/tests/quality/short_news.jsonl"});
  ASSERT_TRUE(figures) << figures.error();
  EXPECT_GE(figures->right, 0.92);
  EXPECT_LE(figures->wrong, 0.01);
  // A sentence may be all the same in these: Bosnian, Croatian and Serbian, Indonesian and Malay.
  const std::set<std::string> hard = {"bs", "hr", "sr", "id", "ms", "gl", "am", "ja"};
  for (const auto& [language, count] : figures->by_language) {
    if (hard.contains(language)) continue;
    EXPECT_GE(count.first * 5, count.second * 4) << language;
  }
}

// Languages that have hardly any text to learn from, and some that the model does not have.
TEST(ShortNews, OfRareLanguagesIsSeldomTakenForAnother) {
  const LanguageIdentifier identifier(languages().model);
  const auto figures = quality::measure_languages(
      identifier, {.path = WIREWATCH_SOURCE_DIR "/tests/quality/rare_languages.jsonl"});
  ASSERT_TRUE(figures) << figures.error();
  EXPECT_LE(figures->wrong, 0.2);
}

// Scots, of which the model has no text, has most of its commonest words from English: these alone
// must not decide.
TEST(LanguageIdentifier, KnowsAnAbsentLanguageByMoreThanItsWords) {
  const LanguageIdentifier identifier(languages().model);
  TopicScratch scratch;
  const ArticleText scots = read(
      "",
      "The polis hae telt folk in the toun tae bide awa frae the auld brig efter a muckle flude "
      "washed awa ane o its pillars on Monanday nicht. Naebody wis hurtit, but the cooncil says it "
      "will be mony a month afore lorries can gang ower the watter again. Shopkeepers are fashed "
      "that naebody will come doun frae the clachans tae buy their messages, an the provost has "
      "speired at the government for siller tae bigg a new brig.");
  EXPECT_EQ(identifier.identify(scots, scratch).language, "");
}

// A small model made by hand: "goal" and "match" speak for sport, "bank" for the economy.
std::string small_model(bool exclusive, bool whole_text = false) {
  const std::vector<std::string_view> ids = {"economy", "sport"};
  ModelContents contents{
      .kind = TopicModelKind::kLabels,
      .scheme = "desk",
      .exclusive = exclusive,
      .features = {.pairs = true, .stems = true, .whole_text = whole_text, .token_max = 64},
      .headline_count = 3,
      .length_floor = 1,
      .classes = {},
      .rows = {}};
  for (const std::string_view id : ids) {
    contents.classes.push_back({.id = id, .slope = 4, .offset = -2, .threshold = 0.5F});
  }
  const auto row = [&](std::string_view word, float economy, float sport) {
    contents.rows.push_back(
        {.feature = token_hash(word), .pair_words = {}, .length = 2, .weights = {economy, sport}});
  };
  row("bank", 2, -1);
  row("goal", -1, 2);
  row("match", -0.5F, 1.5F);
  return topic_tools::write_model(std::move(contents));
}

// The same score of one word and of many: the shorter text is less sure, an article nearly as sure
// as its score.
TEST(TopicModelScores, OfShortTextsAreLessSure) {
  const auto confidence = [](float short_slope, float short_offset, std::uint32_t features) {
    ModelContents contents;
    contents.kind = TopicModelKind::kTopics;
    contents.scheme = "medtop";
    contents.classes.push_back({.id = "medtop:15000000",
                                .slope = 4,
                                .offset = -2,
                                .short_slope = short_slope,
                                .short_offset = short_offset});
    contents.rows.push_back(
        {.feature = token_hash("goal"), .pair_words = {}, .length = 2, .weights = {2}});
    const auto loaded = quality::hold_model(topic_tools::write_model(std::move(contents)));
    EXPECT_TRUE(loaded) << loaded.error();
    return loaded->model.confidence(0, 1.5F, TopicModel::shortness(features));
  };
  constexpr float kArticle = 0.98201F;  // Of log odds of 4.
  for (const std::uint32_t features : {1U, 8U, 100U}) {
    EXPECT_NEAR(confidence(0, 0, features), kArticle, 1e-4);
  }
  EXPECT_NEAR(confidence(-2, 0, 8), 0.92414F, 1e-4);   // Half of -2 · 1.5 less …
  EXPECT_NEAR(confidence(-2, -1, 8), 0.88080F, 1e-4);  // … and half of -1.
  EXPECT_LT(confidence(-2, -1, 1), confidence(-2, -1, 8));
  EXPECT_GT(confidence(-2, -1, 400), 0.98F);
}

TEST(Labels, ComeFromTheSecondModel) {
  for (const bool exclusive : {true, false}) {
    const auto loaded = quality::hold_model(small_model(exclusive));
    ASSERT_TRUE(loaded) << loaded.error();
    const TopicClassifier classifier(nullptr, &loaded->model, nullptr);
    TopicScratch scratch;
    TopicResult result;
    classifier.classify(read("", "A goal in the match."), "en", scratch, result);
    EXPECT_TRUE(result.topics.empty());
    ASSERT_EQ(result.labels.size(), 1U);
    EXPECT_EQ(result.labels[0].scheme, "desk");
    EXPECT_EQ(result.labels[0].id, "sport");
    EXPECT_GT(result.labels[0].confidence, 0.5F);
    classifier.classify(read("", "Nothing here."), "en", scratch, result);
    EXPECT_TRUE(result.labels.empty());
  }
}

// What a label means is for its newsroom to say: where its model reads the whole text, the tail
// counts too.
TEST(Labels, OfTheWholeTextComeFromTheTailToo) {
  for (const bool whole_text : {false, true}) {
    const auto loaded = quality::hold_model(small_model(true, whole_text));
    ASSERT_TRUE(loaded) << loaded.error();
    EXPECT_EQ(loaded->model.features().whole_text, whole_text);
    const TopicClassifier classifier(nullptr, &loaded->model, nullptr);
    const ArticleText text = read("", "Nothing here.\n\nRead more:\nA goal in the match");
    ASSERT_EQ(text.zones().back().zone, Zone::kTail);
    TopicScratch scratch;
    TopicResult result;
    classifier.classify(text, "en", scratch, result);
    EXPECT_EQ(result.labels.size(), whole_text ? 1U : 0U);
  }
}

TEST(TopicModelFile, RefusesEveryDamage) {
  const std::string whole = small_model(true);
  for (const std::size_t size : {std::size_t{0}, std::size_t{64}, whole.size() - 1}) {
    EXPECT_FALSE(quality::hold_model(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(quality::hold_model(whole + "x"));
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    if (at >= 92 && at < 128) continue;  // Not used, and not part of the checksum.
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    const auto loaded = quality::hold_model(damaged);
    // Options of the header are free within their ranges; what points into the file is not.
    if (loaded) {
      EXPECT_LT(at, sizeof(topic_model_format::Header)) << at;
    }
  }
}

TEST(TopicModelFile, VersionTellsContentsApart) {
  const auto one = quality::hold_model(small_model(true));
  const auto same = quality::hold_model(small_model(true));
  ASSERT_TRUE(one && same);
  EXPECT_EQ(one->model.version(), same->model.version());
  EXPECT_NE(one->model.version(), topics().model.version());
}

// Random texts of words of several scripts, some of which the shipped model knows.
std::string made_up_body(std::uint64_t& state, std::size_t word_count) {
  constexpr std::string_view kWords[] = {
      "match",   "goal",      "bank",     "war",    "минister", "выборы",     "школьников",
      "police",  "elections", "the",      "film",   "virus",    "economy",    "church",
      "weather", "地震",      "救援人员", "चुनावों",  "انتخابات", "الانتخابات", "ministers",
      "ab",      "abcde",     "abcdef",   "Ελλάδα", "𐐨𐐩𐐪𐐫𐐬𐐭𐐮",  "ወታደሮች",      "선거"};
  std::string body;
  for (std::size_t word = 0; word < word_count; ++word) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    body += kWords[(state >> 33) % std::size(kWords)];
    body += ' ';
  }
  return body;
}

// The vector instructions and the portable loop must give the same bits, and score() the same as
// the definition of the features.
TEST(TopicModelScores, AreThoseOfTheDefinition) {
  const TopicModel& model = topics().model;
  TopicScratch fast;
  TopicScratch added;
  TopicScratch portable;
  std::uint64_t state = 1;
  std::uint32_t known = 0;
  for (std::size_t round = 0; round < 200; ++round) {
    const ArticleText text = read("Police and the bank", made_up_body(state, round * 4));
    model.score(text, fast);
    model.begin(added);
    model.begin(portable);
    for_each_token(text, model.features(), [&](std::uint32_t token, const TokenFeatures& features) {
      const std::uint32_t count = token < text.headline_token_count() ? model.headline_count() : 1;
      std::vector<std::uint64_t> used;
      used.push_back(model.knows(features.word) ? features.word : features.stem);
      if (features.pair != 0) used.push_back(features.pair);
      std::erase(used, 0U);
      model.add(used, count, added);
      model.add(used, count, portable);
    });
    model.finish(added);
    model.finish_portable(portable);
    EXPECT_EQ(fast.scores, added.scores) << round;
    EXPECT_EQ(added.scores, portable.scores) << round;
    EXPECT_EQ(fast.known_feature_count, portable.known_feature_count);
    known = std::max(known, fast.known_feature_count);
  }
  EXPECT_GT(known, 20U);
}

// An article that was begun and left leaves nothing behind for the next one, of whatever model.
TEST(TopicModelScores, AreThoseOfOneArticle) {
  const auto other = quality::hold_model(small_model(true));
  ASSERT_TRUE(other) << other.error();
  const ArticleText text = read("Late goal decides the match", "The striker scored a goal.");
  TopicScratch fresh;
  topics().model.score(text, fresh);
  TopicScratch used;
  const std::vector<std::uint64_t> left = {token_hash("goal"), token_hash("match")};
  for (const TopicModel* model : {&other->model, &topics().model}) {
    model->begin(used);
    model->add(left, 2, used);
    topics().model.score(text, used);
    EXPECT_EQ(used.scores, fresh.scores);
    EXPECT_EQ(used.known_feature_count, fresh.known_feature_count);
  }
}

// The bytes of a model of two labels, from four short articles each.
std::string train_two_labels(const topic_tools::WordVectors* vectors) {
  using topic_tools::Mark;
  topic_tools::TrainerOptions options;
  options.scheme = "desk";
  options.exclusive = true;
  options.vectors = vectors;
  topic_tools::LinearTrainer trainer(options);
  trainer.add_class({.id = "economy"});
  trainer.add_class({.id = "sport"});
  topic_tools::FeatureReader reader;
  const auto add = [&](std::string_view body, bool sport) {
    topic_tools::CorpusDocument document;
    document.body = body;
    const std::array marks = {sport ? Mark::kNo : Mark::kYes, sport ? Mark::kYes : Mark::kNo};
    trainer.add_document(reader.read(document, {}, 3), marks, {});
  };
  for (int round = 0; round < 3; ++round) {
    add("The striker scored a goal in the match and the team won the cup", true);
    add("The coach praised his players after the league game", true);
    add("Shares of the bank fell as profit and revenue were lower", false);
    add("The company said prices and inflation hurt its earnings", false);
  }
  return trainer.train().bytes;
}

TEST(WordVectors, TellOfWordsThatNoArticleHas) {
  const auto vectors = topic_tools::WordVectors::read_beside_program();
  ASSERT_TRUE(vectors) << vectors.error();
  EXPECT_GT(vectors->size(), 1000U);
  EXPECT_EQ(vectors->find(token_hash("qzxv")), vectors->size());
  EXPECT_EQ(vectors->word(vectors->find(token_hash("goalkeeper"))), "goalkeeper");
  const auto with = quality::hold_model(train_two_labels(&*vectors));
  const auto without = quality::hold_model(train_two_labels(nullptr));
  ASSERT_TRUE(with && without);
  for (const auto& [word, label] : {std::pair{"goalkeeper", 1U}, std::pair{"dividend", 0U}}) {
    const std::uint64_t feature = token_hash(word);
    EXPECT_FALSE(without->model.knows(feature)) << word;
    EXPECT_GT(with->model.weight(feature, label), with->model.weight(feature, 1 - label)) << word;
  }
}

// The bytes of a file of two words of two dimensions.
std::string small_vectors() {
  std::string bytes = "WWVECTR\n";
  for (const char value : {'\1', '\2', '\2', '\10'}) {  // Version, words, dimensions, their bytes.
    bytes += value;
    bytes.append(3, '\0');
  }
  return bytes + "cup\nrun\n" + std::string{3, 4, 0, -100};
}

std::expected<topic_tools::WordVectors, std::string> read_vectors(const std::string& bytes) {
  const auto path = std::filesystem::path(testing::TempDir()) / "word_vectors.bin";
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return topic_tools::WordVectors::read(path);
}

TEST(WordVectors, HaveLengthOneWhateverTheUnit) {
  const auto vectors = read_vectors(small_vectors());
  ASSERT_TRUE(vectors) << vectors.error();
  EXPECT_EQ(vectors->dimensions(), 2U);
  EXPECT_FLOAT_EQ(vectors->vector(0)[0], 0.6F);
  EXPECT_FLOAT_EQ(vectors->vector(0)[1], 0.8F);
  EXPECT_FLOAT_EQ(vectors->vector(vectors->find(token_hash("run")))[1], -1.0F);
}

TEST(WordVectors, RefuseWhatIsNone) {
  EXPECT_FALSE(topic_tools::WordVectors::read("/nonexistent"));
  EXPECT_FALSE(topic_tools::WordVectors::read(WIREWATCH_SOURCE_DIR "/common/topic/README.md"));
  EXPECT_FALSE(read_vectors(small_vectors() + "x"));
  EXPECT_FALSE(read_vectors(small_vectors().substr(0, small_vectors().size() - 1)));
}

TEST(TopicFeatures, StemsBeginLongWords) {
  EXPECT_EQ(stem_size("match"), 0U);
  EXPECT_EQ(stem_size("matches"), 5U);
  EXPECT_EQ(stem_size("выборы"), 10U);
  EXPECT_EQ(stem_size("выбор"), 0U);
}

}  // namespace
}  // namespace wirewatch
