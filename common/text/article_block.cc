#include "common/text/article_block.h"

#include <algorithm>

namespace wirewatch::text_internal {

namespace {

// The values were tuned on the half of ../shared/corpora/pages.jsonl.gz that is for tuning.
constexpr std::size_t kPageLinesMin = 20;
constexpr std::size_t kShortPercentMin = 40;  // Of a page's lines.
constexpr std::uint32_t kShortTokensMax = 7;
constexpr std::uint32_t kProseTokensMin = 20;    // With or without a full stop.
constexpr std::uint32_t kSentenceTokensMin = 8;  // With one.
constexpr std::uint32_t kNeutralTokensMin = 10;  // Neither for nor against.
constexpr std::uint32_t kBriefTokensMin = 4;     // Of a sentence that begins no article.
constexpr int kProseScoreMax = 60;
constexpr int kShortScore = -12;
constexpr int kOtherScore = -100;
constexpr int kDropMax = 120;         // A run ends when it has fallen so far from its best …
constexpr int kDropShare = 4;         // … and by a quarter of it: lists in long articles.
constexpr std::size_t kLeadMax = 60;  // Lines from the headline to the article.
constexpr int kEnough = 60;           // A run after the headline that is trusted, whatever …
constexpr int kTrustPercent = 15;     // … else one that is not dwarfed by another run.
// Where no headline tells, a run of less score must have so much of all words.
constexpr int kUntitledScoreMin = 120;
constexpr std::size_t kUntitledPercentMin = 35;
constexpr std::size_t kTitlesMax = 16;

bool is_prose(const PageLine& line) {
  return !line.repeated && (line.token_count >= kProseTokensMin ||
                            (line.token_count >= kSentenceTokensMin && line.ends_sentence));
}

int score_of(const PageLine& line) {
  if (line.other) return kOtherScore;
  if (is_prose(line)) return std::min<int>(static_cast<int>(line.token_count), kProseScoreMax);
  if (line.ends_sentence && !line.repeated && line.token_count >= kBriefTokensMin)
    return static_cast<int>(line.token_count);
  return line.token_count < kNeutralTokensMin ? kShortScore : 0;
}

std::size_t tokens_of(std::span<const PageLine> lines) {
  std::size_t tokens = 0;
  for (const PageLine& line : lines) tokens += line.token_count;
  return tokens;
}

// How far a run with this best score may fall.
int drop_max(int best) {
  return std::max(kDropMax, best / kDropShare);
}

struct Run {
  int score = 0;
  LineRange lines;
};

// The best run that begins with the prose line `begin`.
Run run_from(std::span<const PageLine> lines, std::size_t begin) {
  Run best;
  int score = 0;
  for (std::size_t i = begin; i < lines.size(); ++i) {
    if (lines[i].comments && i > begin) break;
    score += score_of(lines[i]);
    if (score > best.score) best = {score, {begin, i + 1}};
    if (score < best.score - drop_max(best.score)) break;
  }
  return best;
}

// The best run of all.
Run best_run(std::span<const PageLine> lines) {
  Run best;
  Run run;
  int score = 0;
  std::size_t begin = lines.size();  // None has begun.
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (begin == lines.size()) {
      if (!is_prose(lines[i])) continue;
      begin = i;
      score = 0;
      run = {};
    }
    score += score_of(lines[i]);
    if (score > run.score) run = {score, {begin, i + 1}};
    if (run.score > best.score) best = run;
    if (score <= 0 || score < run.score - drop_max(run.score) || lines[i].comments)
      begin = lines.size();
  }
  return best;
}

}  // namespace

bool is_page(std::span<const PageLine> lines) {
  if (lines.size() < kPageLinesMin) return false;
  const auto count = std::count_if(lines.begin(), lines.end(), [](const PageLine& line) {
    return line.token_count <= kShortTokensMax && !line.ends_sentence;
  });
  return static_cast<std::size_t>(count) * 100 >= lines.size() * kShortPercentMin;
}

std::optional<LineRange> find_article_block(std::span<const PageLine> lines) {
  const Run anywhere = best_run(lines);
  Run titled;
  std::size_t titles = 0;
  for (std::size_t i = 0; i < lines.size() && titles < kTitlesMax; ++i) {
    if (!lines[i].title) continue;
    ++titles;
    std::size_t first = i + 1;
    const std::size_t last = std::min(lines.size(), i + 1 + kLeadMax);
    while (first < last && !is_prose(lines[first])) ++first;
    if (first == last) continue;
    const Run run = run_from(lines, first);
    if (run.score > titled.score) titled = run;
  }
  const bool trusted =
      titled.score >= kEnough || titled.score * 100 >= anywhere.score * kTrustPercent;
  if (titled.score > 0 && trusted) return titled.lines;
  if (anywhere.score == 0) return std::nullopt;
  const auto run = lines.subspan(anywhere.lines.begin, anywhere.lines.end - anywhere.lines.begin);
  const bool much = tokens_of(run) * 100 >= tokens_of(lines) * kUntitledPercentMin;
  if (anywhere.score < kUntitledScoreMin && !much) return std::nullopt;
  return anywhere.lines;
}

}  // namespace wirewatch::text_internal
