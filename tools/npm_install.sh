#!/usr/bin/env bash
# tools/npm_install.sh DIR...
#
# Fetches what DIR/package-lock.json names, exactly, when it is not there yet.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for dir; do
  cd "$root/$dir"
  # The lock itself is the stamp: what was fetched for it is what it asks for.
  cmp -s package-lock.json node_modules/.espial-lock && continue
  printf 'Fetching the npm packages of %s.\n' "$dir"
  log=$(mktemp)
  if ! npm ci --no-audit --no-fund --no-update-notifier >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    printf 'npm could not fetch the packages of %s.\n' "$dir" >&2
    exit 1
  fi
  rm -f "$log"
  cp package-lock.json node_modules/.espial-lock
done
