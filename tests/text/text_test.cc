#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "common/text/article_text.h"
#include "common/text/zone_labeler.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

// The folded tokens of a text, joined by spaces.
std::string tokens_of(std::string_view text) {
  ArticleText analyzed;
  TextAnalyzer().analyze(text, "", analyzed);
  std::string out;
  for (std::uint32_t token = 0; token < analyzed.token_count(); ++token) {
    if (token > 0) out.push_back(' ');
    out += analyzed.folded(token);
  }
  return out;
}

struct FoldCase {
  const char* name;
  const char* text;
  const char* tokens;
};
void PrintTo(const FoldCase& c, std::ostream* out) {
  *out << c.name;
}

class Folding : public testing::TestWithParam<FoldCase> {};
TEST_P(Folding, GivesTokens) {
  EXPECT_EQ(tokens_of(GetParam().text), GetParam().tokens);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Folding,
    testing::Values(
        FoldCase{"case_and_punctuation", "Kim's U.S.-Visit, 3.5%", "kim s u s visit 3 5"},
        FoldCase{"diacritics", "São Tomé Łódź Ærø İstanbul", "sao tome lodz aero istanbul"},
        FoldCase{"decomposed", "Cafe\xCC\x81 Sa\xCC\x83o", "cafe sao"},
        FoldCase{"cyrillic", "Ёлка ЙОД", "елка иод"}, FoldCase{"greek", "Αθήνα", "αθηνα"},
        FoldCase{"arabic", "أَحْمَد إلى مكة", "احمد الي مكه"},
        FoldCase{"ligature_and_width", "ﬃ ＡＢＣ", "ffi abc"},
        FoldCase{"digits", "٢٠٢٦ २०२६", "2026 2026"},
        FoldCase{"zero_width", "North\xE2\x80\x8BKorea", "northkorea"},
        FoldCase{"han", "中国AI", "中 国 ai"}, FoldCase{"kana", "ロシアの大使", "ロシア の 大 使"},
        FoldCase{"decomposed_kana", "か\xE3\x82\x99", "が"},
        FoldCase{"hangul", "북한에서", "북 한 에 서"},
        FoldCase{"decomposed_hangul", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "한"},
        FoldCase{"long_word", "Donaudampfschifffahrtsgesellschaft",
                 "donaudampfschifffahrtsgesellschaft"},
        FoldCase{"invalid_utf8",
                 "a\xFF"
                 "b",
                 "a b"},
        FoldCase{"empty", "", ""}),
    [](const testing::TestParamInfo<FoldCase>& row) { return std::string(row.param.name); });

TEST(ArticleText, SpansPointAtTheSource) {
  const std::string body =
      "Ça va? 北朝鮮の大使は2024年、Москва\xE2\x80\x8Bи Cafe\xCC\x81, Türkiye'nin. " +
      std::string(200, 'x') + " Pyongyang";
  ArticleText text;
  TextAnalyzer().analyze("Ünlü Kim", body, text);
  for (std::uint32_t token = 0; token < text.token_count(); ++token) {
    const SourceSpan span = text.source_span(token, token + 1);
    EXPECT_EQ(tokens_of(text.source(span)), text.folded(token)) << token;
    EXPECT_EQ(text.token_at(span.field, span.begin), token);
  }
  EXPECT_EQ(text.headline_token_count(), 2U);
  const SourceSpan last = text.source_span(text.token_count() - 1, text.token_count());
  EXPECT_EQ(text.source(last), "Pyongyang");
}

// Long runs take another way than short ones. The letters of two bytes neither join nor compose
// with others: the form of a text is that of its characters one by one.
TEST(ArticleText, FoldsLongTextAsItsCharacters) {
  const auto utf8 = [](std::uint32_t c) {
    return std::string{static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  };
  std::mt19937 random(5);
  for (std::uint32_t code_point = 0x80; code_point < 0x800; ++code_point) {
    std::string text;
    std::string expected;
    const auto add = [&](const std::string& character) {
      text += character;
      fold(character, expected);
    };
    const std::uint32_t script = code_point & 0x700;
    for (int i = 0; i < 80; ++i) {
      const auto chance = static_cast<std::uint32_t>(random() % 8);
      if (chance == 0) {
        add(std::string(1, static_cast<char>(random() % 128)));
      } else {
        const auto other = static_cast<std::uint32_t>(random() % 256);
        add(utf8(chance < 3 ? code_point : std::max(script + other, 0x80U)));
      }
    }
    std::string folded;
    fold(text, folded);
    ASSERT_EQ(folded, expected) << text;
    ArticleText analyzed;
    TextAnalyzer().analyze("", text, analyzed);
    for (std::uint32_t token = 0; token < analyzed.token_count(); ++token) {
      const std::string_view source = analyzed.source(analyzed.source_span(token, token + 1));
      const auto first = text_internal::decode_utf8(source.data(), source.data() + source.size());
      ASSERT_EQ(analyzed.is_capitalized(token), text_internal::fold_entry(first.code_point).upper)
          << text;
    }
  }
}

TEST(ArticleText, SpansPointAtTheSourceInAnyMixtureOfScripts) {
  constexpr const char* kPieces[] = {"Kim",
                                     "Élan",
                                     "Łódź",
                                     "Москва",
                                     "Ёлка",
                                     "مكة",
                                     "أَحْمَد",
                                     "דרום",
                                     "朝鮮民主主義人民共和国は",
                                     "조선민주주의인민공화국은",
                                     "ひらがなばかりのぶんしょう",
                                     "Президент России",
                                     "جمهوری اسلامی ایران",
                                     "Ελληνική Δημοκρατία",
                                     "हिन्दी",
                                     "北朝鮮",
                                     "ロシア",
                                     "の",
                                     "북한",
                                     "ไทย",
                                     "ﬃ",
                                     "²",
                                     "2026",
                                     "x\u0301",
                                     "\u200b",
                                     "\u00ad",
                                     "\u304b\u3099",
                                     "\u1112\u1161",
                                     "ß",
                                     "ĳ"};
  constexpr const char* kGaps[] = {" ", "\n", ", ", "。", "\u3000", " – ", "", "\u00a0", ".\n\n"};
  std::mt19937 random(11);
  ArticleText text;
  for (int round = 0; round < 300; ++round) {
    std::string fields[2];
    for (std::string& field : fields) {
      for (std::size_t i = random() % 60; i > 0; --i) {
        field += kPieces[random() % std::size(kPieces)];
        field += kGaps[random() % std::size(kGaps)];
      }
    }
    TextAnalyzer().analyze(fields[0], fields[1], text);
    for (std::uint32_t token = 0; token < text.token_count(); ++token) {
      const SourceSpan span = text.source_span(token, token + 1);
      const std::string_view source = text.source(span);
      ASSERT_EQ(tokens_of(source), text.folded(token)) << fields[0] << "|" << fields[1];
      ASSERT_EQ(text.token_at(span.field, span.begin), token);
      const auto first = text_internal::decode_utf8(source.data(), source.data() + source.size());
      ASSERT_EQ(text.is_capitalized(token), text_internal::fold_entry(first.code_point).upper)
          << fields[0] << "|" << fields[1];
    }
  }
}

TEST(ArticleText, KnowsCapitalsAndWordStarts) {
  ArticleText text;
  TextAnalyzer().analyze("Us US Élan москва Москва 북한", "", text);
  EXPECT_TRUE(text.is_capitalized(0));
  EXPECT_FALSE(text.is_all_caps(0));
  EXPECT_TRUE(text.is_all_caps(1));
  EXPECT_TRUE(text.is_capitalized(2));
  EXPECT_FALSE(text.is_capitalized(3));
  EXPECT_TRUE(text.is_capitalized(4));
  EXPECT_TRUE(text.starts_word(5));
  EXPECT_FALSE(text.starts_word(6));
}

TEST(ArticleText, KnowsSentencesAndParagraphs) {
  ArticleText text;
  TextAnalyzer().analyze("", "Mr. Kim left. He came\n\nback today", text);
  EXPECT_TRUE(text.same_sentence(0, 2));
  EXPECT_FALSE(text.same_sentence(2, 3));
  EXPECT_TRUE(text.same_paragraph(2, 4));
  EXPECT_FALSE(text.same_paragraph(4, 5));
}

TEST(ArticleText, SentencesOfScriptsWithoutSpacesEndAtTheirStop) {
  // Two sentences each, parted before the token.
  const std::pair<const char*, std::uint32_t> rows[] = {{"北京下雨。上海晴天", 4},
                                                        {"東京は雨。大阪は晴れ", 4},
                                                        {"增长5%。上海晴天", 3},
                                                        {"서울에 비.부산은 맑음", 4},
                                                        {"दिल्ली में बारिश। मुंबई में धूप", 3}};
  ArticleText text;
  for (const auto& [body, second] : rows) {
    TextAnalyzer().analyze("", body, text);
    EXPECT_TRUE(text.same_sentence(0, second - 1)) << body;
    EXPECT_FALSE(text.same_sentence(second - 1, second)) << body;
    EXPECT_TRUE(text.same_sentence(second, text.token_count() - 1)) << body;
  }
  TextAnalyzer().analyze("", "增长3.5亿", text);
  EXPECT_TRUE(text.same_sentence(0, text.token_count() - 1)) << "inside a number";
}

TEST(ArticleText, TokensAreLimited) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "word ";
  ArticleText text;
  TextAnalyzer({.token_max = 100}).analyze("", body, text);
  EXPECT_EQ(text.token_count(), 100U);
}

TEST(ArticleText, AnyBytesAreSafe) {
  std::mt19937 random(7);
  const ZoneLabeler labeler;
  ArticleText text;
  for (int round = 0; round < 2000; ++round) {
    std::string body(random() % 300, '\0');
    for (char& c : body) c = static_cast<char>(random() % 3 == 0 ? random() : 32 + random() % 90);
    TextAnalyzer().analyze(body.substr(0, body.size() / 4), body, text);
    labeler.label(text);
    std::uint32_t covered = 0;
    for (const ZoneSpan& zone : text.zones()) {
      EXPECT_EQ(zone.token_begin, covered);
      covered = zone.token_end;
      EXPECT_LE(zone.span.end, text.field(zone.span.field).size());
    }
    EXPECT_EQ(covered, text.token_count());
  }
}

// Zones as "zone[text]" joined by spaces; a repeated paragraph has a star.
std::string zones_of(std::string_view headline, std::string_view body) {
  ArticleText text;
  TextAnalyzer().analyze(headline, body, text);
  const ZoneLabeler labeler;
  labeler.label(text);
  std::string out;
  for (const ZoneSpan& zone : text.zones()) {
    if (!out.empty()) out.push_back(' ');
    out += std::string(to_string(zone.zone)) + (zone.repeated ? "*" : "");
  }
  return out;
}

struct ZoneCase {
  const char* name;
  const char* body;
  const char* zones;  // After the headline's.
};
void PrintTo(const ZoneCase& c, std::ostream* out) {
  *out << c.name;
}

class Zones : public testing::TestWithParam<ZoneCase> {};
TEST_P(Zones, Are) {
  EXPECT_EQ(zones_of("Head", GetParam().body), std::string("headline ") + GetParam().zones);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Zones,
    testing::Values(
        ZoneCase{
            "ap",
            "GENEVA (AP) — Negotiators ended a week of talks without a statement on Friday night.",
            "dateline lede"},
        ZoneCase{"reuters",
                 "SHANGHAI, Jan 11 (Reuters) - Shares rose on Thursday as investors bought chip "
                 "makers and banks.",
                 "dateline lede"},
        ZoneCase{"yonhap",
                 "SEOUL, Nov. 24 (Yonhap) -- The two sides agreed on Tuesday to meet again in the "
                 "coming week.\n\n(END)",
                 "dateline lede tail"},
        ZoneCase{"xinhua",
                 "NAIROBI, Nov. 21 (Xinhua) -- Volunteers planted one million mangroves on the "
                 "coast in a year.",
                 "dateline lede"},
        ZoneCase{"ansa",
                 "(ANSA) - ROMA, 20 NOV - Il governo ha approvato la legge di bilancio dopo una "
                 "lunga discussione.",
                 "dateline lede"},
        ZoneCase{"dpa",
                 "Berlin (dpa) - Die Regierung hat am Freitag den Haushalt für das kommende Jahr "
                 "beschlossen.",
                 "dateline lede"},
        ZoneCase{"efe",
                 "Madrid, 20 nov (EFE).- El gobierno aprobó el viernes los presupuestos del año "
                 "que viene.",
                 "dateline lede"},
        ZoneCase{
            "tass",
            "МОСКВА, 20 ноября. /ТАСС/. Правительство в пятницу утвердило бюджет на следующий год.",
            "dateline lede"},
        ZoneCase{"korean",
                 "(서울=연합뉴스) 홍길동 기자 = 정부가 금요일 내년 예산안을 확정했다고 밝혔다.",
                 "dateline lede"},
        ZoneCase{"chinese", "新华社北京11月20日电 政府星期五批准了明年的预算。", "dateline lede"},
        ZoneCase{"several_cities",
                 "WASHINGTON/LONDON, Nov 24 (Reuters) - Shares rose on Thursday as investors "
                 "bought chip makers and banks.",
                 "dateline lede"},
        ZoneCase{"several_cities_in_russian",
                 "МОСКВА/КИЕВ, 20 ноября. /ТАСС/. Правительство в пятницу утвердило бюджет на год.",
                 "dateline lede"},
        ZoneCase{"ria",
                 "МОСКВА, 20 ноя - РИА Новости. Правительство в пятницу утвердило бюджет на год.",
                 "dateline lede"},
        ZoneCase{"no_place", "США - страна, где правительство в пятницу утвердило бюджет на год.",
                 "lede"},
        ZoneCase{"either_or",
                 "Rain/snow is expected (again) - the service said on Friday that roads would be "
                 "closed.",
                 "lede"},
        ZoneCase{"glued_notice_in_chinese",
                 "政府星期五批准了明年的预算，议会下周表决这一计划。版权所有，未经许可不得转载。",
                 "lede tail"},
        ZoneCase{"taiwanese", "（中央社記者王大明台北24日電）政府星期五批准了明年的預算。",
                 "dateline lede"},
        ZoneCase{"japanese", "【東京共同】政府は金曜日、来年度の予算案を決定した。",
                 "dateline lede"},
        ZoneCase{"none",
                 "The mayor - a former teacher - opened the school on Friday with a speech to the "
                 "parents.",
                 "lede"},
        ZoneCase{"repeated_lede",
                 "The mayor opened the new school on Friday with a speech.\n\nParents and pupils "
                 "had waited for it for more than four years, officials said.\n\nThe mayor opened "
                 "the new school on Friday with a speech.",
                 "lede body body*"},
        ZoneCase{"legal_english",
                 "The mayor opened the new school on Friday with a speech.\n\n© 2026 Example. All "
                 "rights reserved.",
                 "lede tail"},
        ZoneCase{"related",
                 "The mayor opened the new school on Friday with a speech.\n\nRead more:\nPeru "
                 "elects congress\nCanada burns",
                 "lede tail"},
        ZoneCase{"a_link_between_short_sentences",
                 "Мэр открыл в пятницу новую школу села и поздравил учеников.\nЧитайте также: В "
                 "Перу избирают президента\nУроков пока нет.\nРодители ждали школу больше "
                 "четырёх лет.\nСтарую школу у реки снесут уже весной.",
                 "lede tail body"},
        ZoneCase{"something_to_listen_to",
                 "The mayor opened the new school on Friday with a speech.\nListen: The quiet "
                 "coup in Niger\nParents had waited for it for more than four years.",
                 "lede tail body"},
        ZoneCase{"somebody_listens",
                 "The mayor opened the new school on Friday with a speech.\nListen to them, he "
                 "told parents.\nThey had waited for it for more than four years.",
                 "lede body"},
        ZoneCase{"a_word_that_heads_other_stories",
                 "The mayor opened the new school on Friday with a speech.\nRelated charges "
                 "against the builder were dropped, a court in the town said.",
                 "lede body"},
        ZoneCase{"sender",
                 "The mayor opened the new school on Friday with a speech.\nIt has rooms for "
                 "three hundred pupils, and a garden.\nAbout Nordgrid\nNordgrid AB makes cables "
                 "in Sweden, Finland and Turkey.\nMedia contact\nJo Doe, jo@example.org",
                 "lede body tail"},
        ZoneCase{"about_somebody_else",
                 "The mayor opened the new school on Friday with a speech.\nIt has rooms for "
                 "three hundred pupils, and a garden.\nAbout Lima\nPupils of the town will learn "
                 "about other towns in the year to come.",
                 "lede body"},
        ZoneCase{"a_caption_that_says_so",
                 "The mayor opened the new school on Friday with a speech.\nImage: A market in "
                 "Mexico City, where schools are new. Photo: Ana Ruiz\nIt has rooms for three "
                 "hundred pupils, and a garden.",
                 "lede body* body"},
        ZoneCase{"a_list_to_choose_from",
                 "The mayor opened the new school on Friday with a speech.\nIt has rooms for "
                 "three hundred pupils, and a garden.\nCountry\nAngola Argentina Armenia Austria "
                 "Bahrain Belgium Benin Bhutan Bolivia Brazil Brunei Bulgaria Cameroon Canada "
                 "Chile China Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt Estonia Ethiopia "
                 "Finland France Gabon Germany Ghana Greece Haiti Honduras Hungary Iceland India "
                 "Iran Iraq Ireland Israel Italy Japan\nSend",
                 "lede body tail"},
        ZoneCase{"a_newsletter_after_its_name",
                 "The mayor opened the new school on Friday with a speech.\nIt has rooms for "
                 "three hundred pupils, and a garden.\nGet our free morning briefing\nEverything "
                 "about Peru and the world, in your inbox at seven.",
                 "lede body tail"},
        ZoneCase{"a_link_inside_of_a_quote",
                 "The mayor opened the new school on Friday with a speech. Read More \"We waited "
                 "for it for years,\" a teacher said.",
                 "lede"},
        ZoneCase{"a_link_inside_of_a_story",
                 "The mayor opened the new school on Friday with a speech. Read More Jo Doe then "
                 "spoke. The pupils sang. Their parents left at noon.",
                 "lede"},
        ZoneCase{"a_link_to_a_story",
                 "The mayor opened the new school on Friday with a speech. Read More Peru elects "
                 "a new congress",
                 "lede tail"},
        ZoneCase{"broken_lines",
                 "The mayor opened the new school of the town on Friday with\n"
                 "a speech.\n"
                 "    Out of this, teachers received 34,750 tonnes of white\n"
                 "chalk, pupils 13,000, parents 7,250 tonnes and those of\n"
                 "Arnsberg 4,000 tonnes.",
                 "lede body"},
        ZoneCase{"headlines_that_are_no_broken_lines",
                 "The mayor opened the new school of the town on Friday with\n"
                 "a speech.\n"
                 "Peru elects a new congress after a long count\n"
                 "Nigeria beat Ghana in the final of the cup\n"
                 "Canada burns",
                 "lede body tail"},
        ZoneCase{
            "share",
            "The mayor opened the new school on Friday with a speech.\n\nFollow us on social media",
            "lede tail"},
        ZoneCase{"sign_off",
                 "The mayor opened the new school on Friday with a speech.\n\n(Reporting by A. "
                 "Miller; editing by B. Osei)",
                 "lede tail"},
        ZoneCase{"german",
                 "Die Bürgermeisterin eröffnete am Freitag die neue Schule im Ort.\n\nLesen Sie "
                 "auch: Peru wählt",
                 "lede tail"},
        ZoneCase{
            "french",
            "La maire a inauguré vendredi la nouvelle école du village.\n\nTous droits réservés",
            "lede tail"},
        ZoneCase{"spanish",
                 "La alcaldesa inauguró el viernes la nueva escuela del pueblo.\n\nLea también: "
                 "Perú vota",
                 "lede tail"},
        ZoneCase{
            "portuguese",
            "A prefeita inaugurou na sexta-feira a nova escola da vila.\n\nLeia também: Peru vota",
            "lede tail"},
        ZoneCase{
            "russian",
            "Мэр в пятницу открыла новую школу в посёлке у реки.\n\nЧитайте также: В Перу выборы",
            "lede tail"},
        ZoneCase{"ukrainian",
                 "Мер у п'ятницю відкрила нову школу в селищі біля річки.\n\nЧитайте також: У Перу "
                 "вибори",
                 "lede tail"},
        ZoneCase{"arabic", "افتتحت رئيسة البلدية المدرسة الجديدة يوم الجمعة.\n\nجميع الحقوق محفوظة",
                 "lede tail"},
        ZoneCase{"turkish",
                 "Belediye başkanı cuma günü yeni okulu törenle açtı.\n\nİlgili haberler: Peru",
                 "lede tail"},
        ZoneCase{"flash_behind_a_notice",
                 "Follow us on Twitter. North Korea fired a missile on Friday, Seoul said.",
                 "tail lede"},
        ZoneCase{"notices_alone", "Follow us on Twitter. Sign up for our newsletter.", "tail"},
        ZoneCase{"hindi", "महापौर ने शुक्रवार को नए स्कूल का उद्घाटन किया।\n\nयह भी पढ़ें: पेरू", "lede tail"},
        ZoneCase{"indonesian",
                 "Wali kota meresmikan sekolah baru di desa itu pada Jumat.\n\nBaca juga: Peru",
                 "lede tail"},
        ZoneCase{"korean_legal",
                 "시장이 금요일 새 학교 개교식에 참석했다고 밝혔다.\n\n<저작권자 ⓒ 예시통신, "
                 "무단전재 및 재배포 금지>",
                 "lede tail"},
        ZoneCase{"chinese_editor", "市长星期五出席了新学校的开学典礼。\n\n责任编辑：王某",
                 "lede tail"},
        ZoneCase{"japanese_related",
                 "市長は金曜日、新しい学校の開校式に出席した。\n\n関連記事\nペルーで選挙",
                 "lede tail"},
        ZoneCase{"dutch",
                 "De burgemeester opende vrijdag de nieuwe school van het dorp.\n\n"
                 "Lees ook: Verkiezingen in Peru",
                 "lede tail"},
        ZoneCase{"norwegian",
                 "Ordføreren åpnet fredag den nye skolen i bygda.\n\nLes også: Peru "
                 "velger ny president",
                 "lede tail"},
        ZoneCase{"hungarian",
                 "A polgármester pénteken megnyitotta a falu új iskoláját.\n\n"
                 "Olvassa el ezt is: Peruban elnököt választanak",
                 "lede tail"},
        ZoneCase{"bulgarian",
                 "Кметът откри в петък новото училище на селото.\n\nВижте още: Перу "
                 "избира президент",
                 "lede tail"},
        ZoneCase{"hebrew",
                 "ראש העיר חנך ביום שישי את בית הספר החדש בכפר.\n\nקראו גם: בפרו "
                 "בוחרים נשיא",
                 "lede tail"},
        ZoneCase{"urdu",
                 "میئر نے جمعہ کو گاؤں کے نئے اسکول کا افتتاح کیا۔\n\nیہ بھی پڑھیں: پیرو "
                 "میں انتخابات",
                 "lede tail"},
        ZoneCase{"thai", "นายกเทศมนตรีเปิดโรงเรียนใหม่ของหมู่บ้านเมื่อวันศุกร์\n\nอ่านเพิ่มเติม: เปรู", "lede tail"},
        ZoneCase{"sign_of_copyright",
                 "Die Bürgermeisterin eröffnete am Freitag die neue Schule des Dorfes.\n\n"
                 "© Beispielagentur, 261120-930-123456/1",
                 "lede tail"},
        ZoneCase{"sign_of_copyright_in_ascii",
                 "The mayor opened the village's new school on Friday.\n\n(c) 2026 Example Press",
                 "lede tail"},
        ZoneCase{"c_is_no_sign",
                 "La maire a inauguré vendredi la nouvelle école du village.\n\nC'est une bonne "
                 "nouvelle pour les familles, a dit la directrice vendredi matin.",
                 "lede body"},
        ZoneCase{"subscribe_in_the_story",
                 "Readers subscribe to fewer papers than ten years ago, a study of the university "
                 "says, and those who do are older than before.",
                 "lede"}),
    [](const testing::TestParamInfo<ZoneCase>& row) { return std::string(row.param.name); });

// Three words are few, but nothing stands before a headline by chance that is all of it.
TEST(ZoneLabeler, AMenuEndsAtAShortHeadline) {
  EXPECT_EQ(zones_of("Trein ontspoort bij Zwolle",
                     "Nieuws\nBuitenland\nBelgië\nOekraïne\nTrein ontspoort bij Zwolle\nBij "
                     "Zwolle is maandagochtend een goederentrein ontspoord, meldt de politie."),
            "headline tail body* lede");
}

TEST(ZoneLabeler, CaptionsAndLinksInAPageSayNothing) {
  std::string body;
  for (int i = 0; i < 20; ++i) body += "Menu " + std::to_string(i) + "\n";
  body +=
      "The mayor opens a new school\n"
      "The school that pupils have waited for was opened by the mayor on Friday, officials say.\n"
      "LEEDS (AP) - The mayor opened the new school on Friday with a speech to parents and pupils "
      "of the town.\n"
      "The mayor of Lima in 2018. (Photo by Jo Doe/Getty Images for Example)\n"
      "Parents had waited for the school for more than four years, and they said so to the mayor.\n"
      "PERU ELECTS A NEW CONGRESS\n"
      "Pupils will use the new rooms from Monday on, when their old ones are to be torn down.\n"
      "Jo Doe | Bloomberg | Getty Images\n"
      "The old school, on the other bank of the river, was built a hundred and ten years ago.\n";
  EXPECT_EQ(zones_of("The mayor opens a new school", body),
            "headline tail dateline lede body* body tail body body* body");
}

// Of each link it is asked whether a story goes on behind it. A walk to the line's end each time
// would take minutes here.
TEST(ZoneLabeler, ManyLinksInALineAreNotWalkedToItsEnd) {
  std::string body = "The mayor opened the new school on Friday with a speech. ";
  for (int i = 0; i < 40'000; ++i) body += "| Read more about it ";
  ArticleText text;
  TextAnalyzer().analyze("", body, text);
  ZoneLabeler().label(text);
  ASSERT_FALSE(text.zones().empty());
  std::uint32_t end = 0;
  for (const ZoneSpan& zone : text.zones()) {
    EXPECT_EQ(zone.token_begin, end);
    end = zone.token_end;
  }
  EXPECT_EQ(end, text.token_count());
}

TEST(ZoneLabeler, SpansDoNotOverlapWhereNoSpaceParts) {
  const char* const bodies[] = {
      "政府星期五批准了明年的预算，议会下周表决这一计划。版权所有，未经许可不得转载。",
      "政府は金曜日、来年度の予算案を決定した。無断転載を禁じます。",
      ("The mayor opened the new school on Friday with a speech.\u2028© 2026 Example. All rights "
       "reserved."),
      "The mayor opened the new school on Friday.\u2029The mayor opened the new school on Friday.",
      "x\u2028【東京共同】政府は金曜日、来年度の予算案を決定した。"};
  for (const char* body : bodies) {
    ArticleText text;
    TextAnalyzer().analyze("", body, text);
    ZoneLabeler().label(text);
    ASSERT_GT(text.zones().size(), 1U) << body;
    std::uint32_t end = 0;
    for (const ZoneSpan& zone : text.zones()) {
      EXPECT_GE(zone.span.begin, end) << body;
      EXPECT_LE(text.source_span(zone.token_begin, zone.token_end).end, zone.span.end) << body;
      EXPECT_GE(text.source_span(zone.token_begin, zone.token_end).begin, zone.span.begin) << body;
      end = zone.span.end;
    }
    EXPECT_LE(end, text.body().size()) << body;
  }
}

TEST(TextAnalyzer, TellsFirstBytesAndCapitalsOfEachToken) {
  ArticleText text;
  TextAnalyzer().analyze("Kim in", "Pyongyang's Ежедневник", text);
  ASSERT_EQ(text.first_bytes().size(), text.token_count());
  ASSERT_EQ(text.capitals().size(), text.token_count());
  for (std::uint32_t token = 0; token < text.token_count(); ++token) {
    std::uint64_t first = 0;
    std::memcpy(&first, text.folded(token).data(), sizeof(first));
    EXPECT_EQ(text.first_bytes()[token], first) << text.folded(token);
    EXPECT_EQ(text.capitals()[token] == 1, text.is_capitalized(token)) << text.folded(token);
  }
  std::uint64_t sum = 0;  // What may be read behind them is there; address sanitizer would tell.
  for (std::uint32_t i = 0; i < ArticleText::kReadableTokens; ++i) {
    const std::size_t at = text.token_count() + i;
    sum += text.hashes().data()[at] + text.first_bytes().data()[at] + text.capitals().data()[at];
  }
  EXPECT_EQ(text.token_count(), 5U) << sum;
}

TEST(TextAnalyzer, AllocatesNothingOnceBuffersHaveGrown) {
  const ZoneLabeler labeler;
  const TextAnalyzer analyzer;
  ArticleText text;
  const std::string body =
      "SEOUL, Nov. 24 (Yonhap) -- 북한이 20일. Ça va, Москва.\n\nRead more: Peru\n\n" +
      std::string(2000, 'x');
  for (int i = 0; i < 3; ++i) {
    analyzer.analyze("A headline", body, text);
    labeler.label(text);
  }
  const std::size_t before = allocation_count();
  for (int i = 0; i < 100; ++i) {
    analyzer.analyze("A headline", body, text);
    labeler.label(text);
  }
  EXPECT_EQ(allocation_count() - before, 0U);
}

}  // namespace
}  // namespace wirewatch
