#!/usr/bin/env bash
# Runs the unit tests and one life of a licence (issued, verified, revoked) under another libssl than this machine's: old_libssl.sh BUILD [VERSION]
# VERSION: of Debian's package; without it the oldest that the registry still has. It is unpacked into build/, and nothing is installed.
# Machines that are not up to date run such a library, and what it refuses stops a program at its start. Ends with run.py's summary.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 version=${2:-}
package=$(dpkg-query -W -f '${Package}\n' 'libssl3*' 2>/dev/null | head -n 1)
if [[ -z $package ]]; then
  echo "old_libssl: ... skipped 'no libssl3 package here, so none to compare'"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
if [[ -z $version ]]; then
  version=$(apt-cache madison "$package" | cut -d'|' -f2 | tr -d ' ' | sort -V | head -n 1)
fi
folder=build/libssl/$version
if [[ ! -d $folder ]]; then
  mkdir -p build/libssl
  (cd build/libssl && apt-get -qq download "$package=$version" && dpkg -x "${package}_"*"${version//:/%3a}"*.deb "$version.part" && rm -f "${package}_"*.deb)
  mv "$folder.part" "$folder"
fi
library=$(dirname "$(find "$PWD/$folder" -name libcrypto.so.3 -print -quit)")
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
met=$("$build/licet" --version 2>/dev/null | grep -o 'OpenSSL [0-9.]*' | head -n 1) || met=
echo "old_libssl: $package $version ${met:+($met)}"
[[ -z $met || $version == "${met#OpenSSL }"* ]] || { echo "old_libssl: the programs took another library"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
tests/run.py --build "$build" --only unit --only system --match '^test_(window|ofd)$'
