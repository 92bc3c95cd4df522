#!/usr/bin/env python3
"""Writes protocol/vectors/*.json: one golden example, and the refusals, of every packet.

    tools/vectors/make_vectors.py            writes them
    tools/vectors/make_vectors.py --check    fails, with a sentence, where they are stale

The bytes come from air_reference.py, which follows protocol/air.md. Where `hand` is given they were
also written by hand from the page's pictures, and both must agree.
"""

import json
import pathlib
import sys

import air_reference
import cases_inner
import cases_plain
import cases_reports
import cases_s0
import long_exchange

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "protocol" / "vectors"


def finish(kinds, case):
    """A case as it stands in the file: name, packet, hex, and fields or refusal."""
    out = {key: case[key] for key in ("name", "packet", "kind") if key in case}
    hand = case.get("hand")
    hand = None if hand is None else bytes.fromhex(hand)
    if "refusal" in case:
        return out | {"hex": hand.hex(), "refusal": case["refusal"]}
    fields = case["fields"]
    if case["packet"] == "value":
        made = air_reference.value(kinds, fields)
    else:
        made = getattr(air_reference, case["packet"])(fields)
    if case["packet"] == "sealed":
        fields = fields | {"associated_data": air_reference.associated_data(fields).hex()}
    if case.get("read_only"):
        return out | {"hex": hand.hex(), "fields": fields, "read_only": True}
    if hand is not None and hand != made:
        raise SystemExit(f"{case['name']}: by hand {hand.hex()}, by the reference {made.hex()}")
    return out | {"hex": made.hex(), "fields": fields}


def main():
    kinds = json.loads((ROOT / "protocol" / "kinds.json").read_text())["kinds"]
    files = {name: [finish(kinds, case) for case in cases]
             for module in (cases_plain, cases_reports, cases_inner, cases_s0)
             for name, cases in module.FILES.items()}
    stale = []
    for name, vectors in (files | long_exchange.FILES).items():
        # One vector a line, so that a change shows as what it is.
        lines = ",\n".join(json.dumps(v, ensure_ascii=False) for v in vectors)
        text = f"[\n{lines}\n]\n"
        path = FOLDER / f"{name}.json"
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text)
    if stale and "--check" in sys.argv:
        raise SystemExit(f"{', '.join(stale)}: not what tools/vectors makes; "
                         "run tools/vectors/make_vectors.py")


if __name__ == "__main__":
    main()
