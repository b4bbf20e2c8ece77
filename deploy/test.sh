#!/bin/sh
# Installs what is missing, builds everything with warnings as errors and runs every test; then builds the
# release binary and runs the main job to its end.
set -eu
cd "$(dirname "$0")/.."
deploy/install-packages.sh prometheus prometheus-alertmanager python3-yaml  # These only for the tests.
echo "== dev: configuring and building"
cmake --preset dev
cmake --build --preset dev
echo "== release: building, and the main job to its end"
deploy/try.sh --once --set http.port=0 --set embedded.articles_per_s=200
echo "== dev: testing"
ctest --preset dev -j 2
