"""Asks a hub's database and prints the rows as JSON. `readings` are all readings, wherever they are.

usage: ask_database.py FILE QUERY
"""
import json
import sqlite3
import sys

COLUMNS = "device, slot, field, taken_at_ms, arrival, number, text"
# Those that the sorter has moved and not yet swept (hub/store/sorting_mark.hpp) are in their day too.
RECENT = f"""SELECT {COLUMNS} FROM recent WHERE NOT EXISTS (SELECT 1 FROM sorting
    WHERE recent.arrival < sorted_before OR (recent.arrival < pass_before
    AND (recent.device, recent.slot, recent.field, recent.arrival)
     <= (sorting.device, sorting.slot, sorting.field, sorting.arrival)))"""

database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=30, isolation_level=None)
database.execute("BEGIN")
days = [f"SELECT {COLUMNS} FROM {name}" for (name,) in database.execute("SELECT name FROM reading_days")]
database.execute("CREATE TEMP VIEW readings AS " + " UNION ALL ".join([RECENT, *days]))
print(json.dumps(database.execute(sys.argv[2]).fetchall()))
