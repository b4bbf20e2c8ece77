#include "common/topic/tools/train_labels.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "common/base/counted.h"
#include "common/base/trimmed.h"

namespace wirewatch::topic_tools {

std::vector<CountedToken> FeatureReader::read(const CorpusDocument& document,
                                              const FeatureOptions& options,
                                              std::uint32_t headline_count) {
  analyzer_.analyze(document.title, document.body, text_);
  labeler_.label(text_);
  return counted_tokens(text_, options, headline_count);
}

std::uint8_t LanguageGroups::group(const std::string& language) {
  const std::string primary = language.substr(0, language.find_first_of("-_"));
  const auto found = std::find(languages_.begin(), languages_.end(), primary);
  const auto index = static_cast<std::size_t>(found - languages_.begin());
  if (found == languages_.end()) languages_.push_back(primary);
  return static_cast<std::uint8_t>(std::min<std::size_t>(index, 255));
}

namespace {

// The articles of all inputs that have labels.
std::expected<std::vector<CorpusDocument>, std::string> read_articles(const LabelTraining& training,
                                                                      LabelArticles& seen) {
  std::vector<CorpusDocument> documents;
  std::string fault;
  seen.exclusive = true;
  for (const std::filesystem::path& input : training.inputs) {
    const auto read = read_corpus(input, training.fields, [&](CorpusDocument&& document) {
      if (document.labelled && !document.label_fault.empty() && fault.empty()) {
        fault = input.string() + ":" + std::to_string(document.line) + ": " + document.label_fault;
      }
      if (!document.labelled) ++seen.without_label;
      if (!document.labelled || (training.accept && !training.accept(document))) return;
      for (std::string& label : document.labels) label = trimmed(label);
      if (!document.has_body) ++seen.without_body;
      seen.exclusive = seen.exclusive && document.labels.size() == 1;
      documents.push_back(std::move(document));
    });
    if (!read) return std::unexpected(read.error());
    if (!fault.empty()) return std::unexpected(fault);
  }
  seen.count = documents.size();
  return documents;
}

std::string too_few_labels(const LabelTraining& training, const LabelArticles& seen,
                           std::size_t labels) {
  const std::string field = "\"" + training.fields.label + "\"";
  std::string text = "fewer than two labels with " + std::to_string(training.label_documents_min) +
                     " articles or more: ";
  if (training.inputs.empty()) return text + "no file of articles is named; see --input";
  if (seen.count == 0) {
    return text + "none of " + counted(seen.without_label, "article") + " has the field " + field +
           "; see --label-field";
  }
  return text + counted(seen.count, "article") + " with " + counted(labels, "such label") +
         " in the field " + field + "; a model tells labels apart";
}

}  // namespace

std::expected<TrainedModel, std::string> train_labels(LabelTraining training, LabelArticles* seen) {
  LabelArticles unasked;
  LabelArticles& articles = seen == nullptr ? unasked : *seen;
  const auto documents = read_articles(training, articles);
  if (!documents) return std::unexpected(documents.error());
  std::map<std::string, std::size_t> counts;
  for (const CorpusDocument& document : *documents) {
    for (const std::string& label : document.labels) ++counts[label];
  }
  std::map<std::string, std::size_t> index_of;
  for (const auto& [label, count] : counts) {
    if (count >= training.label_documents_min) {
      index_of.emplace(label, index_of.size());
    } else {
      articles.labels_left_out.push_back(label);
    }
  }
  if (index_of.size() < 2)
    return std::unexpected(too_few_labels(training, articles, index_of.size()));
  if (index_of.size() > TopicModel::kClassMax) {
    return std::unexpected("there are " + std::to_string(index_of.size()) +
                           " labels; a model holds " + std::to_string(TopicModel::kClassMax));
  }

  training.options.exclusive = articles.exclusive;
  training.options.features.whole_text = true;
  LinearTrainer trainer(training.options);
  for (const auto& [label, index] : index_of) {
    trainer.add_class({.id = label, .parent = -1, .level = 1});
  }
  FeatureReader reader;
  LanguageGroups groups;
  for (const CorpusDocument& document : *documents) {
    std::vector<Mark> marks(index_of.size(), Mark::kNo);
    for (const std::string& label : document.labels) {
      if (const auto found = index_of.find(label); found != index_of.end()) {
        marks[found->second] = Mark::kYes;
      }
    }
    trainer.add_document(
        reader.read(document, training.options.features, training.options.headline_count), marks,
        {.weight = 1, .group = groups.group(document.language), .is_real = true});
  }
  TrainedModel trained = trainer.train();
  // Articles without words give a model without rows, which no program takes.
  const auto model = TopicModel::from_bytes(std::as_bytes(std::span(trained.bytes)));
  if (!model) {
    return std::unexpected("the words of the articles tell no label from another (" +
                           model.error() + ")");
  }
  return trained;
}

}  // namespace wirewatch::topic_tools
