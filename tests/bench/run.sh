#!/bin/sh
# Builds the release tree and measures what an article costs: the pure pipeline against simdjson, the
# enricher over the embedded broker, and over a real Kafka (where Maven can fetch one).
#
#   tests/bench/run.sh [ARTICLES]
set -eu
cd "$(dirname "$0")/../.."
articles=${1:-20000}
cmake --preset release > /dev/null
cmake --build --preset release > /dev/null
bench=build/release/bin/pipeline_bench
echo "== pure pipeline"
$bench --articles "$articles"
echo "== pure pipeline, articles that name three times as many places"
$bench --articles "$articles" --dense
echo "== enricher over the embedded broker"
$bench --articles "$articles" --brokers embedded
work=$(mktemp -d)
trap 'deploy/kafka.sh stop "$work"; rm -rf "$work"' EXIT
if brokers=$(deploy/kafka.sh start 1 "$work"); then
  echo "== enricher over Apache Kafka"
  $bench --articles "$articles" --brokers "$brokers"
else
  echo "== Apache Kafka could not be fetched: not measured"
fi
