#!/bin/sh
# Installs a Wirewatch package on a bare Debian and works with it there, as a container image does: a root directory
# with nothing but a minimal system and the package, read-only, the process not root.
#
#   deploy/try-package.sh [bookworm|trixie] [PACKAGE.deb]
#
# Without a package it packs build/release. Needs root (debootstrap, chroot) and the package mirror; the bare system is
# kept in the user's cache folder for the next time.
set -eu
cd "$(dirname "$0")/.."
suite=bookworm
case ${1:-} in bookworm | trixie) suite=$1; shift ;; esac
if [ $# -gt 0 ]; then
  package=$1
else
  (cd build/release && cpack -G DEB > cpack.log) || { cat build/release/cpack.log; exit 1; }
  package=build/release/$(sed -n "s,.*package: .*/\(wirewatch_.*\.deb\) generated.*,\1,p" build/release/cpack.log)
fi
echo "== package: $(basename "$package"), $(stat -c %s "$package") bytes"
dpkg-deb -f "$package" Depends

cache=${XDG_CACHE_HOME:-$HOME/.cache}/wirewatch-bare-$suite.tar
root=$(mktemp -d)
chmod 755 "$root"
finish() {
  umount "$root/dev/shm" "$root/proc" "$root/dev" 2> /dev/null || true
  umount "$root" 2> /dev/null || true
  if ! grep -q " $root" /proc/mounts; then
    rm -rf --one-file-system "$root"
  fi
}
trap finish EXIT
if [ ! -f "$cache" ]; then
  echo "== making a bare $suite"
  mkdir -p "$(dirname "$cache")"
  mirror=$(awk '$1 == "URIs:" || $1 == "deb" {print $2; exit}' /etc/apt/sources.list.d/debian.sources \
    /etc/apt/sources.list 2> /dev/null || true)
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" ${mirror:+"$mirror"} > "$cache.log" 2>&1
  tar -C "$root" --one-file-system -cf "$cache" .
else
  tar -C "$root" -xf "$cache"
fi
mount --bind "$root" "$root"  # A mount of its own, so that it can be made read-only.
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
for settings in /etc/apt/apt.conf.d/99*; do  # This machine's proxy.
  if [ -e "$settings" ]; then cp "$settings" "$root/etc/apt/apt.conf.d/"; fi
done
if ls /usr/local/share/ca-certificates/*.crt > /dev/null 2>&1; then
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates > /dev/null 2>&1
fi

inside() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" < /dev/null
}
# As the image runs it: the service's user, no capability, no way to gain one.
as_user() {
  inside setpriv --reuid=wirewatch --regid=wirewatch --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
}

echo "== installing"
cp "$package" "$root/tmp/wirewatch.deb"
inside apt-get -q -q update
before=$(inside dpkg-query -f '.\n' -W | wc -l)
inside apt-get -q -q -y --no-install-recommends install /tmp/wirewatch.deb > "$root/tmp/install.log" 2>&1 ||
  { cat "$root/tmp/install.log"; exit 1; }
rm "$root/tmp/wirewatch.deb"
echo "   $(($(inside dpkg-query -f '.\n' -W | wc -l) - before)) packages came with it; the whole root is $(du -sxm --exclude=proc \
  --exclude=dev "$root" | cut -f1) MiB"
test "$(inside stat -c '%U:%G %a' /etc/wirewatch/wirewatch.toml)" = 'root:wirewatch 640'
test "$(inside id -un wirewatch)" = wirewatch
test "$(inside id -u wirewatch)" != 0

echo "== running, read-only and not root"
mount -o remount,bind,ro "$root"
as_user wirewatch version
as_user wirewatch check --config /etc/wirewatch/wirewatch.toml
shown=$(mktemp)
as_user wirewatch up --once --set embedded.articles_per_s=1000 --set http.port=0 > "$shown" || { cat "$shown"; exit 1; }
grep -q '^ALERT' "$shown" || { echo "no alert is printed" >&2; cat "$shown"; exit 1; }
echo "   $(grep -c '^ALERT' "$shown") alerts printed"
tail -1 "$shown"
rm "$shown"
if as_user sh -c 'echo > /usr/share/wirewatch/written' 2> /dev/null; then
  echo "the root can be written" >&2
  exit 1
fi
mount -o remount,bind,rw "$root"

echo "== removing"
inside apt-get -q -q -y purge wirewatch > "$root/tmp/purge.log" 2>&1 || { cat "$root/tmp/purge.log"; exit 1; }
left=$(cd "$root" && find usr etc -path '*wirewatch*' ! -path 'etc/*wirewatch-bare*' 2> /dev/null)
if [ -n "$left" ]; then
  echo "purging leaves: $left" >&2
  exit 1
fi
echo "== ok"
