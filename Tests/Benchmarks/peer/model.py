"""Training, calibration, scores and their causes, with the settings that Roost uses."""

from fnmatch import fnmatch

import numpy as np
import polars as pl
import xgboost
from fasttreeshap_fixed import TreeExplainer

from features import COLUMNS, MONEY

CAUSES = {
    "price": ["discount_share_*", "mean_amount_*"],
    "service": ["complaints_*"],
    "buying": ["orders_*", "spend_*", "items_*", "recency_days"],
    "browsing": ["events_*", "views_*", "carts_*", "searches_*", "categories_*", "seconds_*",
                 "event_recency_days"],
}
KEPT_CAUSES = 3


# FastTreeSHAP v2 takes the wrong way where a value is missing (v1, half as fast, does not). No
# feature is below 0, so that missing values can be told apart all the same.
MISSING = -1.0


def matrix(frame: pl.DataFrame) -> np.ndarray:
    """The features as XGBoost takes them: 32-bit floats, row after row."""
    return frame.select(
        (pl.col(name) / 100 if name in MONEY else pl.col(name))
        .cast(pl.Float32).fill_null(MISSING).alias(name) for name in COLUMNS
    ).to_numpy(order="c")


def train(parts: list[np.ndarray], labels: list[np.ndarray], threads: int) -> xgboost.Booster:
    y = np.concatenate(labels).astype(np.float32)
    data = xgboost.QuantileDMatrix(np.concatenate(parts), y, nthread=threads)
    return xgboost.train(
        {
            "objective": "binary:logistic", "tree_method": "hist", "base_score": float(y.mean()),
            "max_depth": 6, "eta": 0.1, "subsample": 0.8, "colsample_bytree": 0.8,
            "min_child_weight": 20, "lambda": 1, "seed": 1, "nthread": threads,
        }, data, num_boost_round=200)


def margins(booster: xgboost.Booster, rows: np.ndarray) -> np.ndarray:
    return booster.inplace_predict(rows, predict_type="margin")


def contributions(booster: xgboost.Booster, rows: np.ndarray, threads: int) -> np.ndarray:
    """Exact SHAP values by FastTreeSHAP v2."""
    explainer = TreeExplainer(booster, algorithm="v2", n_jobs=threads)
    return explainer.shap_values(rows, check_additivity=False)


def calibrated(margins: np.ndarray, labels: np.ndarray):
    """Platt scaling by Newton's method: a function from margins to probabilities."""
    positives = labels.sum()
    target = np.where(
        labels, (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2))
    design = np.stack([margins.astype(np.float64), np.ones(len(margins))], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        hessian = design.T @ (design * (p * (1 - p))[:, None])
        step = np.linalg.solve(hessian, design.T @ (p - target))
        weights -= step
        if np.abs(step).max() < 1e-10:
            break
    slope, intercept = weights
    return lambda margins: 1 / (1 + np.exp(-(slope * margins.astype(np.float64) + intercept)))


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    ranks = pl.Series(scores).rank("average").to_numpy()
    positives = int(labels.sum())
    above = ranks[labels].sum() - positives * (positives + 1) / 2
    return float(above / positives / (len(labels) - positives))


def causes(contributions: np.ndarray) -> tuple[pl.Series, pl.Series]:
    """For each row the cause that raises the risk most, and the strongest causes as JSON."""
    names = np.array([*CAUSES, "other"])
    owner = [
        next((place for place, patterns in enumerate(CAUSES.values())
              if any(fnmatch(column, pattern) for pattern in patterns)), len(CAUSES))
        for column in COLUMNS]
    sums = contributions @ np.eye(len(names))[owner]
    total = np.abs(sums).sum(axis=1)
    order = np.argsort(-np.abs(sums), axis=1, kind="stable")
    # The strongest that raises the risk is always among those kept.
    best = sums.argmax(axis=1)
    raises = sums.max(axis=1) > 0
    missing = raises & ~(order[:, :KEPT_CAUSES] == best[:, None]).any(axis=1)
    order[missing, KEPT_CAUSES - 1] = best[missing]
    ranked = []
    for place in range(KEPT_CAUSES):
        cause = order[:, place]
        value = sums[np.arange(len(sums)), cause]
        share = np.abs(value) / np.where(total > 0, total, 1)
        ranked.append(pl.select(
            pl.when(pl.Series(value) != 0).then(pl.format(
                '{{"cause": "{}", "share": {}, "direction": "{}"}}', pl.Series(names[cause]),
                pl.Series(share).round(3),
                pl.Series(np.where(value > 0, "up", "down"))))).to_series())
    texts = pl.select(pl.format(
        "[{}]", pl.concat_str(ranked, separator=", ", ignore_nulls=True))).to_series()
    top = pl.select(pl.when(pl.Series(raises)).then(pl.Series(names[best]))).to_series()
    return top, texts
