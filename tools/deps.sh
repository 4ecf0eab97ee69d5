#!/usr/bin/env bash
# Finds what is missing and installs just that, from the Debian archive: deps.sh build | test-unit | test | ci
# deps.sh look: installs nothing; says what a build lacks and ends 1.
# Libraries are asked of pkg-config where they have a file there, else of the compiler; programs of PATH.
set -euo pipefail
what=${1:-build}
missing=()
need_program() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need_library() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1" 2>/dev/null || missing+=("$2"); }
need_header() { [[ -e /usr/include/$1 || -e /usr/include/$(uname -m)-linux-gnu/$1 ]] || missing+=("$2"); }
# A character set the C library can convert: a stand-alone file in newer Debians.
need_charset() { printf 'x' | iconv -f "$1" -t UTF-8 >/dev/null 2>&1 || missing+=("$2"); }

need_program cc gcc
need_header stdio.h libc6-dev
need_program pkg-config pkg-config
need_library libcrypto libssl-dev
need_library libsecp256k1 libsecp256k1-dev
need_library lmdb liblmdb-dev
need_library libevent libevent-dev
need_library libcbor libcbor-dev
need_library jansson libjansson-dev
need_library inih libinih-dev
need_library libzstd libzstd-dev
need_header unistr.h libunistring-dev
need_library libzip libzip-dev
need_library libxml-2.0 libxml2-dev
need_library zlib zlib1g-dev
need_library p11-kit-1 libp11-kit-dev
need_charset GB18030 libc-gconv-modules-extra
if [[ $what == test-unit || $what == test || $what == ci ]]; then need_library cmocka libcmocka-dev; fi
if [[ $what == test || $what == ci ]]; then
  need_program python3 python3
  python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
  need_program openssl openssl
  need_program curl curl
  need_program node nodejs
  need_program npm npm
  need_program strace strace
  need_program softhsm2-util softhsm2
fi
if [[ $what == ci ]]; then
  need_program mvn maven
  need_program javac default-jdk-headless
  need_program clang clang
  need_program debootstrap debootstrap
  [[ -n $(ls -d /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan-* 2>/dev/null) ]] ||
    missing+=("libclang-rt-$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)-dev")
fi
((${#missing[@]})) || exit 0
if [[ $what == look ]]; then
  echo "make: this machine lacks ${missing[*]}." >&2
  echo "make: \`make deps\` installs just these (as root or with sudo); then say \`make\` again. NODEPS=1 builds without this look." >&2
  exit 1
fi
echo "deps: installing ${missing[*]} (a minute or two; nothing is printed meanwhile)" >&2
if ((EUID == 0)); then as=(); elif command -v sudo >/dev/null 2>&1; then as=(sudo); else
  echo "deps: these packages are missing and I am neither root nor have sudo. As root run:" >&2
  echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
command -v apt-get >/dev/null 2>&1 || { echo "deps: no apt-get here; install these yourself: ${missing[*]}" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
apt() { "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null; }
apt install -y --no-install-recommends "${missing[@]}" 2>/dev/null || { apt update; apt install -y --no-install-recommends "${missing[@]}"; } ||
  { echo "deps: apt-get could not install ${missing[*]}; see its messages above" >&2; exit 1; }
