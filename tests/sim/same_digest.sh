#!/usr/bin/env bash
# Builds the simulator with gcc and clang, unoptimised and optimised, and compares what the same seeds
# come to. ESPIAL_DIGEST_BUILDS names the builds; ./test takes "g++:-O0 clang++:-O2", in which each
# compiler and each level is once, for each build more is a minute more. All there are:
#     ESPIAL_DIGEST_BUILDS='g++:-O0 g++:-O2 clang++:-O0 clang++:-O2' tests/sim/same_digest.sh
# ESPIAL_DIGEST_SEEDS says how many seeds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

builds=${ESPIAL_DIGEST_BUILDS:-g++:-O0 clang++:-O2}
seeds=${ESPIAL_DIGEST_SEEDS:-12}
first=
for build in $builds; do
  compiler=${build%%:*} level=${build#*:}
  dir=build/digest/$compiler$level
  if [ ! -f "$dir/build.ninja" ]; then
    cmake -S . -B "$dir" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$level" \
      -DCMAKE_BUILD_TYPE=None -DBUILD_TESTING=OFF -DESPIAL_WERROR=OFF >/dev/null
  fi
  ninja -C "$dir" sim_seeds >"$dir/build.log" 2>&1 || { tail -n 30 "$dir/build.log" >&2; exit 1; }
  said=$("$dir/tests/sim/sim_seeds" 1 "$seeds") || { printf '%s: %s\n' "$build" "$said"; exit 1; }
  [ -n "$first" ] || first=$said
  if [ "$said" != "$first" ]; then
    printf 'The digests of %s differ from those of %s:\n' "$build" "${builds%% *}" >&2
    diff <(printf '%s\n' "$first") <(printf '%s\n' "$said") >&2 || true
    exit 1
  fi
  printf 'ok  %s %s: %s seeds, the last one %s\n' "$compiler" "$level" "$seeds" \
    "$(printf '%s\n' "$said" | tail -n 1 | cut -d ' ' -f 2)"
done
