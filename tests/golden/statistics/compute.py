"""Computes recorded.json: the same statistics as pkg/statistics, by other means and without a library of ours.

    python3 tests/golden/statistics/compute.py > tests/golden/statistics/recorded.json

Python 3.10 or newer, standard library only. Pearson is statistics.correlation; a rank is counted (how many are smaller,
how many equal) instead of sorted; the elasticity is found by trying every slope for the least sum of absolute errors.
"""
import csv
import json
import statistics
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "data"
HOUR = 3600


def closes(symbol):
    with open(next(DATA.glob(symbol + "-1h-*.csv")), encoding="ascii") as file:
        return {int(row[0]): float(row[2]) for row in csv.reader(file)}


def moves(times, series):
    return [
        series[now] / series[before] - 1
        for before, now in zip(times, times[1:])
        if now - before == HOUR
    ]


def rank(values):
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]


def slope(own, base, sign):
    pairs = [(y, x) for y, x in zip(own, base) if x * sign > 0]
    error = lambda b: sum(abs(y - b * x) for y, x in pairs)
    return min((y / x for y, x in pairs), key=error)


def summary(own, base):
    rolled = [
        statistics.correlation(own[end - 100 : end], base[end - 100 : end])
        for end in sorted(range(len(own), 99, -10))
    ]
    coarse_own, coarse_base = ([round(v * 250) for v in vs] for vs in (own, base))
    return {
        "moves": len(own),
        "pearson": statistics.correlation(own, base),
        "spearman": statistics.correlation(rank(own), rank(base)),
        "rolling": {
            "recent": rolled[-1],
            "average": statistics.fmean(rolled),
            "weighted": sum(r * (i + 1) for i, r in enumerate(rolled))
            / sum(i + 1 for i in range(len(rolled))),
            "stability": max(0, 1 - 2 * statistics.pstdev(rolled)),
        },
        "elasticity": {"rising": slope(own, base, 1), "falling": slope(own, base, -1)},
        "spearmanOfMovesRoundedTo4PerMille": statistics.correlation(
            rank(coarse_own), rank(coarse_base)
        ),
    }


btc, eth = closes("BTCUSDT"), closes("ETHUSDT")
result = []
for end in (2500, 3300, 4308):
    # A set of times in order; the recordings repeat a few rows.
    times = sorted(set(btc) & set(eth))[:end]
    last = times[-1]
    btc_times = sorted(t for t in btc if t <= last)[-500:]
    eth_times = sorted(t for t in eth if t <= last)[-500:]
    common = sorted(set(btc_times) & set(eth_times))
    result.append(
        {"nowMs": (last + HOUR) * 1000, **summary(moves(common, eth), moves(common, btc))}
    )
print(json.dumps(result, indent=2))
