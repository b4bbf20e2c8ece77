#include "tests/faults/load.h"

#include <bit>
#include <stdexcept>
#include <utility>

#include "tests/faults/process.h"

namespace wirewatch::faults {

namespace {

constexpr int kPollMs = 50;
// Whoever refuses more often than brokers fail refuses for good.
constexpr int kEndedMax = 20;

}  // namespace

Load::Load(KafkaProducer::Options options, std::string header)
    : options_(std::move(options)), header_(std::move(header)) {
  make_producer();
}

Load::~Load() {
  producer_->purge();
}

void Load::make_producer() {
  auto made = KafkaProducer::create(options_, [this](void* opaque, const KafkaFailure& failure) {
    note(std::bit_cast<std::uintptr_t>(opaque), failure);
  });
  if (!made) throw std::runtime_error(made.error());
  producer_ = std::move(*made);
}

void Load::note(std::uintptr_t number, const KafkaFailure& failure) {
  if (failure.empty()) {
    records_[number - first_].taken = true;
    return;
  }
  if (!refused_) failure_ = failure.text;  // Those behind it are refused for its sake.
  refused_ = true;
}

void Load::produce(std::size_t at) {
  const Record& record = records_[at];
  const KafkaHeader headers[] = {{header_, record.id}};
  KafkaFailure failure;
  if (!producer_->produce(0, record.key, record.value, headers, std::bit_cast<void*>(first_ + at),
                          failure))
    note(first_ + at, failure);
}

void Load::replace_producer() {
  // Its acknowledgements come while it is emptied; what it refuses goes to its successor.
  producer_->purge();
  while (producer_->is_unanswered()) producer_->poll(kPollMs);
  make_producer();
  ++ended_;
  refused_ = false;
  for (std::size_t i = 0; i < records_.size() && !refused_; ++i) {
    if (!records_[i].taken) produce(i);
  }
}

void Load::serve(int timeout_ms) {
  producer_->poll(timeout_ms);
  if (refused_ && ended_ < kEndedMax) replace_producer();
  while (!records_.empty() && records_.front().taken) {
    records_.pop_front();
    ++first_;
  }
}

void Load::send(std::string key, std::string value, std::string id) {
  records_.push_back({.key = std::move(key), .value = std::move(value), .id = std::move(id)});
  if (!refused_) produce(records_.size() - 1);  // Else its successor sends this with the rest.
  serve(0);
}

bool Load::flush(std::int64_t timeout_ms) {
  const std::int64_t until = steady_ms() + timeout_ms;
  while (!records_.empty() && ended_ < kEndedMax && steady_ms() < until) serve(kPollMs);
  return records_.empty();
}

}  // namespace wirewatch::faults
