#!/usr/bin/env bash
# tools/chips/fetch.sh
#
# Brings what the chips' builds need and no Debian package installs into build/chips/debian, from
# the mirrors that this machine's apt is set up with, checked by apt:
#
#   headers/       the C++ library's headers (those for ARM, which compile for every 32-bit chip)
#   bearssl/       the source of the crypto library of an ESP8266
#   mbedtls/       and of an ESP32
#
# Does nothing when they are there. Nothing of it is ever committed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
home=$root/build/chips/debian
log=$root/build/chips/fetch.log
mkdir -p "$home"
cd "$home"

fail() {
  tail -n 20 "$log" >&2
  printf 'tools/chips/fetch.sh: %s; the whole story is in build/chips/fetch.log.\n' "$1" >&2
  exit 1
}

# apt with lists of its own, so that the machine's settings stay as they are.
own_apt() {
  apt-get -q -o Dir::Etc::SourceList="$home/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$home/apt/lists" -o Dir::Cache="$home/apt/cache" \
    -o APT::Sandbox::User="$(id -un)" "$@" >>"$log" 2>&1
}

# The distribution's own archives, asked for source packages.
list_sources() {
  local id keys='' name
  id=$(sed -n 's/^ID=//p' /etc/os-release)
  name=/usr/share/keyrings/$id-archive-keyring.gpg
  [ ! -e "$name" ] || keys="[signed-by=$name] "
  mkdir -p apt/lists/partial apt/cache/archives/partial
  # shellcheck disable=SC2016  # apt's words, not the shell's
  apt-get indextargets --format "deb-src $keys"'$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Trusted: yes' "Origin: ${id^}" | sort -u >apt/sources.list
  [ -s apt/sources.list ] || fail "apt knows no archive of this distribution; apt-get update may help"
}

fetch_headers() {
  apt-get -q -o APT::Sandbox::User="$(id -un)" download libstdc++-arm-none-eabi-dev >>"$log" 2>&1 ||
    fail "can't download libstdc++-arm-none-eabi-dev"
  rm -rf headers.new
  dpkg-deb -x libstdc++-arm-none-eabi-dev_*.deb headers.new
  rm -f libstdc++-arm-none-eabi-dev_*.deb
  mv headers.new headers
}

fetch_source() {
  local name=$1
  rm -rf "$name".new
  mkdir "$name".new
  (cd "$name".new && own_apt source "$name") || fail "can't get the source of $name"
  mv "$name".new/"$name"-*/ "$name"
  rm -rf "$name".new
}

: >"$log"
[ -d headers ] || fetch_headers
if [ ! -d bearssl ] || [ ! -d mbedtls ]; then
  list_sources
  own_apt update || fail "can't read the lists of source packages"
  for library in bearssl mbedtls; do [ -d "$library" ] || fetch_source "$library"; done
  rm -rf apt
fi
