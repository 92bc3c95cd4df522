"""A long packet's whole way (protocol/air.md section 8): a report in five parts, of which the second is lost once.

The sender knows the receiver only by what it says; frames hold one part each."""

import air_reference

MESSAGE = 0x0201
UNIT = 218  # what fits a body of 250 bytes under its seal
TOTAL = 1000


def report():
    """A PUBLISH of TOTAL bytes, 500 ms old: five readings of a kind of the network's own."""
    readings = b"".join(bytes([0x1F, size, 200]) + bytes([number]) * size
                        for number, size in enumerate([200, 200, 200, 200, 176]))
    head = bytes.fromhex("32 ff") + (TOTAL - 4).to_bytes(2, "little") + bytes.fromhex("07 00 00 f4 03")
    assert len(head + readings) == TOTAL
    return head + readings


def exchange():
    packet = report()

    def part(index, **more):
        fields = {"message": MESSAGE, "offset": index * UNIT, "total": len(packet),
                  "bytes": packet[index * UNIT:(index + 1) * UNIT].hex()}
        return {"from": "sender", "hex": air_reference.fragment(fields).hex()} | more

    def answer(code, floor, bits):
        fields = {"code": code, "message": MESSAGE, "unit": UNIT, "floor": floor, "bitmap": bits}
        return {"from": "receiver", "hex": air_reference.fragack(fields).hex()}

    return {"name": "five parts, the second lost once", "message": MESSAGE, "unit": UNIT,
            "whole": {"hex": packet.hex()},
            "steps": [part(0), part(1, lost=True), part(2), part(3),
                      answer("receiving", 1, 0b11),  # after the last part's 30 ms
                      part(1), part(4),
                      answer("complete", 5, 0)]}


FILES = {"long_exchange": [exchange()]}
