#!/usr/bin/env python3
"""Every fuzz target for ten minutes, and the inputs worth keeping.

usage: fuzz.py [--minutes M] [--processes N] [--targets NAME...] [--keep]

Each target starts from tests/corpus, from the golden vectors and from what earlier runs found, and
runs for M minutes; how much of the CPU it had of them is said. Results are kept in build/fuzz/soak:
started again after Ctrl-C, targets that are done are not done again (a target that was rebuilt is).
A target that crashes, hangs for five seconds or takes a gigabyte is named with the input that did it.

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


def done_before(name, program, wanted_s):
    """@returns the kept result if this very program was given its time and held."""
    try:
        result = json.loads(result_file(name).read_text())
    except (OSError, ValueError):
        return None
    held = result["failure"] is None and result["seconds"] >= wanted_s
    return result if held and result["program"] == digest_of(program) else None


def fuzz(name, wanted_s):
    """Runs one target for its time. @returns its result, None when stopped."""
    program = FUZZERS / name
    kept = done_before(name, program, wanted_s)
    if kept or stopping.is_set():
        return kept
    (FOUND / name).mkdir(parents=True, exist_ok=True)
    starts = [FOUND / name, VECTORS] + [folder for folder in [KEPT / name] if folder.is_dir()]
    log = SOAK / f"{name}.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [program, *LIMITS, "-print_final_stats=1", f"-artifact_prefix={SOAK / name}-", *starts],
            stdout=output, stderr=subprocess.STDOUT)
    began, used, seconds = time.monotonic(), 0.0, 0.0
    while process.poll() is None and seconds < wanted_s and not stopping.wait(1):
        used = max(used, cpu_s(process.pid))
        seconds = time.monotonic() - began
    stopped_by_us = process.poll() is None
    if stopped_by_us:
        process.send_signal(signal.SIGUSR1)  # libFuzzer ends cleanly and prints its statistics
    process.wait()
    text = log.read_text(encoding="utf-8", errors="replace")
    if stopped_by_us and seconds < wanted_s:
        return None
    number = lambda pattern: int((re.findall(pattern, text) or ["0"])[-1])
    result = {"program": digest_of(program), "seconds": round(seconds, 1), "cpu_s": round(used, 1),
              "runs": number(r"stat::number_of_executed_units: *(\d+)"),
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
        done = sum(done_before(name, FUZZERS / name, wanted_s) is not None for name in names)
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
    parser.add_argument("--minutes", type=float, default=10)
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
    results = run_all(names, arguments.minutes * 60, arguments.processes)
    failed = [name for name, result in results.items() if result and result["failure"]]
    for name, result in results.items():
        if result is None:
            print(f"stopped {name}")
        else:
            word = "FAILED " if result["failure"] else "ok     "
            print(f"{word} {name:<28}{result['seconds']:>6.0f} s, {result['cpu_s']:>5.0f} s of CPU"
                  f"{result['runs']:>13} runs{result['edges']:>7} edges")
    for name in failed:
        print(f"\n{name}:\n{results[name]['failure']}")
    if arguments.keep and None not in results.values() and not failed:
        for name in names:
            print(f"kept {keep(name):>5} inputs of {name}", flush=True)
    print(f"{len(names)} targets, {len(failed)} failed, {(time.monotonic() - began) / 60:.0f} minutes")
    sys.exit(1 if failed or None in results.values() else 0)


if __name__ == "__main__":
    main()
