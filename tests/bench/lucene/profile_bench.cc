// Matches the generated articles against the generated queries with the profile engine.
//
//   profile_bench QUERIES ARTICLES MATCHES SECONDS [RELOAD_PERIOD_MS]
//
// An article's time is that of finding its words and zones and of matching, with evidence: by the
// clock, and of the processor, which does not count what else ran on the machine. With a period a
// second thread compiles all profiles again and again, at low priority, and swaps the set.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <time.h>

#include "common/profile/profile.h"
#include "common/text/zone_labeler.h"
#include "services/enricher/run_aside.h"

namespace {

using namespace wirewatch;  // NOLINT(google-build-using-namespace): one file, one purpose.
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  statm >> size >> resident;
  constexpr double kPagesPerMib = 256;
  return resident / kPagesPerMib;
}

// "+must -not word*", as LuceneMonitorBench has it.
std::string query_of(const std::string& line) {
  std::istringstream words(line);
  std::string query = "anywhere:(";
  bool first = true;
  for (std::string word; words >> word; first = false) {
    if (word[0] == '+') {
      query += (first ? "" : " AND ") + word.substr(1);
    } else if (word[0] == '-') {
      query += " AND NOT " + word.substr(1);
    } else {
      query += (first ? "" : " OR ") + word;
    }
  }
  return query + ")";
}

ProfileSet compile(const std::vector<std::string>& queries) {
  std::vector<ProfileSource> sources(queries.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].id = "q" + std::to_string(i);
    sources[i].title = sources[i].id;
    sources[i].query = {query_of(queries[i]), 1, 1};
    sources[i].threshold = 0;
  }
  auto set = ProfileSet::compile(sources);
  if (!set) {
    std::cerr << set.error().front().message << "\n";
    std::exit(EXIT_FAILURE);
  }
  return std::move(*set);
}

// The set in use, which another thread may change.
class Shared {
 public:
  explicit Shared(std::shared_ptr<const ProfileSet> set) : set_(std::move(set)) {}
  std::shared_ptr<const ProfileSet> get() {
    const std::lock_guard lock(mutex_);
    return set_;
  }
  // Gives the one before back, so that its destruction is not the matching thread's.
  std::shared_ptr<const ProfileSet> put(std::shared_ptr<const ProfileSet> set) {
    const std::lock_guard lock(mutex_);
    set_.swap(set);
    return set;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const ProfileSet> set_;
};

class Matching {
 public:
  const ProfileMatches& match(const ProfileSet& set, std::string_view line) {
    constexpr std::size_t kHeadlineWords = 10;
    std::size_t cut = 0;
    for (std::size_t i = 0; i < kHeadlineWords && cut < line.size(); ++i)
      cut = std::min(line.find(' ', cut + 1), line.size());
    analyzer_.analyze(line.substr(0, cut), line.substr(std::min(cut + 1, line.size())), text_);
    zones_.label(text_);
    ProfileMatcher(set).match({text_, article_, regions_, topics_}, scratch_, matches_);
    return matches_;
  }

 private:
  TextAnalyzer analyzer_;
  ZoneLabeler zones_;
  ArticleText text_;
  Article article_;
  RegionResult regions_;
  TopicResult topics_;
  ProfileScratch scratch_;
  ProfileMatches matches_;
};

int run(const std::vector<std::string>& arguments) {
  const std::vector<std::string> queries = lines_of(arguments[0].c_str());
  const std::vector<std::string> articles = lines_of(arguments[1].c_str());
  const double resident_before = resident_mib();
  const auto start = Clock::now();
  Shared shared(std::make_shared<const ProfileSet>(compile(queries)));
  const double build_s = seconds_since(start);
  const double resident = resident_mib() - resident_before;

  Matching matching;
  std::uint64_t match_count = 0;
  std::uint64_t candidates = 0;
  {
    std::ofstream out(arguments[2]);
    const auto set = shared.get();
    for (std::size_t i = 0; i < articles.size(); ++i) {
      const ProfileMatches& found = matching.match(*set, articles[i]);
      match_count += found.matches.size();
      candidates += found.candidate_count;
      for (const ProfileMatch& match : found.matches)
        out << i << "\t" << match.profile.value() << "\n";
    }
  }

  std::atomic<bool> stopped = false;
  std::uint64_t reloads = 0;
  std::thread reloader;
  if (arguments.size() > 4) {
    const std::chrono::milliseconds period(std::stoi(arguments[4]));
    reloader = std::thread([&] {
      while (!stopped) {
        const auto next = Clock::now() + period;
        std::shared_ptr<const ProfileSet> made;
        run_aside([&] { made = std::make_shared<const ProfileSet>(compile(queries)); });
        auto old = shared.put(std::move(made));
        while (old.use_count() > 1) std::this_thread::yield();
        run_aside([&] { old.reset(); });
        ++reloads;
        std::this_thread::sleep_until(next);
      }
    });
  }
  const double limit_s = std::stod(arguments[3]);
  std::vector<double> times;
  std::vector<double> cpu_times;
  double total = 0;
  double cpu_total = 0;
  constexpr std::size_t kLeast = 100;
  for (std::size_t i = 0; total < limit_s || times.size() < kLeast; i = (i + 1) % articles.size()) {
    const double cpu_begin = thread_seconds();
    const auto begin = Clock::now();
    matching.match(*shared.get(), articles[i]);
    times.push_back(seconds_since(begin));
    cpu_times.push_back(thread_seconds() - cpu_begin);
    total += times.back();
    cpu_total += cpu_times.back();
  }
  stopped = true;
  if (reloader.joinable()) reloader.join();
  std::sort(times.begin(), times.end());
  std::sort(cpu_times.begin(), cpu_times.end());
  const auto quantile = [](const std::vector<double>& sorted, double share) {
    return 1000 * sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  std::printf(
      "{\"engine\": \"Wirewatch\", \"build_s\": %.2f, \"memory_mib\": %.1f, \"resident_mib\": "
      "%.1f, "
      "\"articles_per_s\": %.2f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"p999_ms\": %.4f, "
      "\"cpu_articles_per_s\": %.2f, \"cpu_p50_ms\": %.4f, \"cpu_p99_ms\": %.4f, "
      "\"candidates\": %llu, \"matches\": %llu, \"measured\": %zu, \"reloads\": %llu}\n",
      build_s, static_cast<double>(shared.get()->memory_bytes()) / 1048576, resident,
      static_cast<double>(times.size()) / total, quantile(times, 0.5), quantile(times, 0.99),
      quantile(times, 0.999), static_cast<double>(times.size()) / cpu_total,
      quantile(cpu_times, 0.5), quantile(cpu_times, 0.99),
      static_cast<unsigned long long>(candidates), static_cast<unsigned long long>(match_count),
      times.size(), static_cast<unsigned long long>(reloads));
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 4 || arguments.size() > 5) {
    std::cerr << "profile_bench QUERIES ARTICLES MATCHES SECONDS [RELOAD_PERIOD_MS]\n";
    return 2;
  }
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
