"""Sections 5 and 6: values, readings, reports, commands and how they end."""

from case import bad, good, readable


def reading(slot, kind, value):
    return dict(slot=slot, kind=kind, value=value)


TEMPERATURE = reading(0, 1, "7308")
HUMIDITY = reading(1, 2, "7411")
SOME = dict(stream="readings", acknowledged=True, sequence=0x0102, held=3, age_ms=0,
            readings=[TEMPERATURE, HUMIDITY])
LONG_TEXT = "74657874" * 50

READINGS = [
    good("21.63 degrees at slot 0", "reading", "02 01 73 08", **TEMPERATURE),
    good("of the module itself", "reading", "f1 09 57", slot=15, kind=9, value="57"),
    good("without a value", "reading", "b0 fe", slot=11, kind=254, value=""),
    good("the longest short value", "reading", "3e 0c" + "61" * 14, slot=3, kind=12,
         value="61" * 14),
    good("the shortest long value", "reading", "3f 0f 0c" + "61" * 15, slot=3, kind=12,
         value="61" * 15),
    good("the longest value", "reading", "3f c8 0c" + LONG_TEXT, slot=3, kind=12, value=LONG_TEXT),
    bad("reading: nothing", "reading", "too_short", ""),
    bad("reading: no kind", "reading", "too_short", "02"),
    bad("reading: a value cut", "reading", "too_short", "02 01 73"),
    bad("reading: a byte behind it", "reading", "bad_length", "02 01 73 08 00"),
    bad("reading: slot 12", "reading", "bad_value", "c2 01 73 08"),
    bad("reading: slot 14", "reading", "bad_value", "e2 01 73 08"),
    bad("reading: kind 0", "reading", "bad_value", "02 00 73 08"),
    bad("reading: kind 255", "reading", "bad_value", "02 ff 73 08"),
    bad("reading: a short value in the long form", "reading", "not_canonical",
        "3f 0e 0c" + "61" * 14),
    bad("reading: a value of 201 bytes", "reading", "bad_length", "3f c9 0c" + "61" * 201),
    bad("reading: a long value cut", "reading", "too_short", "3f 0f 0c" + "61" * 14),
    bad("reading: a long form without its kind", "reading", "too_short", "3f 0f"),
]

REPORTS = [
    good("temperature and humidity", "report", "32 0c 02 01 03 00 02 01 73 08 12 02 74 11", **SOME),
    good("an event", "report", "33 07 00 00 00 05 21 06 01", stream="events", acknowledged=True,
         sequence=0, held=0, age_ms=5, readings=[reading(2, 6, "01")]),
    good("nobody waits for it", "report", "30 05 00 02 01 73 08", stream="readings",
         acknowledged=False, age_ms=0, readings=[TEMPERATURE]),
    good("an event nobody waits for", "report", "31 05 80 01 21 06 01", stream="events",
         acknowledged=False, age_ms=128, readings=[reading(2, 6, "01")]),
    good("old, with much behind it", "report",
         "32 0e ff ff ff ff 03 ff ff ff ff 0f 02 01 73 08",
         stream="readings", acknowledged=True, sequence=65535, held=65535, age_ms=0xFFFFFFFF,
         readings=[TEMPERATURE]),
    good("an age of 127 ms takes one byte", "report", "30 05 7f 02 01 73 08", stream="readings",
         acknowledged=False, age_ms=127, readings=[TEMPERATURE]),
    good("long enough for the long form", "report", stream="readings", acknowledged=True,
         sequence=9, held=300, age_ms=70000,
         readings=[reading(3, 12, LONG_TEXT), reading(4, 12, LONG_TEXT), reading(15, 9, "64e40c")]),
    bad("report: no reading", "report", "too_short", "32 04 02 01 03 00"),
    bad("report: nothing", "report", "too_short", "32 00"),
    bad("report: half a sequence", "report", "too_short", "32 01 02"),
    bad("report: an endless varint", "report", "too_short", "32 04 02 01 ff ff"),
    bad("report: held in two bytes where one does", "report", "not_canonical",
        "32 09 02 01 83 00 00 02 01 73 08"),
    bad("report: an age in two bytes where one does", "report", "not_canonical",
        "30 06 80 00 02 01 73 08"),
    bad("report: an age of 33 bits", "report", "not_canonical",
        "30 09 ff ff ff ff 1f 02 01 73 08"),
    bad("report: a varint of six bytes", "report", "not_canonical",
        "30 0a ff ff ff ff ff 01 02 01 73 08"),
    bad("report: held more than a sequence can be", "report", "bad_value",
        "32 0a 02 01 80 80 04 00 02 01 73 08"),
    bad("report: QoS 2", "report", "bad_value", "34 05 00 02 01 73 08"),
    bad("report: a flag of a later day", "report", "bad_value", "38 05 00 02 01 73 08"),
    bad("report: its second reading is cut", "report", "too_short",
        "32 0b 02 01 03 00 02 01 73 08 12 02 74"),
    bad("report: its reading is at slot 13", "report", "bad_value", "30 05 00 d2 01 73 08"),
    bad("report: another packet", "report", "not_ours", "40 02 00 00"),
    good("stored, nothing ahead of it", "stored", "40 02 05 00", stream="readings", floor=5,
         bitmap=0),
    good("stored, an event overtook", "stored", "41 03 05 00 02", stream="events", floor=5,
         bitmap=2),
    good("stored, two bytes of bitmap", "stored", "40 04 ff ff 00 80", stream="readings",
         floor=65535, bitmap=0x8000),
    good("stored, the whole bitmap", "stored", "40 06 00 01 01 00 00 80", stream="readings",
         floor=256, bitmap=0x80000001),
    readable("stored, a bitmap with zeros behind it", "stored", "40 06 05 00 02 00 00 00",
             stream="readings", floor=5, bitmap=2),
    bad("stored: half a floor", "stored", "too_short", "40 01 05"),
    bad("stored: five bytes of bitmap", "stored", "bad_length", "40 07 05 00 01 02 03 04 05"),
    bad("stored: a flag of a later day", "stored", "bad_value", "42 02 05 00"),
    bad("stored: another packet", "stored", "not_ours", "c0 00"),
]

COMMANDS = [
    good("switch the relay at slot 2 on", "command", "32 0b 0a 00 00 00 00 f1 53 65 21 04 01",
         id=10, expiry_s=0x6553F100, reading=reading(2, 4, "01")),
    good("a set point for ever", "command", "32 0e ff ff ff ff 00 00 00 00 04 03 00 80 34 08",
         id=0xFFFFFFFF, expiry_s=0, reading=reading(0, 3, "00803408")),
    good("a long text", "command", id=1, expiry_s=0, reading=reading(3, 12, LONG_TEXT)),
    bad("command: no reading", "command", "too_short", "32 08 0a 00 00 00 00 f1 53 65"),
    bad("command: half a reading", "command", "too_short", "32 0a 0a 00 00 00 00 f1 53 65 21 04"),
    bad("command: two readings", "command", "bad_length",
        "32 0e 0a 00 00 00 00 f1 53 65 21 04 01 31 04 01"),
    bad("command: as an event", "command", "bad_value", "33 0b 0a 00 00 00 00 f1 53 65 21 04 01"),
    bad("command: QoS 0", "command", "bad_value", "30 0b 0a 00 00 00 00 f1 53 65 21 04 01"),
    bad("command: far too long", "command", "bad_length", "32 d4" + "00" * 212),
    good("executed", "command_end", "40 05 0a 00 00 00 00", id=10, outcome="executed"),
    good("refused", "command_end", "40 05 04 03 02 01 01", id=0x01020304, outcome="refused"),
    good("expired", "command_end", "40 05 ff ff ff ff 02", id=0xFFFFFFFF, outcome="expired"),
    bad("command end: outcome 3", "command_end", "bad_value", "40 05 0a 00 00 00 03"),
    bad("command end: no outcome", "command_end", "too_short", "40 04 0a 00 00 00"),
    bad("command end: too long", "command_end", "bad_length", "40 06 0a 00 00 00 00 00"),
    bad("command end: a flag", "command_end", "bad_value", "41 05 0a 00 00 00 00"),
]


def value(name, kind, values, hand):
    return good(name, "value", hand, kind=kind, values=values)


def bad_value(name, kind, refusal, hand):
    return bad(name, "value", refusal, hand) | {"kind": kind}


VALUES = [
    value("21.63 degrees", "temperature", [21.63], "73 08"),
    value("as cold as it gets", "temperature", [-273.15], "4d 95"),
    value("the sensor failed", "temperature", [None], "00 80"),
    value("a word from nobody", "temperature", [], ""),
    value("44.68 %", "humidity", [44.68], "74 11"),
    value("no humidity", "humidity", [None], "ff ff"),
    value("a thermostat that heats", "thermostat", [19.5, 21, 1], "9e 07 34 08 01"),
    value("a thermostat's set point alone", "thermostat", [None, 21], "00 80 34 08"),
    value("a relay that is on", "relay", [1], "01"),
    value("a relay nobody knows of", "relay", [None], "ff"),
    value("an LED at 40 %", "led", [40], "28"),
    value("a button pressed twice", "button", [2], "02"),
    value("a bright day", "illuminance", [120000.25], "19 1b b7 00"),
    value("a photoresistor at 58 %", "light_level", [58], "3a"),
    value("somebody is there", "presence", [1], "01"),
    value("battery", "battery", [87, 3.301], "57 e5 0c"),
    value("battery without its voltage", "battery", [87], "57"),
    value("a counter at its end", "counter", [4294967294], "fe ff ff ff"),
    value("an open window", "contact", [1], "01"),
    value("a text", "text", ["Grüß Gott"], "47 72 c3 bc c3 9f 20 47 6f 74 74"),
    value("an empty text", "text", [""], ""),
    readable("a field of a later day is passed over", "value", "57 e5 0c 01 02", kind="battery",
             values=[87, 3.301]),
    bad_value("value: half a temperature", "temperature", "too_short", "73"),
    bad_value("value: colder than cold", "temperature", "bad_value", "4c 95"),
    bad_value("value: 100.01 %", "humidity", "bad_value", "11 27"),
    bad_value("value: a relay at 2", "relay", "bad_value", "02"),
    bad_value("value: a button's fifth action", "button", "bad_value", "04"),
    bad_value("value: an LED at 101 %", "led", "bad_value", "65"),
    bad_value("value: a thermostat cut in its set point", "thermostat", "too_short", "9e 07 34"),
    bad_value("value: a text that is none", "text", "bad_value", "c3 28"),
    bad_value("value: an overlong text", "text", "bad_value", "61" * 201),
    bad_value("value: a counter cut", "counter", "too_short", "fe ff ff"),
]

FILES = {"readings": READINGS, "reports": REPORTS, "commands": COMMANDS, "values": VALUES}
