#!/usr/bin/env bash
# tools/bare_debian.sh DIR [COMMAND...]
#
# Makes a bare Debian 12 in DIR (debootstrap, minbase: no compiler, no Python, no Node), adds git,
# clones the committed tree to /srv/espial in it and runs COMMAND there (default: ./run), as somebody
# would who has just met the project. A DIR made before is used again as it was left, with a fresh
# clone beside its old build; remove DIR for a bare one. Needs root and the package debootstrap.
#
# The network is the host's. Mounts and processes live in namespaces of their own and end with it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
die() { printf '%s\n' "$*" >&2; exit 1; }

[ $# -gt 0 ] || die "usage: tools/bare_debian.sh DIR [COMMAND...]"
[ "$(id -u)" = 0 ] || die "Making a Debian in a folder takes root."
command -v debootstrap >/dev/null || die "Please install debootstrap."
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- ./run

# The mirror this machine uses, in either form of apt's sources; nothing if it has none of Debian's.
host_mirror() {
  sed -n -E 's,^URIs: *([^ ]*/debian/?)$,\1,p; s,^deb (\[[^]]*\] )?([^ ]*/debian/?) .*,\2,p' \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true
}

make_debian() {
  [ -z "$(ls -A "$dir")" ] || die "$dir holds something else."
  printf 'Making a bare Debian 12 in %s.\n' "$dir"
  local mirror
  mirror=$(host_mirror | sed -n 1p)
  debootstrap --variant=minbase bookworm "$dir" ${mirror:+"$mirror"} >"$dir.log" 2>&1 ||
    { tail -n 20 "$dir.log" >&2; die "debootstrap failed; see $dir.log."; }
  # Where this machine's packages and names come from, theirs shall; and whom it trusts.
  if grep -qs 'Suites:.*bookworm\|deb .*bookworm' /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; then
    rm -f "$dir/etc/apt/sources.list"
    cp -a /etc/apt/sources.list "$dir/etc/apt/" 2>/dev/null || true
    find /etc/apt/sources.list.d -name 'debian*' -exec cp -a {} "$dir/etc/apt/sources.list.d/" \;
  fi
  grep -ls 'Acquire::' /etc/apt/apt.conf.d/* | xargs -r cp -t "$dir/etc/apt/apt.conf.d/"
  mkdir -p "$dir/etc/ssl"  # a minimal Debian has no authorities, and no place for them
  cp -L /etc/ssl/certs/ca-certificates.crt "$dir/etc/ssl/host-authorities.crt" 2>/dev/null || true
  touch "$dir/.espial-bare"
}

inside() {
  # In a mount and a process namespace of its own: whatever is mounted or left running ends with it.
  unshare --mount --pid --fork --kill-child bash -c '
    dir=$1; shift
    mount --bind "$dir" "$dir"
    mount -t proc proc "$dir/proc"
    mount --rbind /dev "$dir/dev"
    mount -t tmpfs tmpfs "$dir/dev/shm"
    exec chroot "$dir" /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 CI="${CI:-}" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      NODE_EXTRA_CA_CERTS=/etc/ssl/host-authorities.crt "$@"' _ "$dir" "$@"
}

[ -e "$dir/.espial-bare" ] || make_debian
cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"
if [ ! -e "$dir/usr/bin/git" ]; then
  inside sh -c 'apt-get -q update && apt-get -q -y install --no-install-recommends git ca-certificates' >>"$dir.log" 2>&1 ||
    { tail -n 20 "$dir.log" >&2; die "git could not be installed; see $dir.log."; }
fi

# A second try keeps what the first one built, and takes only what has been committed since.
if [ -e "$dir/srv/espial/.git" ]; then
  git -C "$dir/srv/espial" fetch --quiet "$root" HEAD
  git -C "$dir/srv/espial" reset --quiet --hard FETCH_HEAD
else
  git clone --quiet "$root" "$dir/srv/espial"
fi
inside sh -c 'cd /srv/espial && exec "$@"' _ "$@"
