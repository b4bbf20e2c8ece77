#include "services/wirewatch/top_view.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "common/base/utf8.h"
#include "common/region/region.h"

namespace wirewatch {

namespace {

using Counts = std::map<std::string, double>;

constexpr std::size_t kListedMax = 10;   // Rows of the lists.
constexpr std::size_t kAddressMax = 32;  // Columns; what is longer is cut at its front.

// A counter begins anew with its process.
double grown(double before, double now) {
  return now >= before ? now - before : now;
}

Counts grown(const Counts& before, const Counts& now) {
  Counts out;
  for (const auto& [name, value] : now) {
    const auto at = before.find(name);
    const double more = grown(at == before.end() ? 0 : at->second, value);
    if (more > 0) out[name] = more;
  }
  return out;
}

double sum_of(const Counts& counts) {
  double sum = 0;
  for (const auto& each : counts) sum += each.second;
  return sum;
}

double value_of(const Counts& counts, const char* name) {
  const auto at = counts.find(name);
  return at == counts.end() ? 0 : at->second;
}

std::string formatted(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// "812" or "8.1": three digits tell enough.
std::string short_number(double value) {
  return formatted(value >= 100 || value == 0 ? "%.0f" : "%.1f", value);
}

std::string short_bytes(double bytes) {
  if (bytes < 1e6) return formatted("%.0f kB", bytes / 1e3);
  return bytes < 1e9 ? formatted("%.0f MB", bytes / 1e6) : formatted("%.1f GB", bytes / 1e9);
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

// As wide as asked for in characters, which may have several bytes.
std::string left(const std::string& text, std::size_t width) {
  const std::size_t characters = count_code_points(text);
  return characters >= width ? text : text + std::string(width - characters, ' ');
}

// What a row of the table shows; of several services it adds up, but for the times.
struct Row {
  double seconds = 0;
  double articles = 0;
  double dead = 0;
  double alerts = 0;
  double lag = 0;
  double inflight_bytes = 0;
  double cpu = 0;
  double memory = 0;
  Buckets before;
  Buckets now;
};

Row row_of(const Observed& service) {
  const ServiceReading& now = *service.now;
  const Counts articles = grown(service.before.articles, now.articles);
  return {.seconds = service.seconds,
          .articles = sum_of(articles),
          .dead = value_of(articles, "dead"),
          .alerts = sum_of(grown(service.before.alerts, now.alerts)),
          .lag = now.lag_records,
          .inflight_bytes = now.inflight_bytes,
          .cpu = grown(service.before.cpu_s, now.cpu_s),
          .memory = now.memory_bytes,
          .before = service.before.latency,
          .now = now.latency};
}

void add_buckets(const Buckets& more, Buckets& to) {
  if (to.counts.size() != more.counts.size()) {
    to = more;
    return;
  }
  for (std::size_t i = 0; i < to.counts.size(); ++i) to.counts[i] += more.counts[i];
}

void add_row(const Row& more, Row& to) {
  to.seconds = std::max(to.seconds, more.seconds);
  to.articles += more.articles;
  to.dead += more.dead;
  to.alerts += more.alerts;
  to.lag += more.lag;
  to.inflight_bytes += more.inflight_bytes;
  to.cpu += more.cpu;
  to.memory += more.memory;
  add_buckets(more.before, to.before);
  add_buckets(more.now, to.now);
}

std::string row_text(const Row& row) {
  const auto rate = [&](double count) {
    return row.seconds > 0 ? short_number(count / row.seconds) : std::string("-");
  };
  const auto time = [&](double quantile) {
    const double seconds = row.seconds > 0 ? quantile_between(row.before, row.now, quantile) : 0;
    return seconds > 0 ? short_number(seconds * 1e3) : std::string("-");
  };
  const std::string cores = row.seconds > 0 ? formatted("%.2f", row.cpu / row.seconds) : "-";
  return right(rate(row.articles), 10) + right(rate(row.dead), 8) + right(rate(row.alerts), 10) +
         right(time(.5), 8) + right(time(.99), 8) + right(formatted("%.0f", row.lag), 9) +
         right(short_bytes(row.inflight_bytes), 11) + right(cores, 7) +
         right(short_bytes(row.memory), 9) + "\n";
}

std::string canary_text(const Observed& service) {
  const ServiceReading& now = *service.now;
  const double p50 = quantile_between(service.minute_before.canary, now.canary, .5);
  const double p99 = quantile_between(service.minute_before.canary, now.canary, .99);
  if (p50 <= 0) return "";
  return "  canary: there and back in " + short_number(p50 * 1e3) + " ms (99 of 100 within " +
         short_number(p99 * 1e3) + " ms), " +
         formatted("%.0f lost", grown(service.minute_before.canary_lost, now.canary_lost)) + "\n";
}

// The most frequent of what was counted, as lines of a column.
std::vector<std::string> column(const std::string& title, const Counts& counts) {
  std::vector<std::pair<double, std::string>> order;
  std::size_t width = title.size();
  for (const auto& [name, count] : counts) order.emplace_back(-count, name);
  std::ranges::sort(order);
  if (order.size() > kListedMax) order.resize(kListedMax);
  for (const auto& each : order) width = std::max(width, each.second.size() + 7);
  std::vector<std::string> lines = {left(title, width)};
  for (const auto& [count, name] : order)
    lines.push_back(left(name, width - 7) + right(formatted("%.0f", -count), 7));
  return lines;
}

std::string beside_each_other(const std::vector<std::vector<std::string>>& columns) {
  std::size_t height = 0;
  for (const auto& lines : columns) height = std::max(height, lines.size());
  std::string text;
  for (std::size_t i = 0; i < height; ++i) {
    std::string line;
    for (const auto& lines : columns) {
      const std::string& cell = i < lines.size() ? lines[i] : "";
      line += left(cell, lines.front().size()) + "   ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// What all services together counted in the last minute.
std::string last_minute(std::span<const Observed> services) {
  Counts alerts;
  Counts countries;
  Counts subjects;
  Counts dead;
  double seconds = 0;
  for (const Observed& service : services) {
    if (!service.now || service.minute_seconds <= 0) continue;
    seconds = std::max(seconds, service.minute_seconds);
    const auto add = [&](Counts ServiceReading::* counts, Counts& to) {
      for (const auto& [name, more] : grown(service.minute_before.*counts, (*service.now).*counts))
        to[name] += more;
    };
    add(&ServiceReading::alerts, alerts);
    add(&ServiceReading::countries, countries);
    add(&ServiceReading::subjects, subjects);
    add(&ServiceReading::dead, dead);
  }
  if (seconds <= 0) return "";
  Counts named;
  for (const auto& [code, count] : countries)
    named[code + " " + std::string(country_name(CountryCode(code)))] = count;
  return formatted("\nin the last %.0f s\n", seconds) +
         beside_each_other({column("alerts", alerts), column("countries", named),
                            column("subjects", subjects), column("dead letters", dead)});
}

std::string short_address(const std::string& address) {
  if (address.size() <= kAddressMax) return address;
  return "…" + address.substr(address.size() - kAddressMax + 1);
}

}  // namespace

std::string top_text(std::span<const Observed> services) {
  std::size_t width = 8;
  for (const Observed& service : services)
    width = std::max(width, std::min(service.address.size(), kAddressMax));
  std::string text = std::string(width, ' ') +
                     "articles/s  dead/s  alerts/s  p50 ms  p99 ms      lag  in flight  cores   "
                     "memory\n";
  Row all;
  std::size_t answered = 0;
  for (const Observed& service : services) {
    text += left(short_address(service.address), width);
    if (!service.now) {
      text += "  " + service.state + "\n";
      continue;
    }
    const Row row = row_of(service);
    text += row_text(row);
    if (service.state != "ready") text += "  not ready: " + service.state + "\n";
    for (const std::string& trouble : service.now->troubles) text += "  " + trouble + "\n";
    text += canary_text(service);
    add_row(row, all);
    ++answered;
  }
  if (answered > 1) text += left("all", width) + row_text(all);
  return text + last_minute(services);
}

}  // namespace wirewatch
