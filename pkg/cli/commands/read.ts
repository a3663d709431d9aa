import { FleetError } from '#pkg/base';
import {
  callSupervisor,
  openFleetReader,
  type FleetReader,
  type FleetStatus,
  type RuntimeRecord,
} from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatObject, formatRows } from '../format/output.ts';
import type { ReadingName, ReadingOptions } from '../verbs/reading-verbs.ts';
import { BOXES_VIEW } from '../views/boxes.ts';
import { STEPS_VIEW, WORKFLOWS_VIEW } from '../views/engine.ts';
import { EVENTS_VIEW } from '../views/events.ts';
import { FIGURES_VIEW } from '../views/figures.ts';
import { healthViewFor } from '../views/health.ts';
import { LANES_VIEW } from '../views/lanes.ts';
import { ORDERS_VIEW } from '../views/orders.ts';
import { POSITIONS_VIEW } from '../views/positions.ts';
import { SCHEDULE_VIEW } from '../views/schedule.ts';
import { describeStatus, readStatusView } from '../views/status.ts';
import { describeStatusWithoutRows, statusWithoutRows } from '../views/status-without-rows.ts';
import type { ReadingSources } from '../views/view.ts';
import { objectPrinter, rowPrinter, type Printer } from './printers.ts';
import { requireRuntime } from './state.ts';
import { InterruptedError, untilAnswered } from './until-answered.ts';

type ReadingOptionsWithLimit = ReadingOptions & { readonly limit: number };

/** Between two looks of a watch, at least; a signal that something happened ends the wait after it. */
const WATCH_GAP_MS = 250;
/** What has no event of its own (heartbeats, prices) is looked at this often. */
const WATCH_LOOK_MS = 1_000;

/** One reading verb: prints once, or (-w) whenever something changes until Ctrl-C. */
export async function runReading(
  context: CliContext,
  name: ReadingName,
  options: ReadingOptionsWithLimit,
): Promise<number> {
  const runtime = requireRuntime(context, options.state);
  try {
    return await readFrom(context, runtime, name, options);
  } catch (error) {
    // In a watch, Ctrl-C is the ordinary end, also in the middle of a look.
    if (error instanceof InterruptedError && options.watch === true) return EXIT_OK;
    // When the fleet has gone meanwhile, that is the sentence that helps.
    if (!(error instanceof InterruptedError)) requireRuntime(context, options.state);
    // What the supervisor knows is told all the same, once: a watch ends with the database's own sentence.
    if (isStoreAway(error) && options.watch !== true) {
      if (await printWithoutRows(context, runtime, name, options)) return EXIT_OK;
    }
    throw error;
  }
}

/** Told by the code, so that the store's module is not loaded for it. */
function isStoreAway(error: unknown): boolean {
  return error instanceof FleetError && error.code === 'STORE_UNAVAILABLE';
}

/** Prints `status` and `boxes` as the supervisor knows them; false for everything else. */
async function printWithoutRows(
  context: CliContext,
  runtime: RuntimeRecord,
  name: ReadingName,
  options: ReadingOptions,
): Promise<boolean> {
  if (name !== 'status' && name !== 'boxes') return false;
  const status = (await callSupervisor(runtime, { verb: 'status' })) as FleetStatus;
  const view = statusWithoutRows(status, context.clock.nowMs(), 'DatabaseUnreachable');
  const { output } = options;
  const text =
    name === 'status'
      ? formatObject(view, output, () => describeStatusWithoutRows(view))
      : formatRows(view.boxes, BOXES_VIEW.columns, output, { whenEmpty: BOXES_VIEW.whenEmpty });
  writeLine(context.stdout, text);
  return true;
}

async function readFrom(
  context: CliContext,
  runtime: RuntimeRecord,
  name: ReadingName,
  options: ReadingOptionsWithLimit,
): Promise<number> {
  const { clock } = context;
  const logger = createSilentLogger();
  const reader = await untilAnswered(context, openFleetReader(runtime, { clock, logger }));
  try {
    const print = choosePrinter(context, name, options);
    const look = async (): Promise<void> => {
      await print(await readSources(context, runtime, reader, options));
    };
    await untilAnswered(context, look());
    if (options.watch === true) await watch(context, reader, look);
    return EXIT_OK;
  } finally {
    // Not waited for: with servers that are away it ends late or never, and the process ends now.
    void Promise.allSettled([reader[Symbol.asyncDispose]()]);
  }
}

async function readSources(
  context: CliContext,
  runtime: RuntimeRecord,
  reader: FleetReader,
  options: ReadingOptionsWithLimit,
): Promise<ReadingSources> {
  const status = (await callSupervisor(runtime, { verb: 'status' })) as FleetStatus;
  const { is, name, account, olderThan: olderThanMs, limit } = options;
  return {
    reader,
    status,
    nowMs: context.clock.nowMs(),
    limit,
    filter: {
      ...(is === undefined ? {} : { is }),
      ...(name === undefined ? {} : { name }),
      ...(account === undefined ? {} : { account }),
      ...(olderThanMs === undefined ? {} : { olderThanMs }),
    },
  };
}

function choosePrinter(
  context: CliContext,
  name: ReadingName,
  options: ReadingOptionsWithLimit,
): Printer<ReadingSources> {
  switch (name) {
    case 'status':
      return objectPrinter(context, options.output, {
        read: readStatusView,
        describe: describeStatus,
      });
    case 'boxes':
      return rowPrinter(context, BOXES_VIEW, options);
    case 'lanes':
      return rowPrinter(context, LANES_VIEW, options);
    case 'positions':
      return positionPrinter(context, options);
    case 'orders':
      return rowPrinter(context, ORDERS_VIEW, options);
    case 'steps':
      return rowPrinter(context, STEPS_VIEW, options);
    case 'workflows':
      return rowPrinter(context, WORKFLOWS_VIEW, options);
    case 'events':
      return rowPrinter(context, EVENTS_VIEW, options);
    case 'figures':
      return rowPrinter(context, FIGURES_VIEW, options);
    case 'health':
      return rowPrinter(context, healthViewFor(options.output), options);
    case 'schedule':
      return rowPrinter(context, SCHEDULE_VIEW, options);
  }
}

/** Plain text shows what is open; every other format shows all. */
function positionPrinter(
  context: CliContext,
  options: ReadingOptionsWithLimit,
): Printer<ReadingSources> {
  if (options.output !== 'text') return rowPrinter(context, POSITIONS_VIEW, options);
  const openOnly: typeof POSITIONS_VIEW = {
    ...POSITIONS_VIEW,
    whenEmpty: 'no position is open (kraite positions -o wide shows the closed ones)',
    read: async (sources) => (await POSITIONS_VIEW.read(sources)).filter(({ isOpen }) => isOpen),
  };
  return rowPrinter(context, openOnly, options);
}

async function watch(
  context: CliContext,
  reader: FleetReader,
  look: () => Promise<void>,
): Promise<void> {
  const { clock, interrupt } = context;
  let wake = new AbortController();
  const subscribed = reader.signals.subscribe('events', () => wake.abort());
  const unsubscribe = await untilAnswered(context, subscribed);
  const onInterrupt = (): void => wake.abort();
  interrupt.requested.addEventListener('abort', onInterrupt);
  while (!interrupt.requested.aborted) {
    await clock.sleep(WATCH_GAP_MS, interrupt.requested);
    await clock.sleep(WATCH_LOOK_MS - WATCH_GAP_MS, wake.signal);
    wake = new AbortController();
    if (!interrupt.requested.aborted) await untilAnswered(context, look());
  }
  interrupt.requested.removeEventListener('abort', onInterrupt);
  await untilAnswered(context, unsubscribe());
}
