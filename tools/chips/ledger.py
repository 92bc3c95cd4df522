#!/usr/bin/env python3
"""What the core weighs and costs on the chips: flash, RAM, instructions. Fails past a budget.

usage: tools/chips/ledger.py [--symbols]

Builds what it measures (build/chips), optimised as a whole (-flto) like the tests that run there.
Flash and RAM are those of a role with its tables, without the board's ports, the crypto library and
what the chip has in ROM (memcpy, 64-bit division). The node is the role with its ring and long
packets put together, and it is this one that has a budget; "bare" is without the latter, each
optional part (core/node) is what it adds to that, and "all parts" is a node that has them all.
Sums of several are a little less, for they share code.
Instructions are counted by the emulator, so every run on every machine says the same. --symbols
adds what weighs most.
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = {"lx106": "xtensa-lx106-elf-", "rv32": "riscv64-unknown-elf-"}
ROLES = ("node", "gateway")
BARE = "node_bare"
ALL = "node_all"
PARTS = ("long_reports", "retention", "conduct", "rooms")
PROGRAMS = [*ROLES, BARE, ALL, *(f"node_{part}" for part in PARTS)]
# What goes past one belongs into bench/RESULTS.md with its reason.
BUDGETS = {("lx106", "node", "flash"): 32 * 1024, ("lx106", "node", "ram"): 6 * 1024}
# The linker counts the stack that a program asks for as a section; the firmware says how large it is.
IN_RAM = (".data", ".sdata", ".bss", ".sbss")
IN_FLASH = (".text", ".rodata", ".srodata", ".data", ".sdata", ".init", ".preserve", ".init_array")
HEAVIEST = 25


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def program(chip, name):
    return str(ROOT / "build" / "chips" / chip / "tests" / "chips" / name)


def build():
    subprocess.run(["tools/chips/fetch.sh"], cwd=ROOT, check=True)
    for chip in TOOLS:
        targets = [f"footprint_{name}" for name in PROGRAMS] + ["costs"]
        subprocess.run(["tools/build.sh", f"chips/{chip}", *targets], cwd=ROOT, check=True)


def sizes(chip, role):
    """(flash, ram) of a role in bytes."""
    sections = {}
    for line in output(TOOLS[chip] + "size", "-A", program(chip, f"footprint_{role}")).splitlines():
        words = line.split()
        if len(words) == 3 and words[1].isdigit():
            sections[words[0]] = int(words[1])
    return sum(sections.get(name, 0) for name in IN_FLASH), sum(sections.get(name, 0) for name in IN_RAM)


def symbols(chip, role):
    """(bytes, where, name), heaviest first; `where` is nm's letter in lower case: b is RAM."""
    listed = output(TOOLS[chip] + "nm", "-S", "-C", "--radix=d", program(chip, f"footprint_{role}"))
    found = set()
    for line in listed.splitlines():
        words = line.split(maxsplit=3)
        if len(words) == 4 and words[1].isdigit():
            found.add((int(words[1]), words[2].lower(), words[3]))
    return sorted(found, reverse=True)


def costs(chip):
    """{library: {what: instructions}}"""
    counted = {}
    for line in output("tools/chips/run.sh", chip, program(chip, "costs"), "-icount", "shift=0").splitlines():
        name, count = line.split()
        library, what = name.split(".")
        counted.setdefault(library, {})[what] = int(count)
    return counted


def print_sizes():
    """Prints the first table. @returns what went past its budget, and how many budgets were kept."""
    kept, passed = 0, []
    print(f"{'bytes':<16}{'flash':>8}{'RAM':>8}   of which")
    for chip in TOOLS:
        for role in ROLES:
            measured = dict(zip(("flash", "ram"), sizes(chip, role)))
            tables = ", ".join(f"{name.split('::')[-1]} {size}" for size, where, name in symbols(chip, role) if where == "b" and size > 8)
            print(f"{chip + ' ' + role:<16}{measured['flash']:>8}{measured['ram']:>8}   {tables}")
            for what, size in measured.items():
                budget = BUDGETS.get((chip, role, what))
                if budget is None:
                    continue
                kept += size <= budget
                if size > budget:
                    passed.append(f"{chip} {role}: {what} {size}, budget {budget}")
        print_parts(chip)
    return kept, passed


def print_parts(chip):
    bare = sizes(chip, BARE)
    print(f"{'  bare node':<16}{bare[0]:>8}{bare[1]:>8}")
    for part in PARTS:
        flash, ram = (size - without for size, without in zip(sizes(chip, f"node_{part}"), bare))
        print(f"{'  + ' + part:<16}{flash:>8}{ram:>8}")
    print("{:<16}{:>8}{:>8}".format("  all parts", *sizes(chip, ALL)))


def print_costs():
    columns = [(chip, library, counted) for chip in TOOLS for library, counted in costs(chip).items()]
    print(f"\n{'instructions':<16}" + "".join(f"{chip + ' ' + library:>16}" for chip, library, _ in columns))
    for what in columns[0][2]:
        print(f"{what:<16}" + "".join(f"{counted[what]:>16}" for _, _, counted in columns))


def print_symbols():
    for chip in TOOLS:
        for role in ROLES:
            print(f"\n{chip} {role}")
            for size, where, name in [each for each in symbols(chip, role) if each[1] != "b"][:HEAVIEST]:
                print(f"  {size:>6}  {name}")


def main(arguments):
    if arguments not in ([], ["--symbols"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    build()
    kept, passed = print_sizes()
    print_costs()
    if arguments:
        print_symbols()
    print()
    for each in passed:
        print(f"past its budget: {each}")
    print(f"{kept} passed, {len(passed)} failed")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
