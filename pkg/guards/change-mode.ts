import { formatInstant, type Clock } from '#pkg/base';
import {
  modeAfter,
  MODES,
  readMode,
  setMode,
  type Mode,
  type ModeName,
  type StandingMode,
} from '#pkg/modes';
import type { SubmitWorkflow } from '#pkg/steps';
import type { Store, WorkflowRow } from '#pkg/store';

import { WARM_UP_OPTIONS, warmUp } from './definitions.ts';

export interface ModeRequest {
  readonly name: ModeName;
  readonly by: string;
  readonly why: string;
  readonly untilMs?: number;
  /** Straight to what was asked for, without the warm-up that belongs before `normal`. */
  readonly isForced?: boolean;
}

/**
 * Lets a mode stand and records it; `normal` after a mode that held work begins with a warm-up.
 *
 * Returns the mode that stands now. Rejects with StoreUnavailableError.
 */
export async function changeMode(
  {
    store,
    submit,
    clock,
  }: {
    readonly store: Pick<Store, 'settings' | 'events'>;
    readonly submit: SubmitWorkflow;
    readonly clock: Clock;
  },
  request: ModeRequest,
): Promise<StandingMode> {
  const nowMs = clock.nowMs();
  const before = await readMode(store.settings, nowMs);
  const { by, why, untilMs } = request;
  const standing: StandingMode = {
    name: needsWarmUp(before.name, request) ? 'warm-up' : request.name,
    by,
    why,
    sinceMs: nowMs,
    ...(untilMs === undefined ? {} : { untilMs }),
  };
  await setMode(store.settings, standing);
  const { reason }: Mode = MODES[standing.name];
  await store.events.append({
    kind: 'ModeChanged',
    atMs: nowMs,
    message: `Mode ${describeMode(standing)} (it was ${before.name}).`,
    ...(reason === undefined ? {} : { reason }),
  });
  if (standing.name === 'warm-up') await submit(warmUp, undefined, WARM_UP_OPTIONS);
  return standing;
}

function needsWarmUp(before: ModeName, { name, isForced = false }: ModeRequest): boolean {
  if (name !== 'normal' || isForced) return false;
  return before === 'warm-up' || modeAfter(before) === 'warm-up';
}

/** Returns the mode as the end of a sentence: `cooldown by ann until 2026-01-01T00:00:00.000Z: new keys`. */
export function describeMode({ name, by, why, untilMs }: StandingMode): string {
  const end = untilMs === undefined ? '' : ` until ${formatInstant(untilMs)}`;
  return `${name} by ${by}${end}: ${why}`;
}

const RUNNING_READ = 1_000;

/** Returns what must come to its end before the fleet has cooled down: what runs and protects nothing. */
export async function listCoolingWork(
  store: Pick<Store, 'steps'>,
): Promise<readonly WorkflowRow[]> {
  const running = await store.steps.listWorkflows({ state: 'running', limit: RUNNING_READ });
  return running.filter(({ isProtective }) => !isProtective);
}
