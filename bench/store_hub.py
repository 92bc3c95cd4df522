#!/usr/bin/env python3
"""What a hub answers from a full database: start, newest values, a day, a year; and its memory.

usage: store_hub.py BUILD_DIR DATABASE [--queries N]

DATABASE is what store_growth --keep made. The hub gets a private broker and an empty data directory
beside it. Times are of whole requests over loopback. Prints one JSON object.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import tempfile
import time
import urllib.request

from mqtt_to_sqlite import Hub, cpu_seconds, peak_memory_mb

DAY_MS = 86_400_000
POINTS = 240  # as the page asks for
FIELDS = 4


def timed_ms(address):
    begin = time.perf_counter()
    body = urllib.request.urlopen(address, timeout=60).read()
    return 1e3 * (time.perf_counter() - begin), body


def curves(hub, device, begin, end):
    """Milliseconds of a device's four curves, one after the other."""
    at = f"http://127.0.0.1:{hub.port}/api/devices/{device}/history"
    return sum(timed_ms(f"{at}?slot=0&field=field_{i}&from={begin}&to={end}&points={POINTS}")[0] for i in range(FIELDS))


def spread(times):
    return {"median_ms": round(statistics.median(times), 1), "worst_ms": round(max(times), 1)}


def ask(hub, queries, start_ms):
    all_devices = f"http://127.0.0.1:{hub.port}/api/devices"
    cpu_before = cpu_seconds(hub.process.pid)
    newest = [timed_ms(all_devices) for _ in range(queries)]
    cpu_ms = 1e3 * (cpu_seconds(hub.process.pid) - cpu_before) / queries
    devices = json.loads(newest[0][1])["devices"]
    end = max(function["taken_at"] for device in devices for function in device["functions"])
    some = [devices[i * 4243 % len(devices)]["mac"] for i in range(queries)]
    return {
        "start_ms": round(start_ms),
        "devices": len(devices),
        "newest": spread([time_ms for time_ms, _ in newest]) | {"cpu_ms": round(cpu_ms, 1)},
        "day": spread([curves(hub, mac, end - DAY_MS, end) for mac in some]),
        "year": spread([curves(hub, mac, end - 365 * DAY_MS, end) for mac in some]),
        "memory_mb": round(peak_memory_mb(hub.process.pid), 1),
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("build", type=lambda text: pathlib.Path(text).resolve())
    arguments.add_argument("database", type=lambda text: pathlib.Path(text).resolve())
    arguments.add_argument("--queries", type=int, default=51)
    settings = arguments.parse_args()
    directory = tempfile.mkdtemp(prefix="espial-bench-")
    try:
        begin = time.perf_counter()
        hub = Hub(settings.build, directory, False, options=["--store", f"sqlite:{settings.database}"])
        try:
            print(json.dumps(ask(hub, settings.queries, 1e3 * (time.perf_counter() - begin)), indent=2))
        finally:
            hub.stop()
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
