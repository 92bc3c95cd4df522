#!/usr/bin/env bash
# tools/build.sh PRESET [TARGET...]
#
# Configures and builds a preset of CMakePresets.json in build/PRESET. Shows one moving line on a
# terminal, a line now and then elsewhere; the whole story is in build/PRESET/build.log, and its end
# is shown when something fails.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:?usage: tools/build.sh PRESET [TARGET...]}
shift
dir=$root/build/$preset
log=$dir/build.log
cd "$root"
mkdir -p "$dir"

fail() {
  printf '\n' >&2
  # The compiler's words matter, not the progress of its neighbours.
  grep -v -E '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating)' "$log" | tail -n 60 >&2
  printf 'Building "%s" failed; the whole log is build/%s/build.log.\n' "$preset" "$preset" >&2
  exit 1
}

# One process for each core, but not more than memory allows: a heavy file takes about 1.2 GB.
job_count() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1200000) }' /proc/meminfo 2>/dev/null || echo "$cores")
  [ "$memory" -ge 1 ] || memory=1
  echo $((memory < cores ? memory : cores))
}

show_progress() {
  local line said=0 done_now total percent
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    done_now=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    percent=$((100 * done_now / total))
    if [ -t 1 ]; then
      printf '\r\033[KBuilding %s: %d of %d' "$preset" "$done_now" "$total"
    elif [ "$total" -gt 20 ] && [ "$percent" -ge $((said + 20)) ]; then
      said=$percent
      printf 'Building %s: %d %%\n' "$preset" "$percent"
    fi
  done
  if [ -t 1 ]; then printf '\r\033[K'; fi
}

: >"$log"
# build.ninja configures again by itself when a CMake file changes; a new preset file does not.
if [ ! -f "$dir/build.ninja" ] || [ CMakePresets.json -nt "$dir/build.ninja" ]; then
  [ ! -t 1 ] || printf 'Configuring %s ...' "$preset"
  cmake --preset "$preset" >>"$log" 2>&1 || fail
fi
NINJA_STATUS='[%f/%t] ' ninja -C "$dir" -j "$(job_count)" "$@" 2>&1 | show_progress || fail
