#include <algorithm>
#include <csignal>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

void soak(World& world, std::int64_t seconds) {
  begin(world);
  world.start(1);
  const std::int64_t until = steady_ms() + seconds * 1000;
  std::vector<std::int64_t> rss;
  std::vector<std::int64_t> files;
  while (steady_ms() < until) {
    sleep_ms(1000 + world.random(4000));
    const int index = world.random(2);
    const int node = 1 + world.random(world.kafka().size());
    world.fault();
    switch (world.random(8)) {
      case 0:
        world.kill(index);
        world.start(index);
        break;
      case 1:
        world.require(world.stop(index) == 0, "SIGTERM did not end it with 0");
        world.start(index);
        break;
      case 2:
        world.enricher(index).signal(SIGSTOP);
        sleep_ms(1000 + world.random(10000));
        world.enricher(index).signal(SIGCONT);
        break;
      case 3:
        world.kafka().kill(node);
        world.require(world.kafka().restart(node), "the broker did not start again");
        break;
      case 4:
        world.kafka().set_proxies({.reset_every_ms = 300 + world.random(1000)});
        sleep_ms(5000);
        break;
      case 5:
        world.kafka().set_proxies({.blackhole = true});
        sleep_ms(1000 + world.random(12000));
        break;
      case 6:
        world.kafka().set_proxies(
            {.mute_request = world.random(2) == 0 ? kProduce : kEndTxn, .request_faults_max = 3});
        sleep_ms(5000);
        break;
      default:
        world.kafka().set_proxies({.latency_ms = 200, .jitter_ms = 100});
        sleep_ms(5000);
        break;
    }
    world.kafka().heal();
    world.healed();
    world.recovered();
    for (int i = 0; i < 2; ++i) {
      world.require(world.enricher(i).runs(), "enricher " + std::to_string(i) + " ended");
      if (!world.enricher(i).runs()) world.start(i);
    }
    rss.push_back(std::max(world.enricher(0).rss_kb(), world.enricher(1).rss_kb()) / 1024);
    files.push_back(std::max(world.enricher(0).open_files(), world.enricher(1).open_files()));
  }
  if (rss.empty()) return;
  world.note("RSS " + std::to_string(*std::min_element(rss.begin(), rss.end())) + " to " +
             std::to_string(*std::max_element(rss.begin(), rss.end())) + " MB, open files " +
             std::to_string(*std::min_element(files.begin(), files.end())) + " to " +
             std::to_string(*std::max_element(files.begin(), files.end())));
}

}  // namespace wirewatch::faults
