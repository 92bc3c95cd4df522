#!/usr/bin/env python3
"""From `espial up` in a warm build to the first reading, and to the whole house.

usage: start.py BUILD_DIR [--rounds N]

Each round starts on a fresh data directory, and once more on the one it left. Prints the medians in
seconds as one JSON object.
"""
import argparse
import json
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE_S = 120


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def devices(port):
    try:
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/devices", timeout=5)
        return json.load(answer)["devices"]
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return []


def start(build, data):
    port = free_port()
    began_ms = time.time() * 1000
    began = time.monotonic()
    process = subprocess.Popen(
        [build / "espial", "up", "--data", data, "--port", str(port), "--broker-port",
         str(free_port()), "--websockets-port", str(free_port()), "--air-port",
         str(free_port(socket.SOCK_DGRAM))], stdout=subprocess.DEVNULL)
    first = None
    try:
        while time.monotonic() - began < PATIENCE_S:
            known = devices(port)
            # A reading of this run, not one that the database remembered.
            fresh = [device for device in known if device["online"] and any(
                function["taken_at"] > began_ms for function in device["functions"])]
            if fresh and first is None:
                first = time.monotonic() - began
            if len(known) >= 24 and all(device["online"] for device in known):
                return {"first_reading_s": first, "whole_house_s": time.monotonic() - began}
            time.sleep(0.01)
        raise SystemExit("the house did not come up in time")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def median(rounds):
    return {key: round(statistics.median(one[key] for one in rounds), 2) for key in rounds[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    new, again = [], []
    for _ in range(arguments.rounds):
        directory = tempfile.mkdtemp(prefix="espial-bench-")
        try:
            new.append(start(arguments.build, directory + "/data"))
            again.append(start(arguments.build, directory + "/data"))
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    print(json.dumps({"fresh_data": median(new), "second_start": median(again)}, indent=1))


if __name__ == "__main__":
    main()
