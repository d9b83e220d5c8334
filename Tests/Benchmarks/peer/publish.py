"""Three tables, written by COPY in one transaction."""

from datetime import datetime

import polars as pl
import psycopg

from features import MONEY

TYPES = {pl.Int64: "int8", pl.Int32: "int4", pl.Float64: "float8", pl.String: "text"}
JSON = {"causes"}


def publish(url: str, as_of: datetime, tables: dict[str, pl.DataFrame]) -> int:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS peer CASCADE; CREATE SCHEMA peer")
        for name, frame in tables.items():
            cursor.execute(
                f"CREATE TABLE peer.{name} (as_of timestamptz NOT NULL DEFAULT '{as_of}', "
                f"run_id int8 NOT NULL DEFAULT 1, {', '.join(map(_column, frame.schema.items()))})")
            # Polars writes CSV on all cores, and the server reads it as fast as binary rows.
            with cursor.copy(
                f"COPY peer.{name} ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv)"
            ) as copy:
                for part in frame.with_columns(
                    pl.col(column).cast(pl.Decimal(38, 2)) / 100
                    for column in MONEY if column in frame.columns
                ).iter_slices(65_536):
                    copy.write(part.write_csv(include_header=False))
            cursor.execute(f"ALTER TABLE peer.{name} ADD PRIMARY KEY (user_id)")
    return sum(map(len, tables.values()))


def _column(column) -> str:
    name, kind = column
    if name in MONEY:
        return f"{name} numeric(38, 2)"
    return f"{name} {'jsonb' if name in JSON else TYPES[kind.base_type()]}"
