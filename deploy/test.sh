#!/bin/sh
# Installs what is missing, builds everything with warnings as errors, builds the release binary and runs the main job to its
# end, runs every test, and every fuzz target for some seconds.
set -eu
cd "$(dirname "$0")/.."
deploy/install-packages.sh clang-19 clang-format-19 default-jre-headless docker-compose kcat libclang-rt-19-dev maven prometheus \
  prometheus-alertmanager python3-venv python3-yaml shellcheck strace
# Checkers that Debian has not; without them their tests are reported skipped.
if [ ! -x build/test-tools/bin/kubernetes-validate ]; then
  echo "== installing kubernetes-validate into build/test-tools"
  { python3 -m venv build/test-tools && build/test-tools/bin/pip -q install kubernetes-validate==1.37.0; } || true
fi
if command -v npm > /dev/null && [ ! -d build/test-tools/node_modules/@grafana/schema ]; then
  echo "== installing checkers of npm into build/test-tools"
  npm install --silent --no-audit --no-fund --no-save --prefix build/test-tools dockerfile-utils@0.16.3 @asyncapi/parser@3.6.6 \
    @kubernetes-models/keda@2.0.0 @kubernetes-models/prometheus-operator@6.0.0 @grafana/schema@13.2.3 typescript@5.9.3 || true
fi
# Where Kafka cannot be fetched its tests are skipped; on CI that is a failure.
[ -z "${CI:-}" ] || export WIREWATCH_REQUIRE_KAFKA=1
echo "== dev: configuring and building"
cmake --preset dev
cmake --build --preset dev
echo "== release: building, and the main job to its end"
deploy/try.sh --once --set http.port=0 --set embedded.articles_per_s=200
echo "== dev: testing"
ctest --preset dev -j 2
echo "== fuzz: every parser of outside bytes, some seconds each, with address and undefined behaviour sanitizers"
cmake --preset fuzz
cmake --build --preset fuzz
ctest --preset fuzz -j 2
