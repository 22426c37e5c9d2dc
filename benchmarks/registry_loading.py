"""How long the reference registry takes to load a population, beside SQLite's own bulk load of the same rows.

The registry starts from the folder: it checks the files against the manifest, reads Parquet, folds the keys of
searches and writes the database with its indexes. The peer has every row in memory already and does nothing but insert
them, into the same tables with the same indexes and the same settings: one `executemany` a table.

    .venv/bin/python benchmarks/registry_loading.py [--quick] [--children N] [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from overreach.contactpoint import loading, schema
from overreach.contactpoint.folder import open_folder

GOAL = 3.0  # times as long as SQLite's own
Rows = dict[str, list[tuple[object, ...]]]


def main() -> int:
    """Measure, print a line or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10,000 children, three rounds")
    parser.add_argument("--children", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.quick:
        asked.children, asked.rounds = 10_000, 3
    with tempfile.TemporaryDirectory(prefix="overreach-benchmark-") as folder:
        figure = measure(Path(folder), asked.children, asked.rounds)
    text = "{figure:<40} {value:>6} s  peer {peer_value:>6} s ({peer})  ratio {ratio}  goal {goal}".format(**figure)
    print(json.dumps(figure) if asked.json else f"{text}: {'met' if figure['met'] else 'NOT MET'}")
    return 0


def measure(folder: Path, children: int, rounds: int) -> dict[str, object]:
    """Both in turns; medians, and the median of the ratios within a round."""
    population = folder / "population"
    generate = [sys.executable, "-m", "overreach", "generate", "small_england", "--children", str(children)]
    subprocess.run([*generate, "--out", str(population)], check=True, capture_output=True)
    registry(population, folder / "first.sqlite")
    rows = rows_of(folder / "first.sqlite")
    ours, peers = [], []
    for number in range(rounds):
        ours.append(registry(population, folder / f"ours{number}.sqlite"))
        peers.append(bulk(rows, folder / f"peer{number}.sqlite"))
    ratio = statistics.median(mine / other for mine, other in zip(ours, peers, strict=True))
    return {
        "figure": f"loading {children:,} children, {sum(map(len, rows.values())):,} rows",
        "value": round(statistics.median(ours), 2),
        "unit": "s",
        "least": round(min(ours), 2),
        "most": round(max(ours), 2),
        "peer": "the same rows, in memory already, by executemany",
        "peer_value": round(statistics.median(peers), 2),
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "met": ratio <= GOAL,
    }


def registry(population: Path, database: Path) -> float:
    """Seconds from the folder to a database that can be served."""
    began = time.perf_counter()
    loading.load(open_folder(population), database, "benchmark", lambda _done, _total: None)
    return time.perf_counter() - began


def rows_of(database: Path) -> Rows:
    """Every row of every table."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        tables = [name for (name,) in names.fetchall()]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}  # noqa: S608 - its own names


def bulk(rows: Rows, database: Path) -> float:
    """Seconds that SQLite takes for the same rows, tables, indexes and settings."""
    began = time.perf_counter()
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        connection.executescript(schema.REFERENCE + schema.STATE)
        connection.execute("BEGIN")
        for table, content in rows.items():
            if content:
                marks = ", ".join("?" * len(content[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", content)  # noqa: S608 - its own names
        connection.execute("COMMIT")
        connection.executescript(schema.INDEXES)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
