import {
  judgeSetup,
  ladderKeyOf,
  prepareHistory,
  setupOf,
  type LadderSetup,
  type Verdict,
} from '#pkg/backtest';
import type { Account, Candle, Direction, SymbolName } from '#pkg/domain';
import { APPROVALS, type Approval } from '#pkg/prospects';
import type { Store } from '#pkg/store';

/** Returns every ladder that some account would build on a side, each once. */
export function ladderSetupsOf(
  accounts: readonly Account[],
  directions: readonly Direction[],
): readonly LadderSetup[] {
  const setups = new Map<string, LadderSetup>();
  for (const { settings } of accounts) {
    for (const direction of directions) {
      const setup = setupOf(settings, direction);
      setups.set(ladderKeyOf(setup), setup);
    }
  }
  return [...setups.values()];
}

/** Judges ladders over a history and stores the verdicts beside those of other ladders. */
export async function judgeLadders(
  { settings }: Pick<Store, 'settings'>,
  symbol: SymbolName,
  {
    candles,
    setups,
    nowMs,
  }: {
    readonly candles: readonly Candle[];
    readonly setups: readonly LadderSetup[];
    readonly nowMs: number;
  },
): Promise<readonly Approval[]> {
  if (setups.length === 0) return [];
  const judged = setups.map((setup): readonly [string, Approval] => [
    ladderKeyOf(setup),
    candles.length === 0 ? noHistory(nowMs) : judge(candles, setup, nowMs),
  ]);
  const before = (await APPROVALS.find(settings, symbol))?.ladders ?? {};
  const ladders = { ...before, ...Object.fromEntries(judged) };
  await APPROVALS.save(settings, symbol, { ladders }, nowMs);
  return judged.map(([, approval]) => approval);
}

function judge(candles: readonly Candle[], setup: LadderSetup, nowMs: number): Approval {
  const history = prepareHistory(candles);
  return toApproval(judgeSetup(history, setup), {
    atMs: nowMs,
    candles: history.length,
    fromMs: history.fromMs,
  });
}

function toApproval(
  { kind, message, reason, suggestion }: Verdict,
  of: Pick<Approval, 'atMs' | 'candles' | 'fromMs'>,
): Approval {
  return {
    ...{ kind, message, ...of },
    ...(reason === undefined ? {} : { reason }),
    ...(suggestion === undefined
      ? {}
      : {
          suggestion: {
            gapPercent: suggestion.gapPercent,
            profitPercent: suggestion.profitPercent,
          },
        }),
  };
}

function noHistory(nowMs: number): Approval {
  return {
    kind: 'reject',
    reason: 'CandlesMissing',
    message: 'The venue has no hourly candles of it.',
    ...{ atMs: nowMs, candles: 0, fromMs: nowMs },
  };
}
