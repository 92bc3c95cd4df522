#!/usr/bin/env python3
"""MQTT to SQLite at QoS 1 through the hub, beside the same hub with the commit removed.

usage: mqtt_to_sqlite.py BUILD_DIR [--messages N] [--rounds N]

Each round starts the hub with a private Mosquitto on a fresh directory, lets s2_flood publish, and
waits until every reading is through. Rounds alternate, since two passes on one machine differ by up
to 40 %; the medians are compared. A page's event stream is open all the time. Prints one JSON
object.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def metric(port, name):
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    match = re.search(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+]+)$", text, re.M)
    return float(match.group(1)) if match else 0.0


class Hub:
    def __init__(self, build, directory, discard, broker_port=None, options=()):
        self.log = pathlib.Path(directory) / "hub.log"
        command = [build / "espial", "hub", "--data", pathlib.Path(directory) / "data", "--port", "0",
                   "--broker-port", "0", "--websockets-port", "0", "--new-boards", "4096"]
        if broker_port:
            command += ["--broker", f"127.0.0.1:{broker_port}"]
        command += options
        if discard:
            command.append("--unsafe-discard")
        self.process = subprocess.Popen(command, stderr=self.log.open("w"))
        self.port = self.wait_for(r"page and API on http://127\.0\.0\.1:(\d+)")
        self.broker = self.wait_for(r"broker 127\.0\.0\.1:(\d+) reached")
        events = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/events", timeout=30)
        self.page = threading.Thread(target=self.read_events, args=(events,), daemon=True)
        self.page.start()

    @staticmethod
    def read_events(events):
        with contextlib.suppress(OSError):
            while events.read(65536):
                pass

    def wait_for(self, pattern):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            match = re.search(pattern, self.log.read_text())
            if match:
                return int(match.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        sys.exit(f"the hub did not start:\n{self.log.read_text()}")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def one_round(build, messages, discard):
    directory = tempfile.mkdtemp(prefix="espial-bench-")
    try:
        hub = Hub(build, directory, discard)
        flood = subprocess.Popen(
            [build / "s2_flood", "--port", str(hub.broker), "--messages", str(messages)],
            stdout=subprocess.PIPE, text=True)
        assert flood.stdout.readline().strip() == "go", "the boards did not get their names"
        began, cpu = time.monotonic(), cpu_seconds(hub.process.pid)
        joined = metric(hub.port, "espial_s2_readings_total")
        while True:
            through = metric(hub.port, "espial_mqtt_acknowledged_total")
            if metric(hub.port, "espial_s2_readings_total") >= messages and metric(
                    hub.port, "espial_store_backlog_units") == 0 and metric(
                    hub.port, "espial_mqtt_unacknowledged_in") == 0:
                break
            time.sleep(0.02)
        seconds = time.monotonic() - began
        result = {
            "messages_per_s": round((messages - joined) / seconds),
            "hub_cpu_us_per_message": round((cpu_seconds(hub.process.pid) - cpu) * 1e6 / messages, 2),
            "hub_peak_memory_mb": round(peak_memory_mb(hub.process.pid), 1),
            "acknowledged": int(through),
        }
        flood.communicate(timeout=60)
        hub.stop()
        return result
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def median(rounds, key):
    return round(statistics.median(one[key] for one in rounds), 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--messages", type=int, default=300000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    stored, discarded = [], []
    for number in range(arguments.rounds):
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
        discarded.append(one_round(arguments.build, arguments.messages, True))
        stored.append(one_round(arguments.build, arguments.messages, False))
    keys = ("messages_per_s", "hub_cpu_us_per_message", "hub_peak_memory_mb")
    report = {"messages": arguments.messages, "rounds": arguments.rounds,
              "stored": {key: median(stored, key) for key in keys},
              "commit_removed": {key: median(discarded, key) for key in keys}}
    report["share"] = round(
        report["stored"]["messages_per_s"] / report["commit_removed"]["messages_per_s"], 3)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
