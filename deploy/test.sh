#!/bin/sh
# Installs what is missing, builds everything with warnings as errors and runs every test; then builds the
# release binary and runs the main job to its end.
set -eu
cd "$(dirname "$0")/.."
deploy/install-packages.sh default-jre-headless kcat maven prometheus prometheus-alertmanager python3-yaml
# Where Kafka cannot be fetched its tests are skipped; on CI that is a failure.
[ -z "${CI:-}" ] || export WIREWATCH_REQUIRE_KAFKA=1
echo "== dev: configuring and building"
cmake --preset dev
cmake --build --preset dev
echo "== release: building, and the main job to its end"
deploy/try.sh --once --set http.port=0 --set embedded.articles_per_s=200
echo "== dev: testing"
ctest --preset dev -j 2
