# Sourced by parts: runs CTest in a preset and adds up the cases.
#
#   run_ctest PRESET [ctest option...]
run_ctest() {
  local preset=$1 reports status=0
  shift
  reports=$PWD/build/$preset/test-reports
  rm -rf "$reports"
  mkdir -p "$reports"
  # A trailing slash tells GoogleTest to name the file after the program.
  GTEST_OUTPUT=xml:$reports/ ctest --preset "$preset" --parallel "$(nproc)" --no-tests=error \
    --output-junit "$reports/ctest.xml" "$@" || status=$?
  python3 tests/parts/count.py "$reports/ctest.xml" "$reports" && return "$status"
}
