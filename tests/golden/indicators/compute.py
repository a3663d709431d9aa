"""Computes recorded.json: the readings of pkg/indicators/local by other means, on the recorded candles.

    python3 tests/golden/indicators/compute.py > tests/golden/indicators/recorded.json

Python 3.10 or newer, standard library only, in exact fractions. An average is the weighted sum of all closes of its window
at once instead of one step after the other: after the simple mean of the first period, which seeds it, close j of n weighs
k(1-k)^(n-j) with k = 2 / (period + 1), and the seed (1-k)^n.
"""
import csv
import json
import math
from fractions import Fraction
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "data"
HOUR = 3600
WINDOW = 498


def candles(symbol):
    found = {}
    with open(next(DATA.glob(symbol + "-1h-*.csv")), encoding="ascii") as file:
        for time, opened, close, low, high, *_ in csv.reader(file):
            found[int(time)] = tuple(map(Fraction, (high, low, close)))
    return found


def average(closes, period):
    k = Fraction(2, period + 1)
    seed = sum(closes[:period]) / period
    rest = closes[period:]
    n = len(rest)
    return (1 - k) ** n * seed + sum(k * (1 - k) ** (n - 1 - j) * c for j, c in enumerate(rest))


def chop(rows):
    total = sum(
        max(h - l, abs(h - before), abs(l - before))
        for (_, _, before), (h, l, _) in zip(rows[-15:], rows[-14:])
    )
    whole = max(h for h, _, _ in rows[-14:]) - min(l for _, l, _ in rows[-14:])
    return 100 * math.log(total / whole, 14)


result = []
for symbol in ("BTCUSDT", "ETHUSDT"):
    known = candles(symbol)
    for end in (2000, 3000, 4000):
        last = sorted(known)[end]
        times = [last - back * HOUR for back in range(WINDOW - 1, -1, -1)]
        if not all(time in known for time in times):
            times = times[max(i + 1 for i, time in enumerate(times) if time not in known) :]
        rows = [known[time] for time in times]
        closes = [row[2] for row in rows]
        result.append(
            {
                "symbol": symbol,
                "atMs": (last + HOUR) * 1000 + 1,
                "candles": len(rows),
                **{
                    f"ema-{period}": [float(average(closes, period)), float(average(closes[:-1], period))]
                    for period in (40, 80, 120)
                },
                "chop": chop(rows),
                "pivot": float(sum(rows[-1]) / 3),
            }
        )
print(json.dumps(result, indent=2))
