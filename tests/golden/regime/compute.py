"""Computes recorded.json: the market's score over the recorded hours of BTC with ETH, by other means than pkg/regime.

    python3 tests/golden/regime/compute.py > tests/golden/regime/recorded.json

Python 3.10 or newer, standard library only. Instants at which more than 12 of the 336 hours are absent are left out.
"""
import csv
import json
import statistics
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "data"
HOUR = 3600


def bars(symbol):
    with open(next(DATA.glob(symbol + "-1h-*.csv")), encoding="ascii") as file:
        rows = {int(r[0]): tuple(map(float, r[1:6])) for r in csv.reader(file)}
    return {t: dict(zip(("open", "close", "low", "high", "volume"), row)) for t, row in rows.items()}


def change(series, times):
    return {
        now: series[now]["close"] / series[before]["close"] - 1
        for before, now in zip(times, times[1:])
        if now - before == HOUR
    }


def score(btc, eth, last):
    times = sorted(t for t in btc if t <= last)[-336:]
    if len(times) < 336 or last - times[0] > (335 + 12) * HOUR:
        return None
    moves = list(change(btc, times).values())
    days = [[btc[t] for t in times[i : i + 24]] for i in range(0, 336, 24)]
    ranges = [max(b["high"] for b in day) / min(b["low"] for b in day) - 1 for day in days]
    volumes = [sum(b["volume"] for b in day) for day in days]
    common = sorted(set(t for t in btc if t <= last) & set(eth))[-49:]
    btc_moves, eth_moves = change(btc, common), change(eth, common)
    high = max(btc[t]["high"] for t in times)
    values = [
        statistics.pstdev(moves[-24:]) / statistics.pstdev(moves),
        ranges[-1] / statistics.fmean(ranges),
        statistics.correlation(list(btc_moves.values()), list(eth_moves.values())),
        btc[last]["close"] / high - 1,
        volumes[-1] / statistics.fmean(volumes),
    ]
    met = [values[0] > 1.3, values[1] > 1.5, values[2] > 0.7, values[3] < -0.05, values[4] > 1.2]
    wide = sorted(t for t in btc if t <= last)[-500:]
    drawdown = 1 - btc[last]["close"] / max(btc[t]["high"] for t in wide)
    points = 20 * sum(met)
    return {
        "nowMs": (last + HOUR) * 1000,
        "values": [round(v, 10) for v in values],
        "drawdownRatio": round(drawdown, 10),
        "score": max(points, 60) if drawdown >= 0.15 else points,
    }


btc, eth = bars("BTCUSDT"), bars("ETHUSDT")
common = sorted(set(btc) & set(eth))
every_61st = [score(btc, eth, last) for last in common[400::61]]
print(
    "[\n" + ",\n".join("  " + json.dumps(row) for row in every_61st if row is not None) + "\n]"
)
