#!/usr/bin/env python3
"""What kills cost: the hub killed again and again under load, and the broker killed once.

usage: kills.py BUILD_DIR [--kills N] [--rate N] [--boards N] [--seed N]

First the hub: boards publish different values at QoS 1, `--rate` a second, while the hub is killed
(SIGKILL) at random moments and started again. The broker has acknowledged every message to its
publisher; each must be in the database at the end. Beside it runs the control, the same with a hub
that acknowledges before it commits; it is killed ten times.

Then the broker: it is killed while the hub works, and while the hub has stood still for four
seconds, and started again on what it had saved. How many messages that it had acknowledged are in
no database is what a kill of the broker can lose. Prints one JSON object.
"""
import argparse
import contextlib
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

from mqtt_to_sqlite import Hub, metric
from peers import answers, free_port, shipped_broker_configuration, wait_until

VALUES = 101  # a photoresistor's 0..100 percent


class House:
    """A broker with the shipped configuration, and a hub that may be killed."""

    def __init__(self, build, directory, unsafe=False):
        self.build, self.directory, self.unsafe = build, directory, unsafe
        self.port = free_port()
        (pathlib.Path(directory) / "draft").mkdir()
        self.configuration = shipped_broker_configuration(build, directory + "/draft", self.port)
        self.start_broker()
        self.start_hub()

    def start_broker(self):
        self.broker = subprocess.Popen(["mosquitto", "-c", str(self.configuration)], stderr=subprocess.DEVNULL)
        wait_until("Mosquitto's start", lambda: answers(self.port))

    def start_hub(self):
        self.hub = Hub(self.build, self.directory, discard=False, broker_port=self.port,
                       options=["--unsafe-acknowledge-before-commit"] if self.unsafe else [])

    def kill_hub(self):
        self.hub.process.kill()
        self.hub.process.wait()

    def kill_broker(self):
        self.broker.kill()
        self.broker.wait()

    def settle(self):
        """Waits until the hub has stored all that the broker had for it."""
        # What is published last comes last.
        last = "02:f1:00:d0:ff:ff"
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-q", "2", "-t", "state/join", "-m", last], check=True)
        wait_until("the queue's end", lambda: last in self.devices() and
                   metric(self.hub.port, "espial_mqtt_unacknowledged_in") == 0 and
                   metric(self.hub.port, "espial_store_backlog_units") == 0)

    def devices(self):
        address = f"http://127.0.0.1:{self.hub.port}/api/devices"
        return urllib.request.urlopen(address, timeout=60).read().decode()

    def close(self):
        self.hub.stop()
        self.broker.send_signal(signal.SIGTERM)
        self.broker.wait(30)

    def stored(self):
        """Which (MAC, value) the database has."""
        file = pathlib.Path(self.directory) / "data" / "espial.db"
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            tables = ["recent"] + [name for (name,) in database.execute("SELECT name FROM reading_days")]
            found = set()
            for table in tables:
                found.update(database.execute(
                    f"SELECT DISTINCT mac, CAST(number AS INTEGER) FROM {table} JOIN devices ON device = id"))
            return found


def flood(build, port, boards, rate):
    process = subprocess.Popen(
        [str(build / "s2_flood"), "--port", str(port), "--boards", str(boards), "--messages",
         str(boards * VALUES), "--rate", str(rate), "--in-flight", "50000"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if process.stdout.readline().strip() != "go":
        sys.exit("the boards did not get their names")
    return process


def expected(boards, acknowledged):
    """The first so many messages of s2_flood."""
    return {(f"02:f1:00:d0:{n % boards >> 8:02x}:{n % boards & 255:02x}", n // boards) for n in range(acknowledged)}


def kill_hub_round(arguments, kills, unsafe, chance):
    """As many kills as fit into the messages that the boards have."""
    directory = tempfile.mkdtemp(prefix="espial-bench-")
    try:
        house = House(arguments.build, directory, unsafe)
        publisher = flood(arguments.build, house.port, arguments.boards, arguments.rate)
        done = 0
        while done < kills and publisher.poll() is None:
            time.sleep(chance.uniform(0.05, 1.0))
            house.kill_hub()
            house.start_hub()
            done += 1
        report = json.loads(publisher.stdout.read())
        publisher.wait()
        house.settle()
        house.close()
        lost = expected(arguments.boards, report["acknowledged"]) - house.stored()
        return done, report["acknowledged"], report["seconds"], len(lost)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def kill_hubs(arguments, kills, unsafe):
    chance = random.Random(arguments.seed)
    done = acknowledged = seconds = lost = 0
    while done < kills:
        result = kill_hub_round(arguments, kills - done, unsafe, chance)
        done, acknowledged = done + result[0], acknowledged + result[1]
        seconds, lost = seconds + result[2], lost + result[3]
        print(f"hub killed {done} of {kills} times, {lost} lost", file=sys.stderr)
    return {"kills": done, "messages_per_s": round(acknowledged / seconds), "acknowledged": acknowledged,
            "lost": lost}


def kill_broker(arguments, after_s, hub_away):
    directory = tempfile.mkdtemp(prefix="espial-bench-")
    try:
        house = House(arguments.build, directory)
        publisher = flood(arguments.build, house.port, arguments.boards, arguments.rate)
        time.sleep(after_s)
        if hub_away:
            house.hub.process.send_signal(signal.SIGSTOP)
            time.sleep(4)
        house.kill_broker()
        report = json.loads(publisher.stdout.read())
        house.start_broker()
        house.hub.process.send_signal(signal.SIGCONT)
        house.settle()
        house.close()
        lost = expected(arguments.boards, report["acknowledged"]) - house.stored()
        return {"acknowledged": report["acknowledged"], "lost": len(lost)}
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rate", type=int, default=20000)
    parser.add_argument("--boards", type=int, default=4000, help="4 096 are the hub's limit")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    report = {"hub_killed": kill_hubs(arguments, arguments.kills, False),
              "control_that_acknowledges_first": kill_hubs(arguments, min(10, arguments.kills), True),
              "broker_killed_while_the_hub_works": [
                  kill_broker(arguments, after_s, False) for after_s in (3.2, 5.5, 7.9)],
              "broker_killed_while_the_hub_stands_still": [
                  kill_broker(arguments, after_s, True) for after_s in (3.2, 5.5, 7.9)]}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
