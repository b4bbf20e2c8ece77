#include "services/enricher/article_workers.h"

#include <chrono>
#include <utility>

#include <pthread.h>

#include "common/base/check.h"
#include "common/base/hash.h"

namespace wirewatch {

namespace {

// What the caller handles itself: about a millisecond's work.
constexpr std::size_t kOwnMax = 8;
constexpr std::int64_t kOwnBytesMax = 64L * 1024;
// A worker that has waited so long is idle.
constexpr std::chrono::milliseconds kIdleAfter(50);

}  // namespace

ArticleWorkers::ArticleWorkers(std::size_t count, std::shared_ptr<const RuleSet> rules,
                               MakeHandler make)
    : make_(std::move(make)), rules_(std::move(rules)) {
  WIREWATCH_CHECK(count >= 1);
  for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>());
}

ArticleWorkers::~ArticleWorkers() {
  stop();
}

void ArticleWorkers::start() {
  own_ = make_();
  own_generation_ = take_rules(*own_);
  for (auto& worker : workers_) worker->thread = std::thread([this, &worker] { work(*worker); });
}

void ArticleWorkers::stop() {
  hand_over();
  for (auto& worker : workers_) {
    if (!worker->thread.joinable()) continue;
    {
      const std::lock_guard lock(worker->mutex);
      worker->stopped = true;
    }
    worker->wake.notify_one();
    worker->thread.join();
  }
  own_.reset();
}

void ArticleWorkers::add(InFlight* in_flight) {
  const KafkaRecord& r = in_flight->record;
  const std::uint64_t hash =
      r.has_key() ? hash_bytes(r.key())
                  : mix64(static_cast<std::uint64_t>(r.partition()) + 1, 0x9E3779B97F4A7C15ULL);
  workers_[hash % workers_.size()]->added.push_back(in_flight);
  ++added_;
  added_bytes_ += in_flight->bytes;
}

void ArticleWorkers::hand_over(bool may_handle) {
  if (own_ && own_generation_ != generation_) own_generation_ = take_rules(*own_);
  if (added_ == 0) return;
  if (may_handle && is_for_caller()) {
    handle_added();
  } else {
    for (auto& worker : workers_) {
      if (worker->added.empty()) continue;
      busy_ += worker->added.size();
      {
        const std::lock_guard lock(worker->mutex);
        worker->queue.insert(worker->queue.end(), worker->added.begin(), worker->added.end());
      }
      worker->added.clear();
      worker->wake.notify_one();
    }
  }
  added_ = 0;
  added_bytes_ = 0;
}

bool ArticleWorkers::is_for_caller() const {
  return own_ && added_ <= kOwnMax && added_bytes_ <= kOwnBytesMax && busy_ == 0;
}

void ArticleWorkers::handle_added() {
  for (auto& worker : workers_) {
    for (InFlight* in_flight : worker->added) own_->handle(in_flight);
    worker->added.clear();
  }
}

void ArticleWorkers::idle() {
  if (own_) own_->idle();
}

void ArticleWorkers::use_rules(std::shared_ptr<const RuleSet> rules) {
  {
    const std::lock_guard lock(rules_mutex_);
    rules_.swap(rules);
    ++generation_;
  }
  for (auto& worker : workers_) {
    const std::lock_guard lock(worker->mutex);
    worker->wake.notify_one();
  }
}

std::uint64_t ArticleWorkers::take_rules(Handler& handler) {
  std::shared_ptr<const RuleSet> rules;
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(rules_mutex_);
    rules = rules_;
    generation = generation_;
  }
  handler.use_rules(rules);
  return generation;
}

bool ArticleWorkers::await(Worker& worker, std::uint64_t generation, Handler& handler,
                           std::vector<InFlight*>& batch) {
  std::unique_lock lock(worker.mutex);
  const auto has_work = [&] {
    return worker.stopped || !worker.queue.empty() || generation != generation_;
  };
  if (!worker.wake.wait_for(lock, kIdleAfter, has_work)) {
    lock.unlock();
    handler.idle();
    lock.lock();
    worker.wake.wait(lock, has_work);
  }
  batch.swap(worker.queue);
  return !batch.empty() || !worker.stopped;
}

void ArticleWorkers::work(Worker& worker) {
  pthread_setname_np(pthread_self(), "worker");  // For top -H and the like.
  const std::unique_ptr<Handler> handler = make_();
  std::uint64_t generation = take_rules(*handler);
  std::vector<InFlight*> batch;
  while (await(worker, generation, *handler, batch)) {
    if (generation != generation_) generation = take_rules(*handler);
    for (InFlight* in_flight : batch) {
      if (generation != generation_) generation = take_rules(*handler);
      handler->handle(in_flight);
      --busy_;
    }
    batch.clear();
  }
}

}  // namespace wirewatch
