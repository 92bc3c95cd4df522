#!/usr/bin/env python3
"""The hub beside what people would pick: Node-RED, and Python with paho and sqlite3.

usage: peers.py BUILD_DIR [--rounds N] [--hub N] [--paho N] [--node-red N]

One Mosquitto with the configuration that Espial ships serves all of a round; each in turn gets the
same messages of the same boards at QoS 1 as fast as the broker takes them, as many as keep it busy
for some seconds, and the clock stops when all of them are in its database. The hub checks sessions,
keeps the newest values and feeds an open event stream besides. Rounds alternate; the medians are
compared. Prints one JSON object.
"""
import argparse
import contextlib
import getpass
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from mqtt_to_sqlite import Hub, cpu_seconds, metric, peak_memory_mb

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 300


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what} took more than {PATIENCE_S} s")
        time.sleep(0.02)


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def shipped_broker_configuration(build, directory, port):
    """What the hub writes for its private Mosquitto, with the port replaced."""
    hub = Hub(build, directory, discard=False)
    hub.stop()
    text = next(pathlib.Path(directory).rglob("mosquitto.conf")).read_text()
    file = pathlib.Path(directory) / "peers.conf"
    lines = ["persistence_location " + str(directory) + "/" if line.startswith("persistence_location")
             else line for line in text.replace(f"listener {hub.broker} ", f"listener {port} ").splitlines()]
    # Started by root it would become a user who may not write there.
    file.write_text("\n".join(lines) + f"\nuser {getpass.getuser()}\n")
    return file


def flood(build, port, messages, *more):
    return subprocess.Popen([str(build / "s2_flood"), "--port", str(port), "--messages", str(messages), *more],
                            stdout=subprocess.PIPE, text=True)


def measured(process, messages, began, cpu):
    seconds = time.monotonic() - began
    return {"messages_per_s": round(messages / seconds),
            "cpu_us_per_message": round((cpu_seconds(process.pid) - cpu) * 1e6 / messages, 1),
            "peak_memory_mb": round(peak_memory_mb(process.pid), 1)}


def hub_round(build, directory, port, messages):
    hub = Hub(build, directory, discard=False, broker_port=port)
    publisher = flood(build, port, messages)
    assert publisher.stdout.readline().strip() == "go", "the boards did not get their names"
    began, cpu = time.monotonic(), cpu_seconds(hub.process.pid)
    wait_until("the hub", lambda: metric(hub.port, "espial_s2_readings_total") >= messages and
               metric(hub.port, "espial_store_backlog_units") == 0 and
               metric(hub.port, "espial_mqtt_unacknowledged_in") == 0)
    result = measured(hub.process, messages, began, cpu)
    publisher.communicate(timeout=60)
    hub.stop()
    return result


def make_database(directory):
    file = pathlib.Path(directory) / "peer.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE readings (id INTEGER PRIMARY KEY, device TEXT NOT NULL, "
                         "taken_at_ms INTEGER NOT NULL, value REAL)")
        database.commit()
    return file


def stored(file):
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as database:
        return database.execute("SELECT coalesce(max(id), 0) FROM readings").fetchone()[0]


def peer_round(build, process, file, port, messages):
    before = stored(file)
    publisher = flood(build, port, messages, "--fixed-names")
    assert publisher.stdout.readline().strip() == "go"
    began, cpu = time.monotonic(), cpu_seconds(process.pid)
    wait_until("the peer", lambda: time.sleep(0.1) or stored(file) >= before + messages)
    result = measured(process, messages, began, cpu)
    publisher.communicate(timeout=60)
    return result


def python_with_paho():
    """Debian's packages belong to Debian's Python, which need not be the first one in PATH."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import paho.mqtt"], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    sys.exit("paho is missing: apt-get install python3-paho-mqtt")


def paho_round(build, directory, port, messages):
    file = make_database(directory)
    with running([python_with_paho(), HERE / "peers/paho_to_sqlite.py", port, file], stdout=subprocess.PIPE,
                 text=True) as process:
        assert process.stdout.readline().strip() == "ready"
        return peer_round(build, process, file, port, messages)


def node_red_round(build, directory, port, messages):
    file = make_database(directory)
    home = pathlib.Path(directory) / "node_red"
    home.mkdir()
    for name in ("settings.js", "flow.json", "package.json"):
        shutil.copy(HERE / "peers/node_red" / name, home)
    (home / "node_modules").symlink_to(HERE / "peers/node_red/node_modules")
    log = (pathlib.Path(directory) / "node_red.log").open("w+")
    environment = {**os.environ, "BROKER_PORT": str(port), "DATABASE": str(file), "UI_PORT": str(free_port())}
    with running(["node", HERE / "peers/node_red/node_modules/node-red/red.js", "--userDir", home],
                 env=environment, stdout=log, stderr=subprocess.STDOUT) as process:
        # It says nothing when its subscription stands, so a message is sent until one arrives.
        wait_until("Node-RED's start", lambda: time.sleep(0.5) or subprocess.run(
            ["mosquitto_pub", "-p", str(port), "-q", "1", "-t", "photoresistor/status", "-m", "probe;1;0"],
            check=True) and stored(file) > 0)
        time.sleep(1)  # a probe may still be on its way
        return peer_round(build, process, file, port, messages)


def one_round(build, run, messages):
    directory = tempfile.mkdtemp(prefix="espial-bench-")
    port = free_port()
    try:
        (pathlib.Path(directory) / "hub").mkdir()
        configuration = shipped_broker_configuration(build, directory + "/hub", port)
        with running(["mosquitto", "-c", configuration], stderr=subprocess.DEVNULL):
            wait_until("Mosquitto's start", lambda: answers(port))
            shutil.rmtree(directory + "/hub/data")
            return run(build, directory, port, messages)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hub", type=int, default=200000, help="messages for the hub")
    parser.add_argument("--paho", type=int, default=40000, help="messages for Python")
    parser.add_argument("--node-red", type=int, default=8000, help="messages for Node-RED")
    arguments = parser.parse_args()
    plan = {"hub": (hub_round, arguments.hub), "paho_wal": (paho_round, arguments.paho),
            "node_red": (node_red_round, arguments.node_red)}
    rounds = {name: [] for name in plan}
    for number in range(arguments.rounds):
        for name, (run, messages) in plan.items():
            print(f"round {number + 1} of {arguments.rounds}: {name}", file=sys.stderr)
            rounds[name].append(one_round(arguments.build, run, messages))
    report = {name: {key: statistics.median(one[key] for one in results) for key in results[0]}
              for name, results in rounds.items()}
    for name in ("paho_wal", "node_red"):
        report[f"hub_to_{name}"] = round(report["hub"]["messages_per_s"] / report[name]["messages_per_s"], 1)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
