"""Forty-seven features of each user, as known before an instant.

Each row falls into the shortest window that holds it and is looked at once; the longer windows are
put together from the sums of the shorter ones.
"""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from shop import Shop, clip

WINDOWS = (30, 90, 180)


class Prepared:
    """What does not depend on the cutoff, worked out once for all of them."""

    def __init__(self, shop: Shop, cutoffs: list[datetime]):
        self.users = shop.users.select("user_id", "signed_up_at").sort("user_id")
        self.orders = shop.orders
        kind = pl.col("kind")
        self.events = shop.events.select(
            "user_id", "occurred_at", "seconds",
            view=kind == "view", cart=kind == "cart", search=kind == "search",
            # The set of categories as bits; there are fewer than 64.
            categories=np.left_shift(np.int64(1), shop.events["category"].to_numpy()))
        self.complaints = shop.complaints.select("user_id", "opened_at")
        self.last_events = _last_before(shop.events, "occurred_at", sorted(cutoffs))


def features(data: Prepared, cutoff: datetime) -> pl.DataFrame:
    """One row for each user who was there before the cutoff, in order."""
    users = data.users.filter(pl.col("signed_up_at") < cutoff).select("user_id")
    parts = [*_orders(data, cutoff), *_events(data, cutoff), *_complaints(data, cutoff)]
    for part in parts:
        users = users.join(part, on="user_id", how="left", maintain_order="left")
    return users.with_columns(pl.col(COUNTS).fill_null(0)).with_columns(
        spend_trend=_ratio(pl.col("spend_30d") / 100, pl.col("spend_90d") / 100 / 3),
        events_trend=_ratio(pl.col("events_30d"), pl.col("events_90d") / 3.0),
    ).select("user_id", *COLUMNS)


def churned(data: Prepared, users: pl.Series, cutoff: datetime) -> pl.Series:
    """Who has no event in the thirty days after the cutoff."""
    seen = data.events.filter(
        pl.col("occurred_at").is_between(cutoff, cutoff + timedelta(days=30), closed="left"))
    return ~users.is_in(seen["user_id"].unique().implode())


def _orders(data: Prepared, cutoff: datetime) -> list[pl.DataFrame]:
    rows = clip(data.orders.filter(pl.col("ordered_at") < cutoff)).filter(
        pl.col("status") != "cancelled")
    parts = _by_age(rows, "ordered_at", cutoff, dict(
        orders=pl.len().cast(pl.Int64), spend=pl.col("amount").sum(),
        items=pl.col("items").cast(pl.Int64).sum(), discount=pl.col("discount").sum(),
        dearest=pl.col("amount").max(),
        first=pl.col("ordered_at").min(), last=pl.col("ordered_at").max()))
    sums = [pl.col("orders", "spend", "items", "discount").sum()]
    tables = []
    for days, windowed in _windows(parts, sums):
        spend = pl.col("spend")
        tables.append(windowed.select(
            "user_id",
            pl.col("orders").alias(f"orders_{days}d"), spend.alias(f"spend_{days}d"),
            (spend / pl.col("orders") / 100).alias(f"mean_amount_{days}d"),
            pl.col("items").alias(f"items_{days}d"),
            _ratio(pl.col("discount"), spend + pl.col("discount")).alias(f"discount_share_{days}d")))
    ever = parts.group_by("user_id").agg(
        recency_days=_days_since(pl.col("last").max(), cutoff),
        tenure_days=_days_since(pl.col("first").min(), cutoff),
        all_orders=pl.col("orders").sum(), all_spend=pl.col("spend").sum(),
        dearest=pl.col("dearest").max())
    return [*tables, ever]


def _events(data: Prepared, cutoff: datetime) -> list[pl.DataFrame]:
    recent = data.events.filter(
        pl.col("occurred_at").is_between(
            cutoff - timedelta(days=WINDOWS[-1]), cutoff, closed="left"))
    parts = _by_age(recent, "occurred_at", cutoff, dict(
        events=pl.len().cast(pl.Int64), views=pl.col("view").sum().cast(pl.Int64),
        carts=pl.col("cart").sum().cast(pl.Int64), searches=pl.col("search").sum().cast(pl.Int64),
        categories=pl.col("categories").bitwise_or(), seconds=pl.col("seconds").sum(),
        longest=pl.col("seconds").max()))
    combined = [
        pl.col("events", "views", "carts", "searches").sum(),
        pl.col("categories").bitwise_or().bitwise_count_ones().cast(pl.Int64),
        pl.col("seconds").sum(), pl.col("longest").max()]
    tables = [
        windowed.rename({name: f"{name}_{days}d" for name in windowed.columns if name != "user_id"})
        for days, windowed in _windows(parts, combined)]
    last = data.last_events[cutoff].select(
        "user_id", event_recency_days=_days_since(pl.col("last"), cutoff))
    return [*tables, last]


def _complaints(data: Prepared, cutoff: datetime) -> list[pl.DataFrame]:
    rows = data.complaints.filter(pl.col("opened_at") < cutoff)
    parts = _by_age(rows, "opened_at", cutoff, dict(complaints=pl.len().cast(pl.Int64)))
    return [
        windowed.rename({"complaints": f"complaints_{days}d"})
        for days, windowed in _windows(parts, [pl.col("complaints").sum()])]


def _by_age(rows: pl.DataFrame, time: str, cutoff: datetime, sums: dict[str, pl.Expr]):
    """Sums of the rows of each user and of the shortest window that holds them."""
    return _by_user_and(
        rows, [pl.col(time) < cutoff - timedelta(days=days) for days in WINDOWS], "age", sums)


def _by_user_and(rows, steps: list[pl.Expr], name: str, sums: dict[str, pl.Expr]):
    """Groups by user and by how many of some steps hold. One key is grouped by twice as fast as two."""
    held = pl.sum_horizontal([step.cast(pl.Int64) for step in steps])
    return rows.group_by(key=pl.col("user_id") * 8 + held).agg(**sums).with_columns(
        pl.col("key") % 8, user_id=pl.col("key") // 8).rename({"key": name})


def _windows(parts: pl.DataFrame, combined: list[pl.Expr]):
    for place, days in enumerate(WINDOWS):
        yield days, parts.filter(pl.col("age") <= place).group_by("user_id").agg(combined)


def _last_before(rows: pl.DataFrame, time: str, cutoffs: list[datetime]):
    """Each user's last row before each of some cutoffs, in one pass."""
    parts = _by_user_and(
        rows, [pl.col(time) >= cutoff for cutoff in cutoffs], "after",
        {"last": pl.col(time).max()})
    return {
        cutoff: parts.filter(pl.col("after") <= place).group_by("user_id").agg(pl.col("last").max())
        for place, cutoff in enumerate(cutoffs)}


def _days_since(time: pl.Expr, cutoff: datetime) -> pl.Expr:
    return (pl.lit(cutoff.date()) - time.dt.date()).dt.total_days().cast(pl.Int32)


def _ratio(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    return pl.when(under != 0).then(over / under)


_WINDOWED_ORDERS = ("orders", "spend", "mean_amount", "items", "discount_share")
_WINDOWED_EVENTS = ("events", "views", "carts", "searches", "categories", "seconds", "longest")


def _named(names) -> list[str]:
    return [f"{name}_{days}d" for name in names for days in WINDOWS]


COLUMNS = [
    *_named(_WINDOWED_ORDERS),
    "recency_days", "tenure_days", "all_orders", "all_spend", "dearest",
    *_named(_WINDOWED_EVENTS), "event_recency_days", *_named(("complaints",)),
    "spend_trend", "events_trend",
]
# Nothing counted is 0; nothing summed is null.
COUNTS = [
    *_named(("orders", "events", "views", "carts", "searches", "categories", "complaints")),
    "all_orders",
]
# Whole cents until they are handed on.
MONEY = [*_named(("spend",)), "all_spend", "dearest"]
