"""The benchmark's job as a Python engineer would write it for speed.

    peer.py URL AS_OF [MODEL_FOLDER]

Reads four tables, cleans them, works out features at four cutoffs, trains on two, calibrates on the
third, scores and explains every user, and writes three tables to schema peer. Prints one line of
JSON for each phase. With MODEL_FOLDER it leaves the model, the rows and the explanations there, so
that another program can explain the same rows.
"""

import json
import os
import resource
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path


class Phases:
    """Seconds and processor seconds of each phase, printed when it ends."""

    def __init__(self):
        self._mark()

    def _mark(self):
        self.wall, self.cpu = time.perf_counter(), sum(os.times()[:2])

    def end(self, phase: str, rows: int | None = None):
        print(json.dumps({
            "phase": phase, "seconds": round(time.perf_counter() - self.wall, 4),
            "cpu": round(sum(os.times()[:2]) - self.cpu, 3), "rows": rows}), flush=True)
        self._mark()


def main(url: str, as_of: datetime, model_folder: Path | None):
    phases = Phases()
    import numpy as np
    import polars as pl

    import features as feature
    import model
    import publish
    import segments as segment
    import shop as source

    threads = os.cpu_count() or 1
    phases.end("start")

    shop = source.read(url, as_of)
    phases.end("extract", shop.rows)

    shop.orders = source.clean(shop.orders)
    phases.end("clean", len(shop.orders))

    month = timedelta(days=30)
    validation = as_of - month
    cutoffs = [validation - 2 * month, validation - month, validation]
    data = feature.Prepared(shop, [*cutoffs, as_of])
    tonight = feature.features(data, as_of)
    samples = []
    for cutoff in cutoffs:
        frame = feature.features(data, cutoff).filter(pl.col("events_180d") > 0)
        labels = feature.churned(data, frame["user_id"], cutoff).to_numpy()
        samples.append((model.matrix(frame), labels))
    # Nothing needs the rows any more.
    del data, shop
    phases.end("features", len(tonight))

    (held, held_labels) = samples.pop()
    booster = model.train([rows for rows, _ in samples], [labels for _, labels in samples], threads)
    held_margins = model.margins(booster, held)
    probability = model.calibrated(held_margins, held_labels)
    quality = model.auc(held_margins, held_labels)
    phases.end("train", sum(len(labels) for _, labels in samples))

    rows = model.matrix(tonight)
    probabilities = probability(model.margins(booster, rows))
    contributions = model.contributions(booster, rows, threads)
    top, causes = model.causes(contributions)
    scores = pl.select(
        user_id=tonight["user_id"], churn_probability=pl.Series(probabilities),
        churn_risk=pl.Series(np.select(
            [probabilities >= 0.6, probabilities >= 0.3], ["high", "medium"], "low")),
        top_cause=top, causes=causes)
    phases.end("score", len(scores))

    segments = segment.segments(tonight, scores)
    phases.end("segments", len(segments))

    written = publish.publish(
        url, as_of,
        {"user_scores": scores, "user_segments": segments, "user_features": tonight})
    phases.end("write", written)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"phase": "peak", "megabytes": peak, "auc": quality}))

    if model_folder:
        booster.save_model(model_folder / "model.json")
        rows.tofile(model_folder / "rows.f32")
        contributions.astype(np.float32).tofile(model_folder / "contributions.f32")


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]).replace(tzinfo=timezone.utc),
         Path(sys.argv[3]) if len(sys.argv) > 3 else None)
