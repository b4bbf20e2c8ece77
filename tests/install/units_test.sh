#!/bin/sh
# Installs the tree as a system's /usr and has systemd-analyze judge its units: they load without a word, and their
# exposure is at most 1.5 of 10.
#
#   units_test.sh CMAKE BUILD_TREE SOURCE_TREE
set -eu
command -v systemd-analyze > /dev/null || { echo "skipped: systemd-analyze is not installed"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
"$1" --install "$2" --prefix "$root/usr" > /dev/null
mkdir -p "$root/etc" "$root/bin"
printf '#!/bin/true\n' > "$root/bin/sh"  # By which units are reloaded.
chmod +x "$root/bin/sh"
units=$(cd "$root/usr/lib/systemd/system" && echo *.service)
for unit in $units; do
  # The system's own units are not there; network-online.target and its like are made known.
  for needed in network-online.target sysinit.target basic.target shutdown.target multi-user.target; do
    printf '[Unit]\nDescription=%s\n' "$needed" > "$root/usr/lib/systemd/system/$needed"
  done
  said=$(systemd-analyze verify --root="$root" --man=no "$unit" 2>&1) || { echo "$said"; exit 1; }
  [ -z "$said" ] || { echo "$unit: $said"; exit 1; }
  judged=$(systemd-analyze security --root="$root" --offline=true --threshold=15 --no-pager "$unit") ||
    { echo "$judged"; exit 1; }
  echo "$judged" | tail -1
done
