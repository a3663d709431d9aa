import { formatInstant, type Reason } from '#pkg/base';
import { isTerminalOrderStatus, type Order, type Position, type PositionId } from '#pkg/domain';
import type { FleetEvent, StepRow, WorkflowTree } from '#pkg/store';

import { describeOrder, describePosition } from './words.ts';

/** All that is known of one position. */
export interface PositionRows {
  readonly position: Position;
  readonly accountName: string;
  readonly orders: readonly Order[];
  /** In the order in which they were submitted. */
  readonly trees: readonly WorkflowTree[];
  readonly events: readonly FleetEvent[];
}

/** One thing that happened. */
export interface Moment {
  readonly atMs: number;
  readonly kind: 'position' | 'workflow' | 'step' | 'order' | 'event';
  readonly text: string;
  readonly reason: Reason | undefined;
}

export interface PositionStory {
  readonly positionId: PositionId;
  /** What it is and holds, or how it ended, in one sentence. */
  readonly summary: string;
  /** Why it waits, failed or was not opened: of its row, else of the step that it waits for. */
  readonly reason: Reason | undefined;
  /** Steps that are not over, and what each waits for. */
  readonly waits: readonly string[];
  /** Oldest first. */
  readonly moments: readonly Moment[];
}

/** Tells the story of a position. Pure: the order of the rows given does not matter. */
export function narratePosition(rows: PositionRows): PositionStory {
  const { position, accountName, orders, trees, events } = rows;
  const waiting = trees.flatMap((tree) => waitingSteps(tree).map((step) => ({ tree, step })));
  const moments = [
    ...momentsOfPosition(position),
    ...trees.flatMap(momentsOfTree),
    ...orders.flatMap(momentsOfOrder),
    ...events.map(momentOfEvent),
  ];
  return {
    positionId: position.id,
    summary: describePosition(position, accountName, orders),
    reason: position.reason ?? waiting.find(({ step }) => step.reason !== undefined)?.step.reason,
    waits: waiting.map(({ tree, step }) => describeWait(tree, step)),
    moments: moments.toSorted(
      (a, b) => a.atMs - b.atMs || RANK[a.kind] - RANK[b.kind] || (a.text < b.text ? -1 : 1),
    ),
  };
}

/** At one instant: what was asked for before what came of it. */
const RANK: Readonly<Record<Moment['kind'], number>> = {
  position: 0,
  workflow: 1,
  step: 2,
  order: 3,
  event: 4,
};

function momentsOfPosition(position: Position): readonly Moment[] {
  const { direction, symbol, slot, createdAtMs } = position;
  return [
    {
      atMs: createdAtMs,
      kind: 'position',
      text: `took ${direction} slot ${slot} with ${symbol}`,
      reason: undefined,
    },
  ];
}

function momentsOfTree({ workflow, steps }: WorkflowTree): readonly Moment[] {
  const { name, state, reason, submittedAtMs, finishedAtMs } = workflow;
  const submitted = { atMs: submittedAtMs, kind: 'workflow', reason: undefined } as const;
  const moments: Moment[] = [{ ...submitted, text: `${name} submitted` }];
  if (finishedAtMs !== undefined && state !== 'completed') {
    moments.push({ atMs: finishedAtMs, kind: 'workflow', text: `${name} ended ${state}`, reason });
  }
  return [...moments, ...steps.flatMap((step) => momentOfStep(name, step))];
}

/** Steps that never started say nothing: what they waited for is told while they wait. */
function momentOfStep(workflow: string, step: StepRow): readonly Moment[] {
  const atMs = step.startedAtMs;
  if (atMs === undefined) return [];
  const took =
    step.finishedAtMs === undefined ? '' : ` in ${Math.round(step.finishedAtMs - atMs)} ms`;
  const rung = readRung(step.args);
  const tries = [
    step.attempts > 0 ? `failed ${timesOf(step.attempts)}` : '',
    step.crashes > 0 ? `crashed ${timesOf(step.crashes)}` : '',
    step.deferrals > 0 ? `deferred ${timesOf(step.deferrals)}` : '',
    step.box === undefined ? '' : `on ${step.box}`,
    step.error ?? '',
  ].filter((part) => part !== '');
  const rest = tries.length === 0 ? '' : ` (${tries.join(', ')})`;
  return [
    {
      atMs,
      kind: 'step',
      text: `${workflow}/${step.name}${rung} ${step.state}${took}${rest}`,
      reason: step.reason,
    },
  ];
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** The rung that a step's arguments name. */
function readRung(args: string): string {
  const found = /"rungIndex":(?<rung>\d+)/u.exec(args)?.groups?.['rung'];
  return found === undefined ? '' : ` ${found}`;
}

function momentsOfOrder(order: Order): readonly Moment[] {
  const { purpose, rungIndex, createdAtMs, filledAtMs, venueUpdatedAtMs, status } = order;
  const name = purpose === 'rung' ? `rung ${rungIndex}` : purpose;
  const moments: Moment[] = [
    {
      atMs: createdAtMs,
      kind: 'order',
      text: `${name} ${order.clientOrderId} planned: ${describeOrder(order)}`,
      reason: undefined,
    },
  ];
  const endedAtMs = filledAtMs ?? (isTerminalOrderStatus(status) ? order.updatedAtMs : undefined);
  if (endedAtMs !== undefined) {
    const isFilled = order.filledQuantity.gt(0);
    const fill = isFilled
      ? ` ${order.filledQuantity.toFixed()} at ${order.averagePrice?.toFixed() ?? 'its price'}`
      : '';
    moments.push({
      atMs: endedAtMs,
      kind: 'order',
      text: `${name} ${status}${fill}`,
      reason: undefined,
    });
  } else if (venueUpdatedAtMs !== undefined) {
    moments.push({
      atMs: venueUpdatedAtMs,
      kind: 'order',
      text: `${name} ${status} at the venue`,
      reason: undefined,
    });
  }
  return moments;
}

function momentOfEvent(event: FleetEvent): Moment {
  const { atMs, kind, message, reason } = event;
  return { atMs, kind: 'event', text: `${kind}: ${message}`, reason };
}

/** Of a workflow that is not over: what may run, runs, or sleeps. */
function waitingSteps({ workflow, steps }: WorkflowTree): readonly StepRow[] {
  if (workflow.finishedAtMs !== undefined) return [];
  return steps.filter(
    ({ state }) => state === 'ready' || state === 'delayed' || state === 'running',
  );
}

function describeWait({ workflow }: WorkflowTree, step: StepRow): string {
  const until =
    step.state === 'delayed' && step.runAfterMs !== undefined
      ? ` until ${formatInstant(step.runAfterMs)}`
      : '';
  const why = step.reason === undefined ? '' : `: ${step.reason}`;
  return `${workflow.name}/${step.name} is ${step.state} in lane ${step.lane}${until}${why}`;
}
