#!/usr/bin/env bash
# tools/chips/run.sh CHIP PROGRAM [EMULATOR OPTION...]
#
# Runs a bare-metal program in an emulator of CHIP (rv32 or lx106) with its output and exit code as
# ours. It sees the current folder's files. With GTEST_OUTPUT=xml:FOLDER/ it counts the program's
# tests there, as GoogleTest does.
set -euo pipefail

chip=${1:?usage: tools/chips/run.sh CHIP PROGRAM}
program=${2:?usage: tools/chips/run.sh CHIP PROGRAM}
shift 2
[ -f "$program" ] || { printf 'tools/chips/run.sh: no file %s\n' "$program" >&2; exit 2; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT

emulator() {
  # shellcheck disable=SC2054  # the comma is qemu's
  local common=("$@" -display none -monitor none -semihosting-config enable=on,target=native -kernel "$program")
  case $chip in
    rv32) exec timeout 120 qemu-system-riscv32 -M virt -bios none -m 256M -serial null "${common[@]}" ;;
    lx106) exec timeout 120 qemu-system-xtensa -M sim -cpu lx106 -serial stdio "${common[@]}" ;;
    *) printf 'tools/chips/run.sh: no chip "%s"\n' "$chip" >&2; exit 2 ;;
  esac
}

status=0
(emulator "$@" </dev/null) 2>&1 | tee "$log" || status=$?

if [[ ${GTEST_OUTPUT-} == xml:*/ ]]; then
  summary=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 || true)
  if [[ $summary =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    printf '<testsuites tests="%d" failures="%d" errors="0"/>\n' \
      $((BASH_REMATCH[1] + BASH_REMATCH[2])) "${BASH_REMATCH[2]}" \
      >"${GTEST_OUTPUT#xml:}$(basename "$program").xml"
  fi
fi
exit "$status"
