"""The four tables of the shop, read on one snapshot, and what cleaning does to them.

DuckDB's reader of Postgres was the fastest of those tried: it decodes binary COPY in C++, shares a
large table among connections on one exported snapshot, and reads numeric exactly. ADBC and
connectorx read over one connection, and numeric as text or through float8.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

# Amounts of money are whole cents from here on, so that sums are exact.
TABLES = {
    "users": "SELECT user_id, signed_up_at, city, level, left_at FROM shop.shop.users",
    "orders": """
        SELECT order_id, user_id, ordered_at, status, channel, (amount * 100)::BIGINT AS amount,
          (discount * 100)::BIGINT AS discount, items, updated_at
        FROM shop.shop.orders""",
    "events": """
        SELECT event_id, user_id, occurred_at, kind, category, seconds FROM shop.shop.events""",
    "complaints": "SELECT complaint_id, user_id, opened_at, topic FROM shop.shop.complaints",
}


@dataclass
class Shop:
    users: pl.DataFrame
    orders: pl.DataFrame
    events: pl.DataFrame
    complaints: pl.DataFrame

    @property
    def rows(self) -> int:
        return sum(len(frame) for frame in vars(self).values())


def read(url: str, as_of) -> Shop:
    """The rows before the as-of."""
    times = {"users": "signed_up_at", "orders": "ordered_at", "events": "occurred_at",
             "complaints": "opened_at"}
    database = duckdb.connect()
    database.execute(f"SET threads = {os.cpu_count()}; SET TimeZone = 'UTC'")
    database.execute(f"LOAD '{_extension()}'")
    database.execute(f"ATTACH '{url}' AS shop (TYPE postgres, READ_ONLY)")
    database.execute("BEGIN")
    frames = {
        name: database.execute(select).pl().filter(pl.col(times[name]) < as_of)
        for name, select in TABLES.items()
    }
    database.execute("COMMIT")
    database.close()
    return Shop(**frames)


def _extension() -> Path:
    """Where pip has put DuckDB's reader of Postgres."""
    pattern = f"duckdb_ext/extensions/v{duckdb.__version__}/*/postgres_scanner.duckdb_extension"
    return next(found for base in sys.path for found in Path(base).glob(pattern))


def clean(orders: pl.DataFrame) -> pl.DataFrame:
    """What looks at an order alone; clipping depends on the cutoff."""
    return orders.filter(pl.col("amount") >= 600).with_columns(
        pl.col("channel").fill_null("unknown"))


def clip(orders: pl.DataFrame) -> pl.DataFrame:
    """Amounts above the 99.9th percentile (percentile_disc) take its value."""
    amounts = orders["amount"].to_numpy()
    place = max(0, int(np.ceil(0.999 * len(amounts))) - 1)
    upper = int(np.partition(amounts, place)[place])
    return orders.with_columns(pl.col("amount").clip(upper_bound=upper))
