// The parts of the trainer: machines that go on from a lower cost, naive Bayes, and mixtures of
// models.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/text/article_text.h"
#include "common/topic/tools/calibration.h"
#include "common/topic/tools/class_mixtures.h"
#include "common/topic/tools/cross_validation.h"
#include "common/topic/tools/folds.h"
#include "common/topic/tools/linear_trainer.h"
#include "common/topic/tools/made_up_documents.h"
#include "common/topic/tools/naive_bayes.h"
#include "common/topic/tools/score_mixture.h"
#include "common/topic/tools/seed_words.h"
#include "common/topic/tools/short_texts.h"
#include "common/topic/tools/support_vector_machine.h"
#include "common/topic/tools/train_labels.h"
#include "common/topic/tools/training_set.h"
#include "common/topic/tools/vector_space.h"

namespace wirewatch::topic_tools {
namespace {

constexpr std::size_t kClasses = 3;
constexpr std::size_t kDocuments = 300;

// Documents of ten words, of which half are their class's own.
TrainingSet made_up_set() {
  TrainingSet set;
  std::mt19937_64 random(1);
  for (std::size_t index = 0; index < kDocuments; ++index) {
    std::array<Mark, kClasses> marks{};
    marks.fill(Mark::kNo);
    marks[index % kClasses] = Mark::kYes;
    std::vector<CountedToken> tokens(10);
    for (std::size_t at = 0; at < tokens.size(); ++at) {
      const std::uint64_t first = at % 2 == 0 ? 1 + 20 * (index % kClasses) : 1;
      tokens[at].word = first + random() % (at % 2 == 0 ? 20 : 60);
    }
    set.add(tokens, marks, {});
  }
  return set;
}

std::vector<std::uint32_t> all_features(const TrainingSet& set) {
  std::vector<std::uint32_t> features(set.features().size());
  for (std::uint32_t at = 0; at < features.size(); ++at) features[at] = at;
  return features;
}

TEST(SupportVectorMachine, FindsFromALowerCostWhatItFindsFromTheStart) {
  const TrainingSet set = made_up_set();
  const Folds folds(set, 5);
  const VectorsOfWords vectors(set, nullptr, 0);
  const VectorSpace space(set, vectors, all_features(set), 0.3);
  SupportVectorMachine fresh(space, folds, 0, Folds::kNone, {});
  SupportVectorMachine used(space, folds, 0, Folds::kNone, {});
  constexpr unsigned kRounds = 500;
  const Weights low = used.solve(0.5, kRounds);
  const Weights high = used.solve(4, kRounds);
  const Weights expected = fresh.solve(4, kRounds);
  double moved = 0;
  for (std::size_t index = 0; index < kDocuments; ++index) {
    EXPECT_NEAR(space.score(high, index), space.score(expected, index), 0.05) << index;
    moved = std::max(
        moved, std::fabs(static_cast<double>(space.score(high, index) - space.score(low, index))));
  }
  EXPECT_GT(moved, 0.2);
}

// One model that tells the classes apart, though not always and with a bias towards the first, and
// one that knows nothing.
std::vector<LeftOutScores> made_up_models(const TrainingSet& set, const Folds& folds) {
  std::vector<LeftOutScores> models(2, LeftOutScores(set, folds));
  std::mt19937_64 random(2);
  std::normal_distribution<float> noise;
  for (std::size_t index = 0; index < kDocuments; ++index) {
    for (std::size_t of_class = 0; of_class < kClasses; ++of_class) {
      const float right = set.marks(index)[of_class] == Mark::kYes ? 2.0F : 0.0F;
      models[0].of(index)[of_class] = right + noise(random) + (of_class == 0 ? 1.5F : 0.0F);
      models[1].of(index)[of_class] = noise(random);
    }
  }
  return models;
}

TEST(ScoreMixture, WeighsModelsByWhatTheyKnow) {
  const TrainingSet set = made_up_set();
  const Folds folds(set, 5);
  const std::vector<LeftOutScores> models = made_up_models(set, folds);
  const ScoreMixture mixture = fit_mixture(models, Folds::kNone);
  ASSERT_EQ(mixture.shares.size(), 2U);
  EXPECT_GT(mixture.shares[0], 1.0F);
  EXPECT_LT(mixture.shares[1], 0.3F);
  EXPECT_LT(mixture.offsets[0], mixture.offsets[1] - 0.5F);
  const std::array<std::string, kClasses> ids = {"a", "b", "c"};
  const double alone = models[0].assess(true, ids).first_right;
  EXPECT_GT(mixed_scores(models).assess(true, ids).first_right, alone + 0.05);
}

// The confidences that the classifier divides by their sum are probabilities of the mixture.
TEST(ScoreMixture, ConfidencesShareOne) {
  const TrainingSet set = made_up_set();
  const Folds folds(set, 5);
  const std::vector<LeftOutScores> models = made_up_models(set, folds);
  const ScoreMixture mixture = fit_mixture(models, Folds::kNone);
  const std::vector<Calibration> calibrations = mixture.calibrations();
  double sureness = 0;
  double right = 0;
  for (std::size_t index = 0; index < kDocuments; ++index) {
    std::array<double, kClasses> confidences{};
    std::array<double, kClasses> expected{};
    double sum = 0;
    double expected_sum = 0;
    for (std::size_t of_class = 0; of_class < kClasses; ++of_class) {
      const std::array scores = {models[0].of(index)[of_class], models[1].of(index)[of_class]};
      const float mixed = mixture.shares[0] * scores[0] + mixture.shares[1] * scores[1];
      confidences[of_class] = calibrations[of_class].confidence(mixed);
      expected[of_class] = std::exp(static_cast<double>(mixture.log_odds(scores, of_class)));
      sum += confidences[of_class];
      expected_sum += expected[of_class];
    }
    std::size_t best = 0;
    for (std::size_t of_class = 0; of_class < kClasses; ++of_class) {
      EXPECT_NEAR(confidences[of_class] / sum, expected[of_class] / expected_sum, 1e-4);
      if (confidences[of_class] > confidences[best]) best = of_class;
    }
    sureness += confidences[best] / sum / kDocuments;
    right += (set.marks(index)[best] == Mark::kYes ? 1.0 : 0.0) / kDocuments;
  }
  EXPECT_NEAR(sureness, right, 0.05);
}

// Articles that tell of a class rarely say nothing of how often news does.
TEST(Calibration, SpeaksOfNewsInWhichAClassHasAShare) {
  constexpr std::size_t kArticles = 4000;
  std::vector<Scored> scored(kArticles);
  std::mt19937_64 random(3);
  std::normal_distribution<float> noise;
  for (std::size_t index = 0; index < kArticles; ++index) {
    const bool right = index % 200 == 0;
    scored[index] = {.score = (right ? 3.0F : 0.0F) + noise(random), .right = right};
  }
  const Calibration as_found = calibrate(scored);
  const Calibration as_used = calibrate(scored, 0.05);
  // The odds of a class of one in 200 against one in 20, at any score.
  const double shift = std::log(0.05 / 0.95) - std::log(0.005 / 0.995);
  constexpr float kBetween = 2.5F;
  const double found = as_found.confidence(kBetween);
  const double used = as_used.confidence(kBetween);
  EXPECT_NEAR(std::log(used / (1 - used)) - std::log(found / (1 - found)), shift, 0.7);
  // A class that is not rare stays as it is.
  EXPECT_EQ(calibrate(scored, 0.001).offset, as_found.offset);
}

// Labelled news and the few texts of mixed news count alike; texts that nobody would take for the
// class say nothing.
TEST(ShortTexts, AreAsSureAsTheyAreRight) {
  constexpr double kFactor = -0.6;
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<ShortText> texts;
  for (std::size_t index = 0; index < 40'000; ++index) {
    const bool is_mixed = index % 10 == 0;
    const double odds = -4 + 10 * share(random);
    const double shortness = share(random);
    const double truth =
        odds < -1.386 ? 9 : (1 + kFactor * shortness) * odds + (is_mixed ? -1.5 : 0.5) * shortness;
    texts.push_back({.log_odds = static_cast<float>(odds),
                     .shortness = static_cast<float>(shortness),
                     .right = share(random) < 1 / (1 + std::exp(-truth)),
                     .is_mixed_news = is_mixed});
  }
  const Shortening fitted = fit_shortening(texts);
  EXPECT_NEAR(fitted.factor, kFactor, 0.15);
  EXPECT_NEAR(fitted.shift, -0.5, 0.2);  // Half way between the two.
  const Shortening none = fit_shortening(std::span(texts).first(50));
  EXPECT_EQ(none.factor, 0);
  EXPECT_EQ(none.shift, 0);
}

// A beginning that says nothing of its article teaches that short texts are not sure, and none
// teaches nothing: articles keep their confidences.
TEST(LinearTrainer, IsLessSureOfBeginnings) {
  const auto trained_class = [](bool with_beginnings) {
    TrainerOptions options;
    options.kind = TopicModelKind::kTopics;
    options.costs = {1.0};
    options.fold_count = 3;
    options.length_floor = 0.01;  // So that a word alone has a score.
    LinearTrainer trainer(options);
    trainer.add_class({.id = "a"});
    trainer.add_class({.id = "b"});
    std::mt19937_64 random(5);
    for (std::size_t index = 0; index < 600; ++index) {
      std::vector<CountedToken> tokens(80);
      for (std::size_t at = 0; at < tokens.size(); ++at) {
        // The first word is of either class, most of the others are of their own.
        const bool is_stray = at == 0 || random() % 5 == 0;
        tokens[at].word = 1 + 100 * (is_stray ? random() % 2 : index % 2) + random() % 100;
      }
      std::array marks = {Mark::kNo, Mark::kNo};
      marks[index % 2] = Mark::kYes;
      trainer.add_document(tokens, marks, {});
      if (with_beginnings) trainer.add_beginning(std::span(tokens).first(1), false);
    }
    const std::string bytes = trainer.train().bytes;
    std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), bytes.data(), bytes.size());
    const auto model =
        TopicModel::from_bytes(std::as_bytes(std::span(aligned)).first(bytes.size()));
    if (!model) throw std::runtime_error(model.error());
    TopicClass found = model->classes()[0];
    found.id = {};
    return found;
  };
  const TopicClass without = trained_class(false);
  const TopicClass with = trained_class(true);
  EXPECT_EQ(without.short_slope, 0);
  EXPECT_EQ(without.short_offset, 0);
  EXPECT_EQ(with.slope, without.slope);
  EXPECT_EQ(with.offset, without.offset);
  EXPECT_LT(with.short_slope, -0.5F * with.slope);
}

// Phrases that name who says so stand in made-up texts, and speak for no topic.
TEST(SeedWords, AttributionsSpeakForNoTopic) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "seeds.tsv";
  std::ofstream(path) << "15000000\ten\tstriker, penalty shootout\n0\ten\tpolice said\n";
  const auto seeds = SeedWords::read(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(seeds) << seeds.error();
  ASSERT_EQ(seeds->all().at("en").size(), 2U);
  const std::span<const SeedWords::Seed> attributions = seeds->attributions("en");
  ASSERT_EQ(attributions.size(), 1U);
  EXPECT_TRUE(seeds->attributions("de").empty());
  std::size_t told = 0;
  std::size_t made_up = 0;
  const std::uint64_t pair = attributions[0].tokens.back().pair;
  ASSERT_NE(pair, 0U);
  EXPECT_EQ(seeds->claims("en", pair), nullptr);
  MadeUpDocuments(*seeds).for_each(
      [&](const std::string&, std::span<const CountedToken> tokens, const TopicMarks& marks) {
        ++made_up;
        EXPECT_EQ(marks[media_topic_index(TopicId{15000000})], Mark::kYes);
        EXPECT_EQ(marks[media_topic_index(TopicId{2000000})], Mark::kNo);
        told += std::any_of(tokens.begin(), tokens.end(),
                            [&](const CountedToken& token) { return token.pair == pair; })
                    ? 1U
                    : 0U;
      });
  EXPECT_GT(told, made_up / 4);
  EXPECT_LT(told, made_up);
}

// Hebrew writes "the", "in", "to" and "and" onto a noun; five letters do not reach behind them.
TEST(SeedWords, HebrewNounsAreKnownBehindTheirParticles) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "seeds.tsv";
  std::ofstream(path) << "2000000\the\tשוד, בית משפט\n";
  const auto seeds = SeedWords::read(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(seeds) << seeds.error();
  const TextAnalyzer analyzer;
  ArticleText text;
  const auto is_claimed = [&](std::string_view word) {
    analyzer.analyze(word, "", text);
    return seeds->claims("he", text.hashes()[0]) != nullptr;
  };
  for (const std::string_view word : {"שוד", "השוד", "בשוד", "לשוד", "ושוד"}) {
    EXPECT_TRUE(is_claimed(word)) << word;
  }
  EXPECT_FALSE(is_claimed("משוד"));
  EXPECT_FALSE(is_claimed("בית"));
}

// How often seed words of one topic stand in made-up documents: the rarest and the commonest.
std::pair<std::size_t, std::size_t> turns_of_seeds(std::size_t seed_count) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "seeds.tsv";
  std::ofstream file(path);
  file << "2000000\ten\tword0";
  for (std::size_t seed = 1; seed < seed_count; ++seed) file << ", word" << seed;
  file.close();
  const auto seeds = SeedWords::read(path);
  std::filesystem::remove(path);
  std::map<std::uint64_t, std::size_t> turns;
  const MadeUpDocuments made_up(*seeds);
  made_up.for_each(
      [&](const std::string&, std::span<const CountedToken> tokens, const TopicMarks&) {
        for (const CountedToken& token : tokens) ++turns[token.word];
      });
  EXPECT_EQ(turns.size(), seed_count);
  const auto [least, most] = std::minmax_element(
      turns.begin(), turns.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return {least->second, most->second};
}

// Seed words that are added to a topic take nothing from those that were there, and no word has
// more turns than another.
TEST(MadeUpDocuments, EverySeedStandsInAboutAsMany) {
  const auto [least_of_few, most_of_few] = turns_of_seeds(30);
  const auto [least_of_many, most_of_many] = turns_of_seeds(300);
  EXPECT_LE(most_of_few, least_of_few + 1);
  EXPECT_LE(most_of_many, least_of_many + 1);
  EXPECT_NEAR(static_cast<double>(least_of_many), static_cast<double>(least_of_few), 2);
}

TEST(Folds, AnExcerptIsLeftOutWithItsDocument) {
  TrainingSet set;
  const std::array<Mark, 1> marks = {Mark::kYes};
  for (std::size_t index = 0; index < kDocuments; ++index) {
    const std::array<CountedToken, 1> tokens = {CountedToken{.word = index + 1}};
    set.add(tokens, marks, {});
    set.add(tokens, marks, {.is_excerpt = true});
  }
  const Folds folds(set, 5);
  for (std::size_t index = 0; index < 2 * kDocuments; index += 2) {
    EXPECT_EQ(folds.fold(index), folds.fold(index + 1));
  }
}

// Rare words of articles that mean nothing: were features chosen with the articles that judge,
// these would seem to be told well.
TEST(LinearTrainer, ArticlesThatJudgeChooseNoFeatures) {
  constexpr std::size_t kArticles = 1000;
  constexpr std::size_t kVocabulary = 10'000;
  TrainerOptions options;
  options.exclusive = true;
  options.row_max = 1000;
  LinearTrainer trainer(options);
  trainer.add_class({.id = "a"});
  trainer.add_class({.id = "b"});
  std::mt19937_64 random(2);
  for (std::size_t index = 0; index < kArticles; ++index) {
    std::vector<CountedToken> tokens(20);
    for (CountedToken& token : tokens) token.word = 1 + random() % kVocabulary;
    std::array marks = {Mark::kNo, Mark::kNo};
    marks[index % marks.size()] = Mark::kYes;
    trainer.add_document(tokens, marks, {});
  }
  EXPECT_NEAR(trainer.train().reached.first_right, 0.5, 0.06);
}

// One model that knows, one that knows nothing, and one that says the opposite of what is right.
TEST(TrainLabels, ArticlesThatTellNothingGiveNoModel) {
  const auto train = [](std::string_view lines) {
    const std::filesystem::path path =
        std::filesystem::path(testing::TempDir()) / "labelled_articles.jsonl";
    std::ofstream(path) << lines;
    LabelTraining training;
    training.inputs = {path};
    training.options.kind = TopicModelKind::kLabels;
    training.options.scheme = "desk";
    const auto model = train_labels(std::move(training));
    std::filesystem::remove(path);
    return model ? std::string("a model") : model.error();
  };
  std::string one;
  std::string wordless;
  for (int i = 0; i < 40; ++i) {
    one += R"({"title": "Budget", "body": "The council met.", "label": "city"})"
           "\n";
    wordless += std::string(R"({"title": "", "body": "", "label": ")") +
                (i % 2 == 0 ? "city" : "sport") + "\"}\n";
  }
  EXPECT_NE(train("").find("fewer than two labels"), std::string::npos);
  EXPECT_NE(train(one).find("fewer than two labels"), std::string::npos);
  EXPECT_NE(train(wordless).find("tell no label from another"), std::string::npos);
}

// What is no label must not pass for "none fits".
TEST(TrainLabels, FaultsOfArticlesNameLineAndCure) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / "faulty_articles.jsonl";
  const auto fault = [&](std::string_view lines) {
    std::ofstream(path, std::ios::trunc) << lines;
    LabelTraining training;
    training.inputs = {path};
    training.options.kind = TopicModelKind::kLabels;
    training.options.scheme = "desk";
    const auto model = train_labels(std::move(training));
    return model ? std::string("a model") : model.error();
  };
  const std::string good = R"({"title": "Budget", "body": "The council met.", "label": "city"})"
                           "\n\n";
  const auto behind = [&](std::string_view line) { return fault(good + std::string(line)); };
  const auto has = [&](const std::string& text, std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(behind(R"({"title": "A", "label": 7})"), ".jsonl:3: \"label\" is no string and no list");
  has(behind(R"({"title": "A", "label": ["b", 7]})"), ".jsonl:3: \"label\" is no string");
  has(behind(R"({"title": "A", "label": {"id": "b"}})"), ".jsonl:3: \"label\" is no string");
  has(behind(R"({"title": "A", "label": " "})"), ".jsonl:3: \"label\" is empty; name a label");
  has(behind("[1]"), ".jsonl:3: not a JSON object; each line is one article");
  has(behind("{\"title\": \"Caf\xE9\"}"), ".jsonl:3: this is not UTF-8");
  has(fault("\xEF\xBB\xBF" + good), "1 article with 0 such labels in the field \"label\"");
  has(fault(R"({"title": "A", "desk": "b"})"), "none of 1 article has the field \"label\"");
  std::filesystem::remove(path);
}

TEST(TrainLabels, TellsWhatTheArticlesWereLike) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / "told_articles.jsonl";
  {
    std::ofstream file(path, std::ios::trunc);
    for (int i = 0; i < 20; ++i) {
      file << R"({"title": "Budget of the council", "label": "city"})"
           << "\n"
           << R"({"title": "A goal decides the cup", "body": "The striker.", "label": "sport "})"
           << "\n";
    }
    file << R"({"title": "Storm", "body": "Rain.", "label": "weather"})"
         << "\n"
         << R"({"title": "Storm", "body": "Rain.", "label": null})"
         << "\n"
         << R"({"title": "Storm", "body": "Rain."})";
  }
  LabelTraining training;
  training.inputs = {path};
  training.options.kind = TopicModelKind::kLabels;
  training.options.scheme = "desk";
  LabelArticles seen;
  const auto model = train_labels(std::move(training), &seen);
  std::filesystem::remove(path);
  ASSERT_TRUE(model) << model.error();
  EXPECT_EQ(seen.count, 41U);
  EXPECT_EQ(seen.without_label, 2U);
  EXPECT_EQ(seen.without_body, 20U);
  EXPECT_TRUE(seen.exclusive);
  EXPECT_EQ(seen.labels_left_out, std::vector<std::string>{"weather"});
  ASSERT_EQ(model->reached.classes.size(), 2U);
  EXPECT_EQ(model->reached.classes[1].id, "sport");  // Without the blank behind it.
}

TEST(ClassMixtures, WeighsModelsByWhatTheyKnowOfEachClass) {
  const TrainingSet set = made_up_set();
  const Folds folds(set, 5);
  std::vector<LeftOutScores> models = made_up_models(set, folds);
  LeftOutScores& opposite = models.emplace_back(set, folds);
  for (std::size_t index = 0; index < kDocuments; ++index) {
    for (std::size_t of_class = 0; of_class < kClasses; ++of_class) {
      opposite.of(index)[of_class] = set.marks(index)[of_class] == Mark::kYes ? -0.1F : 0.1F;
    }
  }
  const ClassShares shares = fit_shares(std::span(models).first(2), Folds::kNone);
  ASSERT_EQ(shares.size(), kClasses);
  for (const std::vector<float>& of_class : shares) {
    EXPECT_GT(of_class[0], 1.0F);
    EXPECT_LT(of_class[1], 0.4F);
  }
  for (const std::vector<float>& of_class : fit_shares(models, Folds::kNone)) {
    EXPECT_EQ(of_class[2], 0.0F);
    EXPECT_GT(of_class[0], 1.0F);
  }
}

// Two languages without a common word: in the first most documents are of the class. An ordinary
// word of a language must not speak for what its documents are often about.
TEST(OneVsRestBayes, OrdinaryWordsOfALanguageSayNothing) {
  constexpr std::uint64_t kOrdinary = 100;
  constexpr std::uint64_t kTelling = 200;  // And on: one for each document.
  constexpr std::size_t kCount = 200;
  const auto group_of = [](std::size_t index) { return static_cast<std::uint8_t>(index % 2); };
  const auto is_yes = [&](std::size_t index) {  // 9 of 10 in one language, 1 in the other.
    return (group_of(index) == 0) != (index % 20 < 2);
  };
  TrainingSet set;
  for (std::size_t index = 0; index < kCount; ++index) {
    std::vector<CountedToken> tokens(2);
    tokens[0].word = kOrdinary + group_of(index);
    tokens[1].word = kTelling + index;
    set.add(tokens, std::array{is_yes(index) ? Mark::kYes : Mark::kNo},
            {.weight = 1, .group = group_of(index)});
  }
  const Folds folds(set, 5);
  const VectorsOfWords vectors(set, nullptr, 0);
  const VectorSpace space(set, vectors, all_features(set), 0.3);
  const std::array priors = {1.0, 100.0};
  const auto models = one_vs_rest_bayes(space, folds, Folds::kNone, priors);
  ASSERT_EQ(models.size(), priors.size());
  const auto weight = [&](std::size_t model, std::uint64_t word) {
    return models[model][0][space.dense(set.find(word))];
  };
  for (std::size_t model = 0; model < models.size(); ++model) {
    EXPECT_NEAR(weight(model, kOrdinary), 0, 0.01);
    EXPECT_NEAR(weight(model, kOrdinary + 1), 0, 0.01);
    for (std::size_t index = 0; index < kCount; ++index) {
      const float sign = is_yes(index) ? 1.0F : -1.0F;
      EXPECT_GT(sign * weight(model, kTelling + index), 0.3F) << index;
    }
  }
  // The stronger the prior, the less is said.
  EXPECT_LT(weight(1, kTelling + 2), weight(0, kTelling + 2));
}

}  // namespace
}  // namespace wirewatch::topic_tools
