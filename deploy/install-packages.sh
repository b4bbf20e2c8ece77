#!/bin/sh
# Installs what the build and the tests need and this machine lacks, with apt: Debian 12 or 13, as root
# or with sudo. Says what it does and does nothing twice.
set -eu

packages="ca-certificates cmake dpkg-dev file g++ git libboost-dev libcli11-dev libgtest-dev librdkafka-dev
libsimdjson-dev libspdlog-dev libtomlplusplus-dev libzstd-dev ninja-build pkg-config prometheus-cpp-dev python3 python3-jsonschema
zlib1g-dev"

missing=""
for package in $packages "$@"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  exit 0
fi

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "These packages are missing and neither root nor sudo is at hand:$missing" >&2
    exit 1
  fi
  sudo=sudo
fi
echo "== installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -q update
# shellcheck disable=SC2086  # A list of words is meant.
$sudo apt-get -q -y --no-install-recommends install $missing
