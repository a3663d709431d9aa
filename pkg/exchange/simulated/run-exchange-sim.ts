import { FleetError, toError } from '#pkg/base';
import { Command, CommanderError } from 'commander';
import { configureExchangeSim, type ExchangeSimOptions } from './command-line.ts';
import { startSimulatedVenue, type SimulatedVenue } from './start.ts';

/** Where a process writes, and how it learns that it should end. */
export interface ProcessEdges {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Aborted when the process shall end. */
  readonly signal: AbortSignal;
}

/** Runs `exchange-sim` with the arguments behind the program's name; returns its exit code: 0, 1 or 2. */
export async function runExchangeSim(
  args: readonly string[],
  edges: ProcessEdges,
): Promise<number> {
  const command = new Command('exchange-sim')
    .exitOverride()
    .configureOutput({ writeOut: edges.writeOut, writeErr: edges.writeError });
  configureExchangeSim(command, (options) => serve(options, edges));
  try {
    await command.parseAsync(args, { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const isKnown = thrown instanceof FleetError;
    const error = toError(thrown);
    edges.writeError(`exchange-sim: ${isKnown ? error.message : (error.stack ?? error.message)}\n`);
    return 1;
  }
}

/** Starts the venue, prints the ready line and serves until the signal aborts. */
async function serve(options: ExchangeSimOptions, edges: ProcessEdges): Promise<void> {
  await using venue = await startSimulatedVenue(options.venue);
  edges.writeOut(`${readyLine(options.output, venue)}\n`);
  if (options.output === 'text' && venue.certificate !== undefined) {
    edges.writeOut(`clients have to trust this certificate:\n${venue.certificate}`);
  }
  await new Promise<void>((resolve) => {
    if (edges.signal.aborted) resolve();
    edges.signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function readyLine(
  output: 'text' | 'json',
  { urls, seed, certificate }: Pick<SimulatedVenue, 'urls' | 'seed' | 'certificate'>,
): string {
  if (output === 'json') return JSON.stringify({ kind: 'ready', seed, ...urls, certificate });
  const taapi = urls.taapi === undefined ? '' : ` taapi ${urls.taapi}`;
  return (
    `ready: REST ${urls.rest}/fapi streams ${urls.publicStream} ${urls.marketStream} ` +
    `${urls.privateStream} orders ${urls.socketApi} admin ${urls.admin}${taapi} seed ${seed}`
  );
}
