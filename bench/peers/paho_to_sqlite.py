#!/usr/bin/env python3
"""What a tutorial builds: paho's MQTT client and the sqlite3 module, a commit for each message.

usage: paho_to_sqlite.py BROKER_PORT DATABASE

Takes "name;session;value" from photoresistor/status at QoS 1 into the table that the bench made, in
WAL mode with SQLite's default synchronous=FULL. Checks nothing.
"""
import contextlib
import sqlite3
import sys
import time

import paho.mqtt.client as mqtt


def main():
    port, file = int(sys.argv[1]), sys.argv[2]
    database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")

    def on_message(_client, _data, message):
        device, _session, value = message.payload.decode().split(";")
        database.execute("INSERT INTO readings (device, taken_at_ms, value) VALUES (?, ?, ?)",
                         (device, int(time.time() * 1000), float(value)))

    def on_connect(client, *_):
        client.subscribe("photoresistor/status", qos=1)

    def on_subscribe(*_):
        print("ready", flush=True)

    client = mqtt.Client("bench-paho")
    client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
    client.connect("127.0.0.1", port)
    with contextlib.suppress(KeyboardInterrupt):
        client.loop_forever()


if __name__ == "__main__":
    main()
