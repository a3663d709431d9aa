import {
  DIRECTIONS,
  id,
  type Account,
  type AccountId,
  type Direction,
  type Position,
  type PositionId,
  type SymbolName,
  type TradedSymbol,
} from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import {
  compareOptionsOf,
  DONE,
  evaluate,
  implementTradeStep,
  openKeyOf,
  openPosition,
  skip,
  syncAccount,
} from '#pkg/lifecycles';
import { bookOf } from '#pkg/risk';
import { planStep, type StepContext, type StepHandler } from '#pkg/steps';

import { fillAccountSlots, fillKeyOf, planAccounts } from './definitions.ts';
import type { SelectionDependencies } from './dependencies.ts';
import { readFilledRungs, readOpeningFacts, type OpeningFacts } from './opening-facts.ts';
import { judgeCandidate } from './judge-candidate.ts';
import { recordRefusal, type SideDecision } from './record-refusal.ts';
import { scoreCandidate } from './rules/score-candidate.ts';
import { freeSlots, SIDE_POLICIES } from './rules/selection-policy.ts';
import { underMarket } from './rules/under-market.ts';

export function createSlotHandlers(dependencies: SelectionDependencies): StepHandler[] {
  return [createPlanAccounts(dependencies), createFillSlots(dependencies)];
}

function createPlanAccounts({ store, random }: SelectionDependencies): StepHandler {
  return implementTradeStep(planAccounts, async () => {
    const accounts = shuffle(await store.accounts.list(), random);
    if (accounts.length === 0) return DONE;
    return {
      kind: 'expanded',
      children: accounts.map(({ id: accountId }) =>
        planStep(fillAccountSlots, { accountId }, { index: 1 }),
      ),
    };
  });
}

/** What one look at an account goes by. */
interface Scene extends OpeningFacts {
  readonly account: Account;
  readonly symbols: readonly TradedSymbol[];
  readonly marks: ReadonlyMap<SymbolName, MarkPrice>;
  readonly nowMs: number;
}

function createFillSlots(dependencies: SelectionDependencies): StepHandler {
  const { store, prices, clock } = dependencies;
  return implementTradeStep(fillAccountSlots, async (context, args) => {
    const account = await store.accounts.find(id<AccountId>(args.accountId));
    if (account === undefined) return skip('NoCandidate', 'The account is gone.');
    await resubmitOrphans(dependencies, context, account);
    // Directions that are concluded, and slots that come free, while this look goes on ask for another one.
    await context.releaseKey(fillKeyOf(account.id));
    const scene: Scene = {
      account,
      ...(await readOpeningFacts(dependencies, account)),
      symbols: await store.symbols.list(),
      marks: await prices.readAll(),
      nowMs: clock.nowMs(),
    };
    for (const direction of DIRECTIONS) {
      const decision = await fillSide(dependencies, context, scene, direction);
      await recordRefusal(dependencies, account, direction, decision);
      if (decision.kind === 'refused' && decision.reason === 'BooksNotReconciled') {
        await context.submit(syncAccount, { accountId: account.id }, compareOptionsOf(account.id));
      }
    }
    return DONE;
  });
}

/** A position that took its slot just before a crash, and whose opening was never submitted. */
async function resubmitOrphans(
  { store, clock }: SelectionDependencies,
  context: StepContext,
  account: Account,
): Promise<void> {
  const open = await store.positions.listOpen({ accountId: account.id });
  for (const position of open) {
    if (position.status !== 'new' || position.workflowId !== undefined) continue;
    await submitOpening({ store, clock }, context, position);
  }
}

async function fillSide(
  dependencies: SelectionDependencies,
  context: StepContext,
  before: Scene,
  direction: Direction,
): Promise<SideDecision> {
  const { store } = dependencies;
  const open = await store.positions.listOpen({ accountId: before.account.id });
  const account = underMarket(before.account, direction, { market: before.market, open });
  const scene: Scene = { ...before, account };
  const filledRungs = await readFilledRungs(store.orders, open);
  const side = evaluate(SIDE_POLICIES, { ...scene, direction, open, filledRungs });
  if (side.kind === 'refused') return side;
  const { candidates, refusals } = await rankCandidates(dependencies, scene, direction, open);
  const remaining = [...candidates];
  for (const slot of freeSlots({ account, direction, open })) {
    const isTaken = await takeSlot(dependencies, context, { account, direction, slot, remaining });
    if (!isTaken) {
      const [cause] = mostFirst(refusals)[0] ?? [];
      return {
        kind: 'refused',
        reason: 'NoCandidate',
        ...(cause === undefined ? {} : { cause }),
        message: `No symbol is left for a ${direction} slot of account ${account.name}${describeRefusals(refusals)}.`,
      };
    }
  }
  return { kind: 'allowed' };
}

/** Creates a position from the best candidate that the unique indexes let through; false when none is left. */
async function takeSlot(
  { store, clock, makeId }: SelectionDependencies,
  context: StepContext,
  options: {
    readonly account: Account;
    readonly direction: Direction;
    readonly slot: number;
    readonly remaining: SymbolName[];
  },
): Promise<boolean> {
  const { account, direction, slot, remaining } = options;
  for (let symbol = remaining.shift(); symbol !== undefined; symbol = remaining.shift()) {
    const taken = await store.positions.create({
      id: id<PositionId>(makeId()),
      accountId: account.id,
      symbol,
      direction,
      slot,
      settings: account.settings,
      createdAtMs: clock.nowMs(),
    });
    if (taken.kind === 'created') {
      await submitOpening({ store, clock }, context, taken.position);
      return true;
    }
    // Another run took the slot itself; the symbol is as good for the next one.
    if (taken.reason === 'NoFreeSlot') {
      remaining.unshift(symbol);
      return true;
    }
  }
  return false;
}

async function submitOpening(
  { store, clock }: Pick<SelectionDependencies, 'store' | 'clock'>,
  context: StepContext,
  position: Position,
): Promise<void> {
  const submission = await context.submit(
    openPosition,
    { positionId: position.id, rungs: position.settings.multipliers.length },
    {
      dedupeKey: openKeyOf(position),
      accountId: position.accountId,
      positionId: position.id,
    },
  );
  // The opening names itself when it starts; this only tells who will.
  const { workflowId } = submission;
  await store.positions.update(position.id, { workflowId }, clock.nowMs());
}

async function rankCandidates(
  { store, random }: SelectionDependencies,
  scene: Scene,
  direction: Direction,
  open: readonly Position[],
): Promise<{
  readonly candidates: readonly SymbolName[];
  readonly refusals: ReadonlyMap<string, number>;
}> {
  const refusals = new Map<string, number>();
  const bySymbol = new Map(scene.symbols.map((traded) => [traded.rules.symbol, traded]));
  const book = bookOf(open, {
    symbolOf: (name) => bySymbol.get(name),
    markOf: (name) => scene.marks.get(name)?.price,
  });
  const scored: { readonly symbol: SymbolName; readonly score: number }[] = [];
  for (const traded of shuffle(scene.symbols, random)) {
    const { symbol } = traded.rules;
    const decision = await judgeCandidate(store, {
      account: scene.account,
      direction,
      open,
      symbol: traded,
      mark: scene.marks.get(symbol),
      book,
      nowMs: scene.nowMs,
    });
    if (decision.kind === 'refused') {
      refusals.set(decision.reason, (refusals.get(decision.reason) ?? 0) + 1);
    } else {
      const candles = await store.candles.list(symbol, '1h', 24);
      scored.push({ symbol, score: scoreCandidate(candles, traded.directionTimeframe) });
    }
  }
  const ranked = scored.toSorted((a, b) => b.score - a.score);
  return { candidates: ranked.map(({ symbol }) => symbol), refusals };
}

function describeRefusals(refusals: ReadonlyMap<string, number>): string {
  if (refusals.size === 0) return '';
  const parts = mostFirst(refusals).map(([reason, n]) => `${n} ${reason}`);
  return ` (${parts.join(', ')})`;
}

function mostFirst(
  refusals: ReadonlyMap<string, number>,
): readonly (readonly [reason: string, count: number])[] {
  return [...refusals].toSorted((a, b) => b[1] - a[1]);
}

function shuffle<T>(items: readonly T[], random: SelectionDependencies['random']): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
