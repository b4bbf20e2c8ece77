// Threads that handle articles: each key on always the same one, so that its articles keep their
// order.
//
// The poll loop add()s articles and hands them over in batches: one lock and one wake-up for each
// worker that has something, however many they are. A few articles that find every worker idle are
// handled by the poll loop itself: that saves wake-ups where they are dear beside the work, and
// nothing that came before can be overtaken. Rules change between two articles; whoever has nothing
// to do takes them too, so that the old ones are let go.
//
// Threads: use_rules() from any; the rest from one. Handlers are each thread's own.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/pipeline/processor.h"
#include "services/enricher/in_flight.h"

namespace wirewatch {

class ArticleWorkers {
 public:
  // What is done with an article. Made and used on one thread.
  class Handler {
   public:
    virtual ~Handler() = default;
    // Before the first article, and when rules change.
    virtual void use_rules(const std::shared_ptr<const RuleSet>& rules) = 0;
    virtual void handle(InFlight* in_flight) = 0;
    // There has been nothing to do for a while.
    virtual void idle() = 0;
  };
  using MakeHandler = std::function<std::unique_ptr<Handler>()>;

  // `count` >= 1.
  ArticleWorkers(std::size_t count, std::shared_ptr<const RuleSet> rules, MakeHandler make);
  // Handles what was handed over, then ends.
  ~ArticleWorkers();
  ArticleWorkers(const ArticleWorkers&) = delete;
  ArticleWorkers& operator=(const ArticleWorkers&) = delete;

  void start();
  void stop();

  // By the record's key; without one, by its partition.
  void add(InFlight* in_flight);
  [[nodiscard]] std::size_t added() const { return added_; }  // And not handed over.
  // `may_handle`: the caller has time for a few of them. It may have them handled before it
  // returns.
  void hand_over(bool may_handle = false);
  // To be called once in a while by the same thread: what its handler has for when it is idle.
  void idle();

  void use_rules(std::shared_ptr<const RuleSet> rules);

 private:
  struct Worker {
    std::vector<InFlight*> added;  // The poll loop's.
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<InFlight*> queue;  // Guarded by mutex, in order, like `stopped`.
    bool stopped = false;
    std::thread thread;
  };

  // Whether what is added is little, and every worker idle.
  [[nodiscard]] bool is_for_caller() const;
  void handle_added();
  void work(Worker& worker);
  // Waits for work. False when there will be none; `batch` may be empty when rules have changed.
  bool await(Worker& worker, std::uint64_t generation, Handler& handler,
             std::vector<InFlight*>& batch);
  std::uint64_t take_rules(Handler& handler);

  const MakeHandler make_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t added_ = 0;
  std::int64_t added_bytes_ = 0;
  std::unique_ptr<Handler> own_;  // The caller's, between start() and stop().
  std::uint64_t own_generation_ = 0;
  std::atomic<std::size_t> busy_ = 0;  // Articles that workers have not handled yet.
  std::mutex rules_mutex_;
  std::shared_ptr<const RuleSet> rules_;  // Guarded by rules_mutex_.
  std::atomic<std::uint64_t> generation_ = 0;
};

}  // namespace wirewatch
