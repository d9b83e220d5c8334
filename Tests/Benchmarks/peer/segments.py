"""Fifths of recency, frequency and monetary value, and the first segment whose rule holds."""

import numpy as np
import polars as pl


def segments(features: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    r = pl.Series(6 - _fifths(features["recency_days"]))
    f = _fifths(features["orders_180d"])
    m = _fifths(features["spend_180d"])
    risk = scores["churn_risk"]
    return pl.select(
        user_id=features["user_id"], risk=risk, r=r, f=f, m=m
    ).select(
        "user_id",
        segment=pl.when((pl.col("risk") == "high") & (pl.col("m") >= 4)).then(pl.lit("at_risk"))
        .when((pl.col("f") >= 4) & (pl.col("risk") == "low")).then(pl.lit("loyal"))
        .otherwise(pl.lit("regular")),
        r=pl.col("r"), f=pl.col("f"), m=pl.col("m"))


def _fifths(values: pl.Series) -> pl.Series:
    """From 1 to 5 by breaks (percentile_disc), so that equal values have equal fifths."""
    known = np.sort(values.drop_nulls().to_numpy())
    breaks = [known[(place * len(known) + 4) // 5 - 1] for place in range(1, 5)]
    below = np.searchsorted(breaks, values.fill_null(0).to_numpy(), side="left")
    return pl.select(
        pl.when(values.is_not_null()).then(pl.Series(below + 1)).cast(pl.Int32)).to_series()
