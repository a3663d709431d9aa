/** The roles of processes; each loads only its own modules, because a person waits for every start. */
import type { MigrateWorld } from './migrate.ts';
import type { ComposeRole } from './process.ts';

export const runMigrate = async (world: MigrateWorld): Promise<number> =>
  (await import('./migrate.ts')).runMigrate(world);

export const composeDispatcher: ComposeRole = async (base) =>
  (await import('./dispatcher.ts')).composeDispatcher(base);

export const composeMarketStream: ComposeRole = async (base) =>
  (await import('./market-stream.ts')).composeMarketStream(base);

export const composeScheduler: ComposeRole = async (base) =>
  (await import('./scheduler.ts')).composeScheduler(base);

export const composeUserStream: ComposeRole = async (base) =>
  (await import('./user-stream.ts')).composeUserStream(base);

export const composeWeb: ComposeRole = async (base) => (await import('./web.ts')).composeWeb(base);

export const composeWorker: ComposeRole = async (base) =>
  (await import('./worker.ts')).composeWorker(base);
