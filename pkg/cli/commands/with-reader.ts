import { openFleetReader, type FleetReader, type RuntimeRecord } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import type { CliContext } from '../context.ts';
import { requireRuntime } from './state.ts';
import { untilAnswered } from './until-answered.ts';

type Act = (reader: FleetReader, runtime: RuntimeRecord) => Promise<number>;

/** Runs `act` with a way to the rows of the running fleet, and closes it; `act` must answer soon. */
export function withReader(
  context: CliContext,
  state: string | undefined,
  act: Act,
): Promise<number> {
  return withLongReader(context, state, (reader, runtime) =>
    untilAnswered(context, act(reader, runtime)),
  );
}

/** The same for a verb that waits or follows: it bounds its own looks, and ends on an interrupt by itself. */
export async function withLongReader(
  context: CliContext,
  state: string | undefined,
  act: Act,
): Promise<number> {
  return withPatientReader(context, state, (reader, runtime) =>
    untilAnswered(context, act(reader, runtime)),
  );
}

/** The same for what waits for more than an answer of the database; `act` bounds its own waits. */
export async function withPatientReader(
  context: CliContext,
  state: string | undefined,
  act: (reader: FleetReader, runtime: RuntimeRecord) => Promise<number>,
): Promise<number> {
  const runtime = requireRuntime(context, state);
  const logger = createSilentLogger();
  const opening = openFleetReader(runtime, { clock: context.clock, logger });
  const reader = await untilAnswered(context, opening);
  try {
    return await act(reader, runtime);
  } finally {
    // Not waited for: with servers that are away it ends late or never, and the process ends now.
    void Promise.allSettled([reader[Symbol.asyncDispose]()]);
  }
}
