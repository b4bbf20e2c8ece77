#!/bin/sh
# Runs the Debian package's maintainer scripts as dpkg does, with the system's tools replaced by ones that write down how they are
# called and, when told to, fail: an installation and an upgrade must end whatever an operator has done to the service.
#
#   maintainer_scripts_test.sh SOURCE_TREE
set -eu
scripts=$1/deploy/debian
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/etc/wirewatch" "$root/run/systemd/system"
for tool in systemctl getent adduser; do
  printf '#!/bin/sh\necho "%s $*" >> "%s/calls"\nif [ -e "%s/%s-fails" ]; then exit 1; fi\n' "$tool" "$root" "$root" "$tool" > "$root/bin/$tool"
  chmod +x "$root/bin/$tool"
done
# shellcheck disable=SC2016  # The script that is written expands it.
printf '#!/bin/sh\nshift\nif [ ! -e "$1" ]; then echo "cannot access $1" >&2; exit 1; fi\n' > "$root/bin/chown"
chmod +x "$root/bin/chown"
for name in postinst prerm postrm; do
  sed "s,/etc/wirewatch,$root/etc/wirewatch,g; s,/run/systemd,$root/run/systemd,g" "$scripts/$name" > "$root/$name"
done
failures=0
# expect WHAT STATUS CALL SCRIPT ARGUMENT...: the script ends with STATUS and has made CALL.
expect() {
  what=$1 wanted=$2 call=$3
  shift 3
  : > "$root/calls"
  status=0
  PATH="$root/bin:$PATH" sh "$root/$1" "$2" "${3:-}" > "$root/said" 2>&1 || status=$?
  if [ "$status" != "$wanted" ] || ! grep -q -- "$call" "$root/calls"; then
    echo "$what: status $status, wanted $wanted with a call of \"$call\":"
    cat "$root/said" "$root/calls"
    failures=$((failures + 1))
  fi
}

configuration=$root/etc/wirewatch/wirewatch.toml
touch "$configuration" "$root/getent-fails"
expect 'installing' 0 'adduser --system' postinst configure
if grep -q 'systemctl.*restart' "$root/calls"; then
  echo 'the first installation starts a service'
  failures=$((failures + 1))
fi
test "$(stat -c %a "$configuration")" = 640 || { echo 'others may read the configuration'; failures=$((failures + 1)); }
rm "$root/getent-fails"
expect 'upgrading' 0 'systemctl try-restart' postinst configure 0.0.9
rm "$configuration"  # dpkg leaves a configuration file deleted that was.
expect 'upgrading without the configuration file' 0 'systemctl try-restart' postinst configure 0.0.9
touch "$configuration" "$root/systemctl-fails"
expect 'upgrading where the service does not start' 0 'systemctl try-restart' postinst configure 0.0.9
expect 'removing where systemctl fails' 0 'systemctl .*disable' prerm remove
expect 'purging where systemctl fails' 0 'systemctl daemon-reload' postrm purge
echo "$failures failures"
[ "$failures" = 0 ]
