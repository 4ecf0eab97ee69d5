#!/usr/bin/env bash
# Builds and runs the unit tests with the compiler and libraries of another Debian, in a folder: other_debian.sh SUITE (bookworm, trixie)
# Needs root; the archive is this machine's own. The bare system is kept in build/debian/SUITE.tar. Ends with run.py's summary; where such a system
# cannot be made here the run is skipped, and says why.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=$1 keep=build/debian
skip() { echo "... skipped 1: no $suite here: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
((EUID == 0)) || skip "not root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed (tools/deps.sh ci)"
unshare --mount true 2>/dev/null || skip "may not mount"
mkdir -p "$keep"
root=$(mktemp -d "$PWD/$keep/root.XXXXXX")
chmod 755 "$root"
trap 'rm -rf --one-file-system "$root"' EXIT
if [[ ! -s $keep/$suite.tar ]]; then
  mirror=$({ cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true; } | awk '/^URIs:/ {print $2; exit} /^deb / {print $2; exit}')
  debootstrap --variant=minbase --include=make,python3,ca-certificates --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$root" "$mirror" \
    >"$keep/$suite.log" 2>&1 || skip "debootstrap failed, see $keep/$suite.log"
  cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
  tar -C "$root" -cf "$keep/$suite.tar.part" . && mv "$keep/$suite.tar.part" "$keep/$suite.tar"
else
  tar -C "$root" -xf "$keep/$suite.tar"
fi
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
mkdir -p "$root/root/licet" "$root/root/shared"
git ls-files -z | tar --null -T - -cf - | tar -C "$root/root/licet" -xf -
# The mounts live in a namespace of their own: they are gone before the folder is removed.
unshare --mount --pid --fork --kill-child bash -c '
  root=$0; mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount -t tmpfs tmpfs "$root/tmp"
  if [[ -d $1 ]]; then mount --bind -o ro "$1" "$root/root/shared"; fi
  exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -c "
    cd /root/licet && tools/deps.sh test-unit && make --no-print-directory NODEPS=1 WERROR=1 all unit"' "$root" "${LICET_SHARED:-$PWD/../shared}"
