#!/usr/bin/env python3
"""Power cuts in simulated networks, shared by several processes, and where they fell.

usage: power_cuts.py BUILD_DIR [--cuts N] [--first-seed S] [--processes N] [--state DIR]

Each process has its share of the cuts and seeds of its own, from S, S + 1 000 000, S + 2 000 000 and
so on. What they have done is kept in a directory that belongs to this very program (its hash is in
the name): started again after Ctrl-C, or the next day, they go on where they were, and another
--first-seed adds to what is there. Says every half minute how far they are. At the end the table
sums up everything in the directory; it is printed, and written to coverage.txt there.

Ends with 0 when no promise was broken and every point was met at least once in a thousand cuts.
"""
import argparse
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

SEEDS_APART = 1_000_000
SAY_EVERY_S = 30
YEAR_S = 86_400 * 365.25


def read_states(directory):
    return [json.loads(path.read_text()) for path in sorted(directory.glob("from-*.json"))]


def summary(states):
    """@returns the table as text, and whether every point was met often enough."""
    total = sum(state["total"] for state in states)
    runs = sum(state["next_seed"] - state["first_seed"] for state in states)
    network_s, board_s = (sum(state[key] for state in states) for key in ("network_s", "board_s"))
    cuts = {}
    for state in states:
        for point, count in state["cuts"].items():
            cuts[point] = cuts.get(point, 0) + count
    lines = [f"{total} power cuts in {runs} runs, {network_s / YEAR_S:.2f} network-years and "
             f"{board_s / YEAR_S:.2f} board-years simulated"]
    least = total // 1000
    for point, count in cuts.items():
        seldom = f"  FEWER than {least}" if count < least else ""
        lines.append(f"  {point:<40}{count:>9}{seldom}")
    return "\n".join(lines) + "\n", all(count >= least for count in cuts.values())


def start(program, cuts, seed, directory):
    log = open(directory / f"from-{seed}.log", "w", encoding="utf-8")
    with log:
        return subprocess.Popen(
            [program, "sim", "--power-cuts", str(cuts), "--seed", str(seed), "--state",
             directory / f"from-{seed}.json"], stdout=log, stderr=subprocess.STDOUT)


def watch(processes, directory, wanted):
    """Until all have ended. Ctrl-C stops them, and what they have done stays."""
    began = said_at = time.monotonic()
    done_before = sum(state["total"] for state in read_states(directory))
    try:
        while any(process.poll() is None for process in processes):
            time.sleep(0.5)
            if time.monotonic() - said_at < SAY_EVERY_S:
                continue
            said_at = time.monotonic()
            done = sum(state["total"] for state in read_states(directory))
            rate = (done - done_before) / (said_at - began)
            print(f"{done} of {wanted} cuts in {directory}, {rate:.0f} a second", flush=True)
    except KeyboardInterrupt:
        print("stopping after the runs under way", flush=True)
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--cuts", type=int, default=1_000_000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--state", type=pathlib.Path)
    arguments = parser.parse_args()
    program = arguments.build / "espial"
    digest = hashlib.sha256(program.read_bytes()).hexdigest()[:12]
    directory = arguments.state or arguments.build / "power_cuts" / digest
    directory.mkdir(parents=True, exist_ok=True)
    share = -(-arguments.cuts // arguments.processes)
    seeds = [arguments.first_seed + i * SEEDS_APART for i in range(arguments.processes)]
    processes = [start(program, share, seed, directory) for seed in seeds]
    watch(processes, directory, arguments.cuts)
    table, enough = summary(read_states(directory))
    (directory / "coverage.txt").write_text(table, encoding="utf-8")
    print(table, end="")
    ended_badly = False
    for seed, process in zip(seeds, processes):
        log = (directory / f"from-{seed}.log").read_text(encoding="utf-8")
        if process.returncode == 0 or "no promise broken" in log:
            continue  # a share alone may have met a rare point too seldom
        ended_badly = True
        print(f"Seeds from {seed} ENDED BADLY:\n{log}")
    sys.exit(1 if ended_badly or not enough else 0)


if __name__ == "__main__":
    main()
