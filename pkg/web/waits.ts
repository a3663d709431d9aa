import type { Reason } from '#pkg/base';
import { describeHold, listHolds } from '#pkg/holds';
import { MODES, readHalts, readMode, type Mode } from '#pkg/modes';
import { readEngineWaits, type EngineWait } from '#pkg/steps';
import type { WebStore } from './dependencies.ts';
import { viewReason, type ReasonView } from './reason-view.ts';

/** Something that waits, is paused or was refused, and why. */
export interface WaitView {
  readonly what:
    | 'account'
    | 'box'
    | 'engine'
    | 'fleet'
    | 'hold'
    | 'position'
    | 'schedule'
    | 'symbols';
  /** Who waits; a number of symbols for `symbols`, a number of workflows or steps for `engine`. */
  readonly who: string;
  readonly reason: ReasonView;
}

/** Reads every pause and refusal that stands now, with its reason; the gravest kinds first. */
export async function readWaits(store: WebStore, nowMs: number): Promise<readonly WaitView[]> {
  const [mode, halts, holds, engine, accounts, workers, positions, runs, symbols] =
    await Promise.all([
      readMode(store.settings, nowMs),
      readHalts(store.settings),
      listHolds(store.settings, nowMs),
      readEngineWaits(store),
      store.accounts.list(),
      store.workers.list(),
      store.positions.listOpen(),
      store.scheduleRuns.listNewest(),
      store.symbols.list(),
    ]);
  const wait = (what: WaitView['what'], who: string, reason: Reason | undefined): WaitView[] =>
    reason === undefined ? [] : [{ what, who, reason: viewReason(reason) }];
  const standing: Mode = MODES[mode.name];
  return [
    ...wait('fleet', `${mode.name} by ${mode.by}: ${mode.why}`, standing.reason),
    ...halts.flatMap(({ owner, why }) => wait('fleet', `${owner}: ${why}`, 'OpeningsHalted')),
    ...holds.flatMap((hold) =>
      wait(
        'hold',
        describeHold(hold, (id) => accounts.find((account) => account.id === id)?.name ?? id),
        hold.reason,
      ),
    ),
    ...engine.waits.flatMap(({ what, count, lane, reason }) =>
      wait('engine', whoWaits({ what, count, lane }), reason),
    ),
    ...accounts.flatMap((account) =>
      wait('account', account.name, account.isTradingOn ? undefined : 'TradingSwitchedOff'),
    ),
    ...workers.flatMap((row) => wait('box', `${row.box} ${row.process}`, row.reason)),
    ...positions.flatMap((position) =>
      wait('position', `${position.symbol} ${position.direction}`, position.reason),
    ),
    ...runs
      .filter((run) => run.result === 'held' || run.result === 'failed')
      .flatMap((run) => wait('schedule', run.entry, run.reason)),
    ...countBy(symbols.map((symbol) => symbol.reason)).flatMap(([reason, count]) =>
      wait('symbols', String(count), reason),
    ),
  ];
}

function whoWaits({ what, count, lane }: Pick<EngineWait, 'what' | 'count' | 'lane'>): string {
  if (count === 0) return `new ${what}`;
  return `${count} ${what}${lane === undefined ? '' : ` of lane ${lane}`}`;
}

function countBy(reasons: readonly (Reason | undefined)[]): readonly (readonly [Reason, number])[] {
  const counts = new Map<Reason, number>();
  for (const reason of reasons) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}
