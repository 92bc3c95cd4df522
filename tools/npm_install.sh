#!/usr/bin/env bash
# tools/npm_install.sh DIR...
#
# Fetches what DIR/package-lock.json names, exactly, when it is not there yet.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Two builds may want the same packages at once.
mkdir -p "$root/build"
exec 9>"$root/build/npm.lock"
flock 9
for dir; do
  cd "$root/$dir"
  # The lock itself is the stamp: what was fetched for it is what it asks for.
  cmp -s package-lock.json node_modules/.espial-lock && continue
  printf 'Fetching the npm packages of %s.\n' "$dir"
  log=$(mktemp)
  if ! npm ci --no-audit --no-fund --no-update-notifier >"$log" 2>&1 </dev/null; then
    grep -v "^npm error *\(-\|When\|Set\|Tells\|Indicates\|$\)" "$log" | head -n 30 >&2
    rm -f "$log"
    printf 'npm could not fetch the packages of %s.\n' "$dir" >&2
    exit 1
  fi
  rm -f "$log"
  cp package-lock.json node_modules/.espial-lock
done
