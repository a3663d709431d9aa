import type { Reason } from '#pkg/base';
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
import { planStep, type StepContext, type StepHandler } from '#pkg/steps';

import { fillAccountSlots, fillKeyOf, planAccounts } from './definitions.ts';
import type { SelectionDependencies } from './dependencies.ts';
import { readFilledRungs, readOpeningFacts, type OpeningFacts } from './opening-facts.ts';
import { heldLikeness, rankCandidates, readProspects, type Side } from './rank-candidates.ts';
import { recordRefusal, type SideDecision } from './record-refusal.ts';
import { pickNext, type Candidate, type Picked } from './rules/pick-candidates.ts';
import { freeSlots, SIDE_POLICIES } from './rules/selection-policy.ts';
import { underCrowd, underMarket } from './rules/under-market.ts';
import { saveLook, WAITING_MAX } from './stored-look.ts';

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
    const open = await store.positions.listOpen({ accountId: account.id });
    for (const [direction, decision] of await fillSides(dependencies, context, scene, open)) {
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

/** A side that is being filled: what is left for it, and what it took. */
interface Filling {
  readonly side: Side;
  readonly slots: number[];
  readonly left: Candidate[];
  readonly refused: ReadonlyMap<Reason, readonly SymbolName[]>;
  /** What each next candidate must differ from. */
  readonly alike: Pick<Candidate, 'symbol' | 'dailyCorrelation'>[];
  readonly taken: (Picked & { readonly slot: number })[];
  isShort: boolean;
}

/**
 * Fills the sides of an account by turns, so that a book which ends up even is never taken for one that leans; each
 * position counts for what it will bind as soon as it has its slot.
 */
async function fillSides(
  dependencies: SelectionDependencies,
  context: StepContext,
  scene: Scene,
  before: readonly Position[],
): Promise<readonly (readonly [Direction, SideDecision])[]> {
  const begun: { direction: Direction; filling: Filling | SideDecision }[] = [];
  for (const direction of DIRECTIONS) {
    const filling = await beginSide(dependencies, context, scene, { direction, open: before });
    begun.push({ direction, filling });
  }
  const open = [...before];
  const fillings = begun.flatMap(({ filling }) => ('side' in filling ? filling : []));
  while (fillings.some(({ slots }) => slots.length > 0)) {
    for (const filling of fillings) await fillNext(dependencies, context, filling, open);
  }
  const decisions: (readonly [Direction, SideDecision])[] = [];
  for (const { direction, filling } of begun) {
    const decision = 'side' in filling ? await endSide(dependencies, filling) : filling;
    decisions.push([direction, decision]);
  }
  return decisions;
}

async function beginSide(
  dependencies: SelectionDependencies,
  context: StepContext,
  before: Scene,
  { direction, open }: { readonly direction: Direction; readonly open: readonly Position[] },
): Promise<Filling | SideDecision> {
  const { store, random } = dependencies;
  const account = underMarket(before.account, direction, { market: before.market, open });
  const scene: Scene = { ...before, account };
  const filledRungs = await readFilledRungs(store.orders, open);
  const gates = evaluate(SIDE_POLICIES, { ...scene, direction, open, filledRungs });
  if (gates.kind === 'refused') return gates;
  const { marks, nowMs } = scene;
  const { backtests = 'required' } = dependencies;
  const symbols = shuffle(scene.symbols, random);
  const side = { account, direction, open, symbols, marks, nowMs, backtests };
  const prospects = await readProspects(store);
  const { candidates, refused, unjudged } = await rankCandidates(store, side, prospects);
  await dependencies.onUnjudged(
    context,
    unjudged.map((symbol) => ({ symbol, direction })),
  );
  return {
    side,
    slots: [...freeSlots({ account, direction, open })],
    left: [...candidates],
    refused,
    alike: [...heldLikeness(side, prospects)],
    taken: [],
    isShort: false,
  };
}

/** Fills the next slot of a side, if there is one; `open` grows by what was taken. */
async function fillNext(
  dependencies: SelectionDependencies,
  context: StepContext,
  filling: Filling,
  open: Position[],
): Promise<void> {
  const { side, slots, left, alike, taken } = filling;
  const slot = slots.shift();
  if (slot === undefined) return;
  let judged: Candidate | undefined;
  const pick = (): Picked | undefined => {
    const next = pickNext(left, alike);
    judged = next;
    if (next === undefined) return undefined;
    const settings = underCrowd(next.settings, side, open);
    return { ...next, settings, rank: taken.length + 1 };
  };
  const outcome = await takeSlot(dependencies, context, { ...side, slot, pick });
  if (outcome.kind === 'none-left') {
    filling.isShort = true;
    slots.length = 0;
  } else if (outcome.kind === 'taken') {
    open.push(outcome.position);
    taken.push({ ...outcome.picked, slot });
    alike.push(outcome.picked);
  } else left.unshift(judged ?? outcome.picked);
}

async function endSide(
  { store }: SelectionDependencies,
  { side, left, alike, taken, refused, isShort }: Filling,
): Promise<SideDecision> {
  const waiting = orderWaiting(left, alike, taken.length);
  await saveLook(store.settings, side, { atMs: side.nowMs, taken, waiting, refused });
  return isShort ? describeShortage(side, refused) : { kind: 'allowed' };
}

/** The first of those that got no slot, in the order in which they would have. */
function orderWaiting(
  candidates: readonly Candidate[],
  before: readonly Pick<Candidate, 'symbol' | 'dailyCorrelation'>[],
  taken: number,
): readonly Picked[] {
  const left = [...candidates];
  const waiting: Picked[] = [];
  while (waiting.length < WAITING_MAX) {
    const next = pickNext(left, before);
    if (next === undefined) break;
    waiting.push({ ...next, rank: taken + waiting.length + 1 });
  }
  return waiting;
}

type SlotOutcome =
  | { readonly kind: 'taken'; readonly picked: Picked; readonly position: Position }
  /** Another run took the slot itself; the symbol is as good for the next one. */
  | { readonly kind: 'lost'; readonly picked: Picked }
  | { readonly kind: 'none-left' };

/** Creates a position from the best candidate that the unique indexes let through. */
async function takeSlot(
  { store, clock, makeId }: SelectionDependencies,
  context: StepContext,
  options: {
    readonly account: Account;
    readonly direction: Direction;
    readonly slot: number;
    readonly pick: () => Picked | undefined;
  },
): Promise<SlotOutcome> {
  const { account, direction, slot, pick } = options;
  for (let picked = pick(); picked !== undefined; picked = pick()) {
    const created = await store.positions.create({
      id: id<PositionId>(makeId()),
      accountId: account.id,
      symbol: picked.symbol,
      direction,
      slot,
      settings: picked.settings,
      createdAtMs: clock.nowMs(),
    });
    if (created.kind === 'created') {
      await submitOpening({ store, clock }, context, created.position);
      return { kind: 'taken', picked, position: created.position };
    }
    if (created.reason === 'NoFreeSlot') return { kind: 'lost', picked };
  }
  return { kind: 'none-left' };
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

function describeShortage(
  { account, direction }: { readonly account: Account; readonly direction: Direction },
  refused: ReadonlyMap<Reason, readonly SymbolName[]>,
): SideDecision {
  const mostFirst = [...refused].toSorted((a, b) => b[1].length - a[1].length);
  const [cause] = mostFirst[0] ?? [];
  const counts = mostFirst.map(([reason, symbols]) => `${symbols.length} ${reason}`).join(', ');
  return {
    kind: 'refused',
    reason: 'NoCandidate',
    ...(cause === undefined ? {} : { cause }),
    message: `No symbol is left for a ${direction} slot of account ${account.name}${counts === '' ? '' : ` (${counts})`}.`,
  };
}

function shuffle<T>(items: readonly T[], random: SelectionDependencies['random']): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
