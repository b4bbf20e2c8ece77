#!/bin/sh
# Installs what is missing, builds everything and runs every test: debug build with warnings as errors,
# then the same tests under the address and undefined-behaviour sanitizers.
set -eu
cd "$(dirname "$0")/.."
deploy/install-packages.sh
for preset in dev asan; do
  echo "== $preset: configuring and building"
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  echo "== $preset: testing"
  ctest --preset "$preset" -j 2
done
echo "== release: building, and the main job to its end"
deploy/try.sh --once --set http.port=0 --set embedded.articles_per_s=200
