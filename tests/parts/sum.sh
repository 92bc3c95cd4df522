# Sourced by parts made of several: runs each of them and adds up their last lines.
#
#   count command [argument...]
#   total        prints "N passed, N failed"; fails if anything failed
good=0 bad=0

count() {
  local log summary status=0 passed=0 failed=0
  log=$(mktemp)
  "$@" 2>&1 | tee "$log" || status=$?
  summary=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) || true
  rm -f "$log"
  [ -z "$summary" ] || read -r passed _ failed _ <<<"$summary"
  [ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
  good=$((good + ${passed%,})) bad=$((bad + failed))
}

total() {
  printf '%d passed, %d failed\n' "$good" "$bad"
  [ "$bad" = 0 ]
}
