# Sourced by parts: runs a program that ends in Node's test runner and adds up what it says.
#
#   run_node_tests command [argument...]
run_node_tests() {
  local log status=0 passed failed
  log=$(mktemp)
  "$@" 2>&1 | tee "$log" || status=$?
  # "# pass 3" from Node 18 and 20, "ℹ pass 3" from later ones.
  passed=$(sed -n -E 's/^(#|ℹ) pass ([0-9]+)$/\2/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  failed=$(sed -n -E 's/^(#|ℹ) (fail|cancelled) ([0-9]+)$/\3/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  rm -f "$log"
  # A program that fails without a failed test (a type error, a crash) is a failure too.
  [ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
}
