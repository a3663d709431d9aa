/**
 * simulation/engine: the whole engine in one thread, under one seed.
 *
 * Dispatchers, workers, a store and a queue server; every await of every process is a place where it may be late, be
 * refused, lose the reply, freeze, or end. Not a test of SQL or Redis: `tests/engine` and `kraite soak kill` are. What
 * must hold: a process that is told it owns a step owns its row; every step ends as its script foretells, however often
 * it was begun; crashes burn no attempt; nothing waits for ever.
 */
import {
  createIdMaker,
  createManualClock,
  createSeededRandom,
  type ManualClock,
  type Random,
} from '#pkg/base';
import { id, type AccountId, type BoxName, type WorkflowId } from '#pkg/domain';
import { createSilentLogger, type Logger } from '#pkg/observability';
import {
  createDispatcher,
  createStandbyCaretaker,
  createStepWorker,
  createSubmitter,
} from '#pkg/steps';
import { createMemoryStore, type Store } from '#pkg/store';
import { createActs, createLedger, type Ledger } from './acts.ts';
import { createFaultyPort, withDeadlocks } from './faulty-port.ts';
import { withGroups } from './grouped-steps.ts';
import { createLife, type Life } from './life.ts';
import { BOXES, drawBlock, scripted, type Script } from './scripts.ts';
import { createQueueServer, type QueueServer } from './simulated-queues.ts';
import { verify } from './verify.ts';
import { CALM, drawWeather, type Weather } from './weather.ts';

export interface Submitted {
  readonly workflowId: WorkflowId;
  readonly scripts: readonly Script[];
}

export interface World {
  readonly seed: number;
  readonly clock: ManualClock;
  readonly random: Random;
  readonly rows: Store;
  readonly queues: QueueServer;
  readonly ledger: Ledger;
  readonly lives: Set<Life>;
  readonly logOf: (process: string, clock: ManualClock) => Logger;
  weather: Weather;
  /** Changes that were committed together with another one. */
  grouped: number;
  /** The database, or the queue server, answers nobody. */
  isStoreAway: boolean;
  isQueueAway: boolean;
}

export interface SimulationReport {
  readonly steps: number;
  readonly deaths: number;
  /** Changes that were committed together with another one. */
  readonly grouped: number;
  readonly virtualMs: number;
}

/** Faults stop after this time, and everything must end. */
const STORM_MS = 6_000;
const LIMIT_MS = 180_000;
const WORKFLOWS_MAX = 4;
const DISPATCHERS = ['athena', 'standby'] as const;

/** Runs one seed to its end. Rejects with what did not hold; the same seed does the same again. */
export async function simulate(
  seed: number,
  logOf: World['logOf'] = () => createSilentLogger(),
): Promise<SimulationReport> {
  const clock = createManualClock();
  const random = createSeededRandom(`${seed}/faults`);
  // Half of the seeds see every tree in parts.
  const rows = createMemoryStore({ clock, wholeStepsMax: random.next() < 0.5 ? 0 : 64 });
  const world: World = {
    seed,
    clock,
    random,
    rows,
    queues: createQueueServer({ clock, random, faults: () => queueFaults(world) }),
    ledger: createLedger(),
    lives: new Set(),
    logOf,
    weather: drawWeather(random),
    grouped: 0,
    isStoreAway: false,
    isQueueAway: false,
  };
  let deaths = 0;
  const keepAlive = (name: string, start: (life: Life) => void): void => {
    const life = createLife({
      name,
      clock,
      random,
      diesAtPass: world.weather.hasDeaths ? 1 + random.integer(400) : undefined,
      freezeShare: () => world.weather.freezeShare,
      onDeath: () => {
        deaths += 1;
        world.lives.delete(life);
        clock.schedule(50 + random.next() * 2_500, () => keepAlive(name, start));
      },
    });
    world.lives.add(life);
    start(life);
  };
  for (const box of BOXES) keepAlive(box, (life) => startWorker(world, life, box));
  for (const name of DISPATCHERS) keepAlive(name, (life) => startDispatcher(world, life));
  stirUp(world);
  const submitted = submitAll(world, createSeededRandom(`${seed}/scripts`));

  let workflows: readonly Submitted[] | undefined;
  void submitted.then((all) => {
    workflows = all;
  });
  for (;;) {
    await settle();
    if (world.ledger.violations.length > 0) break;
    if (workflows !== undefined && (await haveEnded(world, workflows))) break;
    if (clock.monotonicMs() > LIMIT_MS) break;
    clock.advance(Math.max(0, clock.nextTimerInMs() ?? 1));
  }
  for (const life of world.lives) life.kill();
  const problems = await verify(world, workflows ?? []);
  if (problems.length > 0) throw new SimulationError(seed, problems);
  const steps = world.ledger.effects.length;
  return { steps, deaths, grouped: world.grouped, virtualMs: clock.monotonicMs() };
}

/** What did not hold under a seed. Run the same seed again: `kraite soak engine --seeds 1 --first-seed SEED`. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly seed: number;

  constructor(seed: number, problems: readonly string[]) {
    super(`seed ${seed}: ${problems.join('\n  ')}`);
    this.seed = seed;
  }
}

/** Lets everything run that waits for nothing outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function queueFaults({ weather, isQueueAway }: World): Weather['queue'] {
  return isQueueAway ? { ...weather.queue, refused: 1 } : weather.queue;
}

function portsOf(world: World, life: Life) {
  const { random, rows } = world;
  const process = {
    life,
    random,
    faults: () => (world.isStoreAway ? { refused: 1, lost: 0 } : world.weather.port),
  };
  const steps = withDeadlocks(rows.steps, random, () => world.weather.deadlockShare);
  return {
    store: {
      steps: withGroups(createFaultyPort(steps, process), {
        ...process,
        rows: steps,
        leases: rows.leases,
        contendedShare: () => world.weather.contendedShare,
        onGroup: (size) => {
          world.grouped += size;
        },
      }),
      workers: createFaultyPort(rows.workers, process),
      leases: createFaultyPort(rows.leases, process),
      events: createFaultyPort(rows.events, process),
    },
    queues: world.queues.connect(life),
    signals: world.queues.connectSignals(life),
    clock: life.clock,
    logger: world.logOf(life.name, world.clock),
  };
}

function startWorker(world: World, life: Life, box: string): void {
  const ports = portsOf(world, life);
  const random = createSeededRandom(`${world.seed}/${box}/${world.clock.monotonicMs()}`);
  const makeId = createIdMaker(life.clock, random);
  const workerId = `${box}-${makeId()}`;
  const { ledger, rows } = world;
  const worker = createStepWorker(
    {
      ...ports,
      random,
      makeId,
      workerId,
      box: id<BoxName>(box),
      process: { name: box, pid: 1, version: '0' },
      handlers: createActs({ life, workerId, world: world.clock, ledger, rows: rows.steps }),
      gate: () => undefined,
    },
    {
      generation: 1,
      isDraining: false,
      lanes: [
        { lane: 'positions', slots: 2 },
        { lane: 'orders', slots: 1 },
        { lane: 'own', slots: 1 },
      ],
    },
  );
  void worker.start();
  createStandbyCaretaker({ ...ports, holder: workerId });
}

function startDispatcher(world: World, life: Life): void {
  const holder = `${life.name}-${world.clock.monotonicMs()}`;
  createDispatcher({ ...portsOf(world, life), holder, gate: () => Promise.resolve([]) });
}

/** Freezes, wipes and outages, until the storm is over. */
function stirUp(world: World): void {
  const { clock, random } = world;
  const stir = (): void => {
    if (world.weather === CALM) return;
    const { hasFreezes, hasWipes, hasQueueOutages, hasStoreOutages } = world.weather;
    const lives = [...world.lives];
    const drawn = random.next();
    if (drawn < 0.5) {
      if (hasFreezes) lives[random.integer(lives.length)]?.freeze(random.next() * 4_000);
    } else if (drawn < 0.65) {
      if (hasWipes) world.queues.wipe();
    } else if (drawn < 0.75 && hasQueueOutages) {
      world.isQueueAway = true;
      clock.schedule(random.next() * 2_000, () => {
        world.isQueueAway = false;
      });
    } else if (drawn > 0.85 && hasStoreOutages) {
      world.isStoreAway = true;
      clock.schedule(random.next() * 2_500, () => {
        world.isStoreAway = false;
      });
    }
    clock.schedule(random.next() * 1_500, stir);
  };
  clock.schedule(random.next() * 1_500, stir);
  clock.schedule(STORM_MS, () => {
    world.weather = CALM;
  });
}

async function submitAll(world: World, random: Random): Promise<readonly Submitted[]> {
  const life = createLife({
    name: 'client',
    clock: world.clock,
    random: world.random,
    diesAtPass: undefined,
    freezeShare: () => 0,
    onDeath: () => undefined,
  });
  const { store, ...ports } = portsOf(world, life);
  const makeId = createIdMaker(life.clock, random);
  const submit = createSubmitter({ steps: store.steps, ...ports, makeId });
  const submitted: Submitted[] = [];
  for (let number = 1 + random.integer(WORKFLOWS_MAX); number > 0; number -= 1) {
    const scripts = drawBlock(random);
    const options = {
      onceKey: `workflow-${number}`,
      isUrgent: random.next() < 0.3,
      accountId: id<AccountId>(`account-${number}`),
    };
    await life.clock.sleep(random.next() * 1_500);
    for (;;) {
      try {
        const { workflowId } = await submit(scripted, scripts, options);
        submitted.push({ workflowId, scripts });
        break;
      } catch {
        // The reply was lost, or nothing was written: the same key is asked again.
        await life.clock.sleep(100);
      }
    }
  }
  return submitted;
}

async function haveEnded(world: World, workflows: readonly Submitted[]): Promise<boolean> {
  for (const { workflowId } of workflows) {
    const tree = await world.rows.steps.findTree(workflowId);
    if (tree?.workflow.finishedAtMs === undefined) return false;
  }
  return true;
}
