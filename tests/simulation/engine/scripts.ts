/** Random workflows whose every end is known beforehand, whatever happens to the processes that run them. */
import { Type } from 'typebox';

import type { Random } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { defineStep, defineWorkflow, planStep, type PlannedStep } from '#pkg/steps';
import type { StepRow, StepState, WorkflowState } from '#pkg/store';

/** What a step does, told by its arguments. */
export interface Script {
  /** Unique within its workflow. */
  readonly label: string;
  readonly role: StepRow['role'];
  readonly index: number;
  readonly lane: 'positions' | 'orders' | 'own';
  readonly runMs: number;
  /** Throws in so many attempts before it goes on. */
  readonly failures: number;
  /** Defers until so long after its first run; 0: never. */
  readonly deferMs: number;
  readonly isConfirmed: boolean;
  /** Submits a workflow of its own, once, however often it runs. */
  readonly isSubmitting: boolean;
  readonly end: 'completed' | 'skipped' | 'stopped' | 'failed' | 'expanded';
  readonly children: readonly Script[];
}

export const BOXES = ['eos', 'iris', 'nyx'] as const;
export const ATTEMPTS_MAX = 4;

const RETRY = { attemptsMax: ATTEMPTS_MAX, baseMs: 20, capMs: 200 };
const define = (lane: Script['lane']) =>
  defineStep({
    name: `act-on-${lane}`,
    lane,
    arguments: Type.Unsafe<Script>({}),
    response: Type.Unknown(),
    retry: RETRY,
    timeoutMs: 10_000,
  });
export const ACTS = {
  positions: define('positions'),
  orders: define('orders'),
  own: define('own'),
} as const;

export const scripted = defineWorkflow<readonly Script[]>({
  name: 'scripted',
  isProtective: false,
  steps: planScripts,
});

/** The response of the one step of a workflow that a script submits: who asked for it. */
export const followUp = defineStep({
  name: 'follow-up',
  lane: 'orders',
  arguments: Type.String(),
  response: Type.Null(),
});
export const following = defineWorkflow<string>({
  name: 'following',
  isProtective: false,
  steps: (asker) => [planStep(followUp, asker, { index: 1 })],
});

export function planScripts(scripts: readonly Script[]): PlannedStep[] {
  return scripts.map((script) =>
    planStep(ACTS[script.lane], script, {
      index: script.index,
      role: script.role,
      ...(script.lane === 'own'
        ? { box: id<BoxName>(BOXES[script.label.length % BOXES.length] ?? 'eos') }
        : {}),
    }),
  );
}

const DEPTH_MAX = 3;

/** Returns the steps of one block, with everything below them. */
export function drawBlock(random: Random, prefix = '', depth = 1): Script[] {
  const draw = (role: Script['role'], indices: number): Script[] =>
    Array.from({ length: indices }, (_, at) =>
      Array.from({ length: random.next() < 0.7 ? 1 : 2 + random.integer(2) }, (_member, place) =>
        drawStep(random, depth, {
          label: `${prefix}${role === 'default' ? '' : 'c'}${at + 1}${'abcd'.charAt(place)}`,
          role,
          index: at + 1,
        }),
      ),
    ).flat();
  const compensation = random.next() < 0.4 ? 1 + random.integer(2) : 0;
  return [...draw('default', 1 + random.integer(3)), ...draw('compensation', compensation)];
}

function drawStep(
  random: Random,
  depth: number,
  place: Pick<Script, 'label' | 'role' | 'index'>,
): Script {
  const end = drawEnd(random, depth);
  return {
    ...place,
    lane: (['positions', 'positions', 'orders', 'own'] as const)[random.integer(4)] ?? 'positions',
    runMs: random.next() < 0.5 ? 0 : random.integer(random.next() < 0.6 ? 80 : 2_000),
    failures: random.next() < 0.75 ? 0 : 1 + random.integer(ATTEMPTS_MAX),
    deferMs: random.next() < 0.8 ? 0 : 50 + random.integer(400),
    isConfirmed: random.next() < 0.15,
    isSubmitting: random.next() < 0.1,
    end,
    children: end === 'expanded' ? drawBlock(random, `${place.label}.`, depth + 1) : [],
  };
}

function drawEnd(random: Random, depth: number): Script['end'] {
  const drawn = random.next();
  if (drawn < 0.7) return 'completed';
  if (drawn < 0.76) return 'skipped';
  if (drawn < 0.8) return 'stopped';
  if (drawn < 0.85) return 'failed';
  return depth < DEPTH_MAX ? 'expanded' : 'completed';
}

type BlockEnd = 'completed' | 'stopped' | 'failed';

/** How each step of a workflow must end, by label, and the workflow itself. */
export interface Expectation {
  readonly steps: ReadonlyMap<string, StepState>;
  readonly workflow: WorkflowState;
}

/** Returns the ends that follow from the scripts alone; `isPoisoned` names steps that killed too many workers. */
export function foretell(
  scripts: readonly Script[],
  isPoisoned: (label: string) => boolean,
): Expectation {
  const steps = new Map<string, StepState>();
  const { end, isRescued } = foretellBlock(scripts, steps, isPoisoned);
  return { steps, workflow: end === 'failed' && isRescued ? 'rescued' : end };
}

interface BlockFate {
  readonly end: BlockEnd;
  /** Every failure in it was compensated. */
  readonly isRescued: boolean;
}

function foretellBlock(
  scripts: readonly Script[],
  steps: Map<string, StepState>,
  isPoisoned: (label: string) => boolean,
): BlockFate {
  const fates = new Map<string, BlockFate>();
  const runRole = (role: Script['role']): readonly StepState[] => {
    const members = scripts.filter((script) => script.role === role);
    let isBroken = false;
    for (const index of new Set(members.map((script) => script.index))) {
      const group = members.filter((script) => script.index === index);
      for (const script of group) {
        const fate = isBroken ? 'canceled' : foretellStep(script, steps, fates, isPoisoned);
        steps.set(script.label, fate);
      }
      isBroken ||= group.some(({ label }) => !isConcluded(steps.get(label)));
    }
    return members.map(({ label }) => steps.get(label) ?? 'canceled');
  };
  const defaults = runRole('default');
  const compensation = scripts.filter((script) => script.role === 'compensation');
  if (defaults.every((state) => isConcluded(state))) {
    for (const { label } of compensation) steps.set(label, 'skipped');
    return { end: 'completed', isRescued: true };
  }
  const undone = runRole('compensation');
  const isUndone = undone.every((state) => isConcluded(state));
  const isRescued =
    undone.length > 0
      ? isUndone
      : scripts
          .filter(({ label, role }) => role === 'default' && steps.get(label) === 'failed')
          .every(({ label }) => fates.get(label)?.isRescued === true);
  return { end: !isUndone || defaults.includes('failed') ? 'failed' : 'stopped', isRescued };
}

function foretellStep(
  script: Script,
  steps: Map<string, StepState>,
  fates: Map<string, BlockFate>,
  isPoisoned: (label: string) => boolean,
): StepState {
  if (isPoisoned(script.label) || script.failures >= ATTEMPTS_MAX) return 'failed';
  if (script.end !== 'expanded') return script.end;
  const fate = foretellBlock(script.children, steps, isPoisoned);
  fates.set(script.label, fate);
  return fate.end;
}

function isConcluded(state: StepState | undefined): boolean {
  return state === 'completed' || state === 'skipped';
}

/** Returns every script of the tree. */
export function flatten(scripts: readonly Script[]): readonly Script[] {
  return scripts.flatMap((script) => [script, ...flatten(script.children)]);
}
