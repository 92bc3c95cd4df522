"""Writes every "hex" of the golden vectors into a folder, a file each: what the fuzz targets start from.

usage: vectors_to_corpus.py FOLDER
"""
import hashlib
import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "protocol" / "vectors"


def hex_texts(value):
    if isinstance(value, dict):
        if isinstance(value.get("hex"), str):
            yield value["hex"]
        for part in value.values():
            yield from hex_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from hex_texts(part)


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(VECTORS.glob("*.json")):
        for text in hex_texts(json.loads(file.read_text(encoding="utf-8"))):
            content = bytes.fromhex(text)
            (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
