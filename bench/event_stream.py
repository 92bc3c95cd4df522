#!/usr/bin/env python3
"""From PUBLISH at the broker to the event in an open page, and what many pages cost.

usage: event_stream.py BUILD_DIR [--pages N] [--slow N] [--rate N] [--seconds N]

Boards of the session protocol publish at QoS 1 at a steady rate, each a value that tells its message
from the board's earlier ones. One page reads its event stream and takes the time from the call that
publishes to the event, commit included. The other pages only count what they get; slow ones read
20 KB a second, a tenth of what there is. Boards are many enough that no event takes the place of one that a page still lacks.
Prints one JSON object.
"""
import argparse
import json
import pathlib
import select
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time

from mqtt_to_sqlite import Hub, cpu_seconds, metric, peak_memory_mb

VALUES = 101  # a photoresistor's 0..100 percent


def import_paho():
    sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, whichever Python runs this
    import paho.mqtt.client as mqtt
    return mqtt


class Boards:
    """Joins many boards over one connection."""

    def __init__(self, port, count):
        self.names, self.next_value, self.all_named = {}, [0] * count, threading.Event()
        self.macs = [f"02:F1:00:D1:{i >> 8:02X}:{i & 255:02X}" for i in range(count)]
        mqtt = import_paho()
        self.client = mqtt.Client("bench-boards")
        self.client.max_inflight_messages_set(0)
        self.client.on_subscribe = lambda *_: [self.client.publish("state/join", mac, 2) for mac in self.macs]
        self.client.on_message = self.on_message
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("state/nameAssign", 2)
        self.client.loop_start()
        if not self.all_named.wait(60):
            sys.exit("the boards did not get their names")

    def on_message(self, _client, _data, message):
        mac, name, session = message.payload.decode().split(";")
        if mac in self.names:
            return
        self.names[mac] = f"{name};{session}"
        self.client.publish("state/join", self.names[mac], 2)
        if len(self.names) == len(self.macs):
            self.all_named.set()

    def publish(self, board):
        """Publishes the board's next value and returns it."""
        value = self.next_value[board] % VALUES
        self.next_value[board] += 1
        self.client.publish("photoresistor/status", f"{self.names[self.macs[board]]};{value}", 1)
        return value

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()


def open_stream(port, receive_buffer=None):
    page = socket.socket()
    if receive_buffer:
        page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    page.settimeout(60)
    page.connect(("127.0.0.1", port))
    page.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return page


class TimingPage:
    """Reads its events and notes when each came."""

    def __init__(self, port):
        self.came = {}  # by MAC and value: all times, in order
        self.stream = open_stream(port).makefile("rb")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            if not line.startswith(b"data: ") or b'"values"' not in line or line.startswith(b'data: {"devices"'):
                continue
            now = time.monotonic()
            event = json.loads(line[6:])
            for value in event.get("values", {}).values():
                if isinstance(value, (int, float)):
                    self.came.setdefault((event["mac"].upper(), int(value)), []).append(now)


class CountingPages:
    """Many pages on one thread, and slow ones on another."""

    def __init__(self, port, count, slow):
        self.bytes, self.reads = {}, {}
        self.slow = [open_stream(port, 4096) for _ in range(slow)]
        threading.Thread(target=self.read_slowly, daemon=True).start()
        self.poll = select.epoll()
        self.pages = {}
        for _ in range(count):
            page = open_stream(port)
            page.setblocking(False)
            self.pages[page.fileno()] = page
            self.bytes[page.fileno()] = self.reads[page.fileno()] = 0
            self.poll.register(page.fileno(), select.EPOLLIN)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            for number, _ in self.poll.poll(1):
                try:
                    self.bytes[number] += len(self.pages[number].recv(1 << 20))
                    self.reads[number] += 1
                except BlockingIOError:
                    pass

    def read_slowly(self):
        while True:
            for page in self.slow:
                page.recv(2000)
            time.sleep(0.1)

    def reset(self):
        for number in self.bytes:
            self.bytes[number] = self.reads[number] = 0


def percentile(values, percent):
    return statistics.quantiles(values, n=100)[percent - 1]


def run(arguments, directory):
    hub = Hub(arguments.build, directory, discard=False)
    boards = Boards(hub.broker, arguments.boards)
    timing = TimingPage(hub.port)
    others = CountingPages(hub.port, arguments.pages - 1, arguments.slow)
    time.sleep(2)
    others.reset()
    sent, cpu, began = {}, cpu_seconds(hub.process.pid), time.monotonic()
    for number in range(arguments.rate * arguments.seconds):
        due = began + number / arguments.rate
        while (now := time.monotonic()) < due:
            time.sleep(due - now)
        board = number % arguments.boards
        now = time.monotonic()
        sent.setdefault((boards.macs[board], boards.publish(board)), []).append(now)
    seconds = time.monotonic() - began
    cpu = cpu_seconds(hub.process.pid) - cpu
    time.sleep(2)
    latencies = [1000 * (came - went) for key, times in sent.items()
                 for went, came in zip(times, timing.came.get(key, []))]
    report = {
        "pages": arguments.pages, "slow_pages": arguments.slow, "messages_per_s": round(len(latencies) / seconds),
        "events_missing": arguments.rate * arguments.seconds - len(latencies),
        "latency_ms": {"p50": round(percentile(latencies, 50), 1), "p99": round(percentile(latencies, 99), 1),
                       "worst": round(max(latencies), 1)},
        "hub_cpu_share": round(cpu / seconds, 2), "hub_peak_memory_mb": round(peak_memory_mb(hub.process.pid), 1),
        "streams_resynced": int(metric(hub.port, "espial_http_streams_resynced_total")),
    }
    if others.bytes:
        per_page = sorted(others.bytes.values())
        report["kbytes_a_page"] = {"least": per_page[0] // 1000, "most": per_page[-1] // 1000}
    boards.stop()
    hub.stop()
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=1)
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--boards", type=int, default=1000)
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="espial-bench-")
    try:
        print(json.dumps(run(arguments, directory), indent=1))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
