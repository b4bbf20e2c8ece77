// Matches the generated articles against the generated queries with the profile engine.
//
//   profile_bench QUERIES ARTICLES MATCHES SECONDS [CHANGED]
//
// An article's time is that of finding its words and zones and of matching, with evidence: by the
// clock, and of the processor, which does not count what else ran on the machine. With a number of
// profiles to change, it then measures as long again with a reload in every other second: a second
// thread compiles the changed profiles, at low priority, and swaps the set.

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
#include <utility>
#include <vector>

#include <time.h>

#include "common/profile/profile.h"
#include "common/text/zone_labeler.h"
#include "services/enricher/run_aside.h"

namespace {

using namespace wirewatch;
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

std::vector<ProfileSource> sources_of(const std::vector<std::string>& queries) {
  std::vector<ProfileSource> sources(queries.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].id = std::to_string(i);
    sources[i].id.insert(0, 1, 'q');
    sources[i].title = sources[i].id;
    sources[i].query = {query_of(queries[i]), 1, 1};
    sources[i].threshold = 0;
  }
  return sources;
}

ProfileSet compile(const std::vector<ProfileSource>& sources, const ProfileSet& before) {
  auto set = ProfileSet::compile(sources, before);
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
  std::shared_ptr<const ProfileSet> get() const {
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
  mutable std::mutex mutex_;
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

// A run's times, and what they come to.
class Times {
 public:
  template <typename Work>
  void take(const Work& work) {
    const double cpu_begin = thread_seconds();
    const auto begin = Clock::now();
    work();
    times_.push_back(seconds_since(begin));
    cpu_times_.push_back(thread_seconds() - cpu_begin);
    total_ += times_.back();
    cpu_total_ += cpu_times_.back();
  }
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] std::size_t count() const { return times_.size(); }

  // Members of a JSON object.
  void print() {
    const auto count = static_cast<double>(times_.size());
    std::printf("\"measured\": %zu, \"articles_per_s\": %.2f, ", times_.size(), count / total_);
    print_quantiles(times_, "");
    std::printf(", \"cpu_articles_per_s\": %.2f, ", count / cpu_total_);
    print_quantiles(cpu_times_, "cpu_");
  }

 private:
  static void print_quantiles(std::vector<double>& times, const char* of) {
    std::sort(times.begin(), times.end());
    const auto quantile = [&](double share) {
      return 1000 * times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    std::printf("\"%sp50_ms\": %.4f, \"%sp99_ms\": %.4f, \"%sp999_ms\": %.4f", of, quantile(0.5),
                of, quantile(0.99), of, quantile(0.999));
  }

  std::vector<double> times_;
  std::vector<double> cpu_times_;
  double total_ = 0;
  double cpu_total_ = 0;
};

// Reloads when told: a few profiles have got one another's queries.
class Reloader {
 public:
  Reloader(Shared& shared, std::vector<ProfileSource> sources, std::size_t changed)
      : shared_(shared), sources_(std::move(sources)), changed_(changed) {
    thread_ = std::thread([this] { run(); });
  }
  ~Reloader() {
    stopped_ = true;
    thread_.join();
  }
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  void request() { requested_ = true; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // Of the processor, all of them.
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  void run() {
    while (!stopped_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      if (requested_.exchange(false)) reload();
    }
  }

  void reload() {
    for (std::size_t i = 0; i < changed_; ++i) {
      std::swap(sources_[next_ % sources_.size()].query,
                sources_[(next_ + sources_.size() / 2) % sources_.size()].query);
      next_ += 7919;  // A prime: all over the set.
    }
    std::shared_ptr<const ProfileSet> made;
    double seconds = 0;
    run_aside([&] {
      made = std::make_shared<const ProfileSet>(compile(sources_, *shared_.get()));
      seconds = thread_seconds();
    });
    seconds_ = seconds_ + seconds;
    auto old = shared_.put(std::move(made));
    while (old.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    run_aside([&] { old.reset(); });
    ++count_;
  }

  Shared& shared_;
  std::vector<ProfileSource> sources_;
  const std::size_t changed_;
  std::size_t next_ = 0;
  std::atomic<bool> requested_ = false;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::uint64_t> count_ = 0;
  std::atomic<double> seconds_ = 0;
  std::thread thread_;
};

// Matches for `limit_s`.
Times measure(Matching& matching, const Shared& shared, const std::vector<std::string>& articles,
              double limit_s) {
  constexpr std::size_t kLeast = 100;
  Times times;
  for (std::size_t i = 0; times.total() < limit_s || times.count() < kLeast;
       i = (i + 1) % articles.size()) {
    times.take([&] { matching.match(*shared.get(), articles[i]); });
  }
  return times;
}

// Seconds with a reload and seconds without one in turn, so that both see the same machine.
void print_reloading(Matching& matching, Shared& shared, const std::vector<std::string>& articles,
                     double limit_s, Reloader& reloader) {
  Times calm;
  Times reloading;
  std::size_t article = 0;
  const auto start = Clock::now();
  for (int second = 0; seconds_since(start) < 2 * limit_s; ++second) {
    const bool with = second % 2 == 1;
    if (with) reloader.request();
    while (seconds_since(start) < second + 1) {
      (with ? reloading : calm).take([&] { matching.match(*shared.get(), articles[article]); });
      article = (article + 1) % articles.size();
    }
  }
  std::printf(", \"reloads\": %llu, \"reload_cpu_ms\": %.1f, \"calm\": {",
              static_cast<unsigned long long>(reloader.count()),
              1000 * reloader.seconds() /
                  static_cast<double>(std::max<std::uint64_t>(reloader.count(), 1)));
  calm.print();
  std::printf("}, \"reloading\": {");
  reloading.print();
  std::printf("}");
}

// Writes article and profile of every match. Gives the numbers of candidates and matches.
std::pair<std::uint64_t, std::uint64_t> write_matches(Matching& matching, const ProfileSet& set,
                                                      const std::vector<std::string>& articles,
                                                      const std::string& path) {
  std::ofstream out(path);
  std::uint64_t candidates = 0;
  std::uint64_t match_count = 0;
  for (std::size_t i = 0; i < articles.size(); ++i) {
    const ProfileMatches& found = matching.match(set, articles[i]);
    match_count += found.matches.size();
    candidates += found.candidate_count;
    for (const ProfileMatch& match : found.matches)
      out << i << "\t" << match.profile.value() << "\n";
  }
  return {candidates, match_count};
}

int run(const std::vector<std::string>& arguments) {
  const std::vector<std::string> articles = lines_of(arguments[1].c_str());
  const double limit_s = std::stod(arguments[3]);
  std::vector<ProfileSource> sources = sources_of(lines_of(arguments[0].c_str()));
  give_back_memory();
  const double resident_before = resident_mib();
  const auto start = Clock::now();
  const double cpu_start = thread_seconds();
  Shared shared(std::make_shared<const ProfileSet>(compile(sources, ProfileSet())));
  const double build_s = seconds_since(start);
  const double build_cpu_s = thread_seconds() - cpu_start;
  give_back_memory();
  const double resident = resident_mib() - resident_before;
  const bool reloads = arguments.size() > 4;
  if (!reloads) sources = {};

  Matching matching;
  const auto [candidates, match_count] =
      write_matches(matching, *shared.get(), articles, arguments[2]);
  std::printf(
      "{\"engine\": \"Wirewatch\", \"build_s\": %.2f, \"build_cpu_s\": %.2f, \"memory_mib\": %.1f, "
      "\"resident_mib\": %.1f, \"candidates\": %llu, \"matches\": %llu, ",
      build_s, build_cpu_s, static_cast<double>(shared.get()->memory_bytes()) / 1048576, resident,
      static_cast<unsigned long long>(candidates), static_cast<unsigned long long>(match_count));
  measure(matching, shared, articles, limit_s).print();
  if (reloads) {
    Reloader reloader(shared, std::move(sources),
                      static_cast<std::size_t>(std::stoul(arguments[4])));
    print_reloading(matching, shared, articles, limit_s, reloader);
  }
  std::printf("}\n");
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 4 || arguments.size() > 5) {
    std::cerr << "profile_bench QUERIES ARTICLES MATCHES SECONDS [CHANGED]\n";
    return 2;
  }
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
