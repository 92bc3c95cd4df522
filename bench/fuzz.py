#!/usr/bin/env python3
"""Every fuzz target for ten minutes of CPU, and the inputs worth keeping.

usage: fuzz.py [--cpu-minutes M] [--processes N] [--targets NAME...] [--keep]

Each target starts from tests/corpus, from the golden vectors and from what earlier runs found, and
runs until it has used M minutes of CPU; what others do on the machine only makes it last longer.
Results are kept in build/fuzz/soak: started again after Ctrl-C, each goes on where it was. What it
was given before it was rebuilt counts, for it begins with all the inputs found by then; the report
says over how many builds. A target that crashes, hangs for five seconds or takes a gigabyte is
named with the input that did it.

With --keep, the smallest set of inputs that reaches all that was reached replaces the target's
folder in tests/corpus.

Ends with 0 when no target failed.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
FUZZERS = ROOT / "build" / "fuzz" / "fuzzers"
FOUND = ROOT / "build" / "fuzz" / "corpus"
VECTORS = ROOT / "build" / "fuzz" / "vectors"
SOAK = ROOT / "build" / "fuzz" / "soak"
KEPT = ROOT / "tests" / "corpus"
SAY_EVERY_S = 60
LIMITS = ["-rss_limit_mb=1024", "-timeout=5"]

stopping = threading.Event()


def digest_of(program):
    return hashlib.sha256(program.read_bytes()).hexdigest()[:16]


def cpu_s(pid):
    """CPU seconds a running process has used, 0 once it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def result_file(name):
    return SOAK / f"{name}.json"


def kept_result(name):
    """@returns what the target has done so far, over all its builds; nothing after a failure."""
    try:
        result = json.loads(result_file(name).read_text())
    except (OSError, ValueError):
        return None
    return result if result["failure"] is None else None


def is_done(result, wanted_s):
    return result is not None and result["cpu_s"] >= wanted_s


def fuzz(name, wanted_s):
    """Runs one target until it has used its CPU. @returns its result so far, None if it has none."""
    program = FUZZERS / name
    before = kept_result(name)
    if is_done(before, wanted_s) or stopping.is_set():
        return before
    (FOUND / name).mkdir(parents=True, exist_ok=True)
    starts = [FOUND / name, VECTORS] + [folder for folder in [KEPT / name] if folder.is_dir()]
    log = SOAK / f"{name}.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [program, *LIMITS, "-print_final_stats=1", f"-artifact_prefix={SOAK / name}-", *starts],
            stdout=output, stderr=subprocess.STDOUT)
    used_before, runs_before = (before["cpu_s"], before["runs"]) if before else (0.0, 0)
    used = 0.0
    while process.poll() is None and used_before + used < wanted_s and not stopping.wait(1):
        used = max(used, cpu_s(process.pid))
    stopped_by_us = process.poll() is None
    if stopped_by_us:
        process.send_signal(signal.SIGUSR1)  # libFuzzer ends cleanly and prints its statistics
    process.wait()
    text = log.read_text(encoding="utf-8", errors="replace")
    number = lambda pattern: int((re.findall(pattern, text) or ["0"])[-1])
    builds = set(before["builds"] if before else []) | {digest_of(program)}
    result = {"builds": sorted(builds), "cpu_s": round(used_before + used, 1),
              "runs": runs_before + number(r"stat::number_of_executed_units: *(\d+)"),
              "edges": number(r"cov: (\d+)"),
              "failure": None if stopped_by_us else text[-4000:]}
    result_file(name).write_text(json.dumps(result, indent=1))
    return result


def keep(name):
    """Replaces the target's committed inputs with the smallest set that reaches as much."""
    smallest = SOAK / "smallest" / name
    if smallest.is_dir():
        for file in smallest.iterdir():
            file.unlink()
    smallest.mkdir(parents=True, exist_ok=True)
    sources = [folder for folder in [KEPT / name, VECTORS, FOUND / name] if folder.is_dir()]
    subprocess.run([FUZZERS / name, *LIMITS, "-set_cover_merge=1", "-verbosity=0", smallest, *sources],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {hashlib.sha1(file.read_bytes()).hexdigest(): file.read_bytes()
              for file in smallest.iterdir()}
    for file in folder.iterdir():
        if re.fullmatch("[0-9a-f]{40}", file.name):  # inputs with a name were written by hand
            file.unlink()
    by_hand = {hashlib.sha1(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    for digest, content in chosen.items():
        if digest not in by_hand:
            (folder / digest).write_bytes(content)
    return len(chosen)


def say_progress(names, wanted_s, ended):
    while not ended.wait(SAY_EVERY_S):
        done = sum(is_done(kept_result(name), wanted_s) for name in names)
        print(f"{done} of {len(names)} targets done", flush=True)


def run_all(names, wanted_s, processes):
    ended = threading.Event()
    teller = threading.Thread(target=say_progress, args=(names, wanted_s, ended))
    teller.start()
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    try:
        with concurrent.futures.ThreadPoolExecutor(processes) as pool:
            return dict(zip(names, pool.map(lambda name: fuzz(name, wanted_s), names)))
    finally:
        ended.set()
        teller.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cpu-minutes", type=float, default=10)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--targets", nargs="+", metavar="NAME")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    SOAK.mkdir(parents=True, exist_ok=True)
    all_names = sorted(file.name for file in FUZZERS.iterdir()
                       if file.is_file() and os.access(file, os.X_OK))
    names = arguments.targets or all_names
    unknown = set(names) - set(all_names)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(all_names)}")
    began = time.monotonic()
    wanted_s = arguments.cpu_minutes * 60
    results = run_all(names, wanted_s, arguments.processes)
    failed = [name for name, result in results.items() if result and result["failure"]]
    for name, result in results.items():
        if result is None:
            print(f"not begun {name}")
            continue
        word = "FAILED" if result["failure"] else "ok" if is_done(result, wanted_s) else "stopped"
        print(f"{word:<10}{name:<28}{result['cpu_s']:>6.0f} s of CPU{result['runs']:>13} runs"
              f"{result['edges']:>7} edges in {len(result['builds'])} builds")
    for name in failed:
        print(f"\n{name}:\n{results[name]['failure']}")
    whole = all(is_done(result, wanted_s) for result in results.values())
    if arguments.keep and whole and not failed:
        for name in names:
            print(f"kept {keep(name):>5} inputs of {name}", flush=True)
    print(f"{len(names)} targets, {len(failed)} failed, {(time.monotonic() - began) / 60:.0f} minutes")
    sys.exit(0 if whole and not failed else 1)


if __name__ == "__main__":
    main()
