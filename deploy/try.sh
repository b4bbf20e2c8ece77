#!/bin/sh
# Installs what is missing, builds the release binary and runs Wirewatch on the embedded broker with
# sample news. Arguments go to `wirewatch up`, e.g. --once.
set -eu
cd "$(dirname "$0")/.."
deploy/install-packages.sh
echo "== configuring"
cmake --preset release > build-release.log 2>&1 || { cat build-release.log; exit 1; }
rm -f build-release.log
echo "== building"
cmake --build --preset release --target wirewatch
exec build/release/bin/wirewatch up "$@"
