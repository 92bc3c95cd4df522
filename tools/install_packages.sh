#!/usr/bin/env bash
# tools/install_packages.sh GROUP...
#
# Sees to it that the packages of these groups (tools/packages.txt) are there. Installs only what is
# missing, says so in one line first, and leaves the machine's services as they were: nothing is
# started, enabled, stopped or restarted that was not ours to begin with.
# On a system without apt it names what is missing instead and fails.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
list=$root/tools/packages.txt
log=$root/build/install.log
policy=/usr/sbin/policy-rc.d
# Looked up here and not through PATH: an ordinary user's PATH has no sbin, where Mosquitto lives.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Lines "package check service" of the wanted groups.
wanted() {
  awk -v groups=" $* " '!/^ *(#|$)/ && index(groups, " " $1 " ") {
    sub(/^service:/, "", $4); print $2, $3, ($4 == "" ? "-" : $4) }' "$list"
}

# A Node 18 or later from elsewhere is as good as Debian's, and must not be replaced by it.
node_is_there() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ]
}

# --- systems with apt ---

# Of "a|b", the one that is installed; nothing if none is.
installed_of() {
  local name
  for name in ${1//|/ }; do
    grep -qxF "$name" <<<"$installed" && { say "$name"; return; }
  done
}

# Of "a|b", the first that the distribution offers.
offered_of() {
  local name
  for name in ${1//|/ }; do
    # No pipe into grep -q: it stops reading early, and pipefail takes that for a failure.
    [ -n "$(apt-cache show --no-all-versions "$name" 2>/dev/null)" ] && { say "$name"; return; }
  done
  die "This distribution has no package $1. README.md, \"Other distributions\", says how to go on."
}

# Installing Mosquitto would start it at once and at every boot, on port 1883, with a configuration
# nobody asked for. policy-rc.d is Debian's way of saying no to the first; it concerns only the
# services named here, so that anything else apt does goes on as usual. Somebody's own policy stays.
forbid_start() {
  [ $# -gt 0 ] && [ ! -e "$policy" ] || return 0
  local unit names='' draft
  for unit; do names+="${names:+|}$unit|$unit.service"; done
  draft=$(mktemp)
  printf '#!/bin/sh\ncase "$1" in %s) exit 101 ;; esac\nexit 0\n' "$names" >"$draft"
  "${as_root[@]}" install -m 755 "$draft" "$policy"
  rm -f "$draft"
  policy_is_ours=yes
}

allow_start() {
  [ "${policy_is_ours:-no}" = yes ] || return 0
  "${as_root[@]}" rm -f "$policy"
  policy_is_ours=no
}

# The second half: not at boot either. Disabled rather than masked, because then the ordinary
# "systemctl enable --now" is all that somebody who wants the service needs. Only services whose
# package came with this very call get here. With a foreign policy-rc.d it may have been started.
leave_disabled() {
  local unit
  for unit; do
    if command -v systemctl >/dev/null; then
      "${as_root[@]}" systemctl disable --quiet "$unit" >>"$log" 2>&1 || true
      ! systemctl is-active --quiet "$unit" 2>/dev/null ||
        "${as_root[@]}" systemctl stop "$unit" >>"$log" 2>&1 || true
    elif command -v update-rc.d >/dev/null; then
      "${as_root[@]}" update-rc.d "$unit" disable >>"$log" 2>&1 || true
    fi
  done
}

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null && return
  tail -n 25 "$log" >&2
  die "apt-get $1 failed; everything it said is in ${log#"$root"/}."
}

install_with_apt() {
  local package check unit name missing=() names=() units=()
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p')
  while read -r package check unit; do
    [ -n "$(installed_of "$package")" ] && continue
    [[ $package == nodejs || $package == npm ]] && node_is_there && continue
    missing+=("$package")
    [ "$unit" = - ] || units+=("$unit")
  done < <(wanted "$@")
  [ ${#missing[@]} -gt 0 ] || return 0

  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "Missing: ${missing[*]//|/ or }. Run this as root once, or install sudo."
    as_root=(sudo)
  fi
  mkdir -p "$(dirname "$log")"
  say "Fetching the list of packages (as root)."
  apt_get update
  for package in "${missing[@]}"; do
    name=$(offered_of "$package")
    names+=("$name")
  done
  say "Installing ${#names[@]} packages: ${names[*]}."
  trap allow_start EXIT
  trap 'exit 130' INT TERM HUP
  forbid_start "${units[@]}"
  apt_get install --no-install-recommends "${names[@]}"
  leave_disabled "${units[@]}"
  allow_start
}

# --- other systems ---

is_there() {
  case $1 in
    command:*) command -v "${1#*:}" >/dev/null ;;
    pkg-config:*) pkg-config --exists "${1#*:}" 2>/dev/null ;;
    header:*) printf '#include <%s>\n' "${1#*:}" | g++ -std=c++20 -E -x c++ - >/dev/null 2>&1 ;;
    *) true ;;
  esac
}

check_by_hand() {
  local package check unit missing=()
  while read -r package check unit; do
    is_there "$check" || missing+=("  ${check/:/ }  (Debian: ${package//|/ or })")
  done < <(wanted "$@")
  node_is_there || missing+=("  Node.js 18 or later with npm")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "This system has no apt-get. Please install, by its own means:" >&2
  printf '%s\n' "${missing[@]}" >&2
  exit 1
}

[ $# -gt 0 ] || die "usage: tools/install_packages.sh GROUP...   (build, run, test, bench, peers)"
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  install_with_apt "$@"
else
  check_by_hand "$@"
fi
