"""Section 9: the older protocol's four structs."""

from case import bad, good, readable

MODULE = "5c:cf:7f:01:02:03"
SOFTAP = "24:6f:28:aa:bb:cd"
NONE_12 = "ff" * 12
SENSOR = "28ff641e8216c3a1"

SEARCH = dict(server=7, id=3, address=MODULE, channel=1, functions=[])
ANSWER = dict(server=7, id=7, address=SOFTAP, channel=11,
              functions=[[1, 0, 1], [2, 1, 255], [4, 2, 0]])
THERMOSTAT = dict(set_points=False, function=1, type=0, u=[1, 0, 0, 0, 0],
                  f=[21.5, 19.0, 0.0, 0.0, 0.0], sensor=SENSOR)
SET_POINT = dict(set_points=True, function=1, type=0, u=[22, 0, 0, 0, 0], f=[0.0] * 5,
                 sensor="00" * 8)
FLOATS_0 = "00 00 00 00" * 5

S0 = [
    good("a module's search", "s0_pairing",
         "00 07 03 5c cf 7f 01 02 03 01" + NONE_12 * 3, **SEARCH),
    good("the server's answer: thermostat, thermometer, relay", "s0_pairing",
         "00 07 07 24 6f 28 aa bb cd 0b" + "01 02 04" + "ff" * 9 + "00 01 02" + "ff" * 9
         + "01 ff 00" + "ff" * 9, **ANSWER),
    good("an answer that fills all twelve slots", "s0_pairing",
         **dict(ANSWER, server=255, id=255,
                functions=[[n, n % 3, 11 - n] for n in range(12)])),
    bad("pairing: cut", "s0_pairing", "too_short", "00 07 03 5c cf 7f 01 02 03 01" + "ff" * 35),
    bad("pairing: a byte too many", "s0_pairing", "bad_length",
        "00 07 03 5c cf 7f 01 02 03 01" + "ff" * 37),
    bad("pairing: nothing at all", "s0_pairing", "too_short", ""),
    bad("pairing: another message", "s0_pairing", "not_ours", "03 00 00 00 01 00 00 00"),
    bad("pairing: no server", "s0_pairing", "bad_value",
        "00 00 03 5c cf 7f 01 02 03 01" + NONE_12 * 3),
    good("a thermostat that heats at 21.5 °C, set to 19 °C", "s0_values",
         "01 01 00 01 00 00 00 00 00 00 ac 41 00 00 98 41" + "00" * 12 + SENSOR, **THERMOSTAT),
    good("a thermometer whose sensor failed", "s0_values",
         "01 02 01 00 00 00 00 00 00 00 c0 7f" + "00" * 16 + "00" * 8, set_points=False,
         function=2, type=1, u=[0] * 5, f=[None, 0.0, 0.0, 0.0, 0.0], sensor="00" * 8),
    good("a relay that is on", "s0_values", "01 04 02 01 00 00 00 00" + FLOATS_0 + "00" * 8,
         set_points=False, function=4, type=2, u=[1, 0, 0, 0, 0], f=[0.0] * 5, sensor="00" * 8),
    good("every field of a type of the configuration's own", "s0_values",
         set_points=False, function=9, type=3, u=[1, 2, 3, 4, 255],
         f=[0.5, -0.25, 1024.0, -65536.0, 3.0], sensor="0102030405060708"),
    good("set point: 22 °C", "s0_values", "02 01 00 16 00 00 00 00" + FLOATS_0 + "00" * 8,
         **SET_POINT),
    good("relay: switch on", "s0_values", "02 04 02 01 01 00 00 00" + FLOATS_0 + "00" * 8,
         set_points=True, function=4, type=2, u=[1, 1, 0, 0, 0], f=[0.0] * 5, sensor="00" * 8),
    bad("values: cut", "s0_values", "too_short", "01 01 00 01" + "00" * 31),
    bad("values: a byte too many", "s0_values", "bad_length", "01 01 00 01" + "00" * 33),
    bad("values: another message", "s0_values", "not_ours", "04 07"),
    bad("values: the header of a later protocol", "s0_values", "not_ours", "10 08" + "00" * 34),
    good("ping 1", "s0_ping", "03 00 00 00 01 00 00 00", number=1),
    good("ping -2", "s0_ping", "03 00 00 00 fe ff ff ff", number=-2),
    readable("ping: padding is whatever lay there", "s0_ping", "03 a5 5a ff 15 cd 5b 07",
             number=123456789),
    bad("ping: cut", "s0_ping", "too_short", "03 00 00 00 01 00 00"),
    bad("ping: a byte too many", "s0_ping", "bad_length", "03 00 00 00 01 00 00 00 00"),
    good("reset of network 7's modules", "s0_reset", "04 07", server=7),
    bad("reset: cut", "s0_reset", "too_short", "04"),
    bad("reset: a byte too many", "s0_reset", "bad_length", "04 07 00"),
    bad("reset: no server", "s0_reset", "bad_value", "04 00"),
]

FILES = {"s0": S0}
