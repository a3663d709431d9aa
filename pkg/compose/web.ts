import { readFileSync } from 'node:fs';

import { parseFleet, planFleet } from '#pkg/fleet-spec';
import { startWeb, type FleetView } from '#pkg/web';
import { openCore } from './core.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';

/** Composes the three sites on athena. */
export async function composeWeb(base: ProcessBase): Promise<ProcessRole> {
  const { config, logger, clock, random } = base;
  const { fleetFile } = config;
  if (fleetFile === undefined)
    throw new Error('KRAITE_FLEET_FILE is not set: web shows the object it names');
  const core = await openCore(base);
  const presence = await showPresence(base, core, { holder: holderOf(base) });
  const { web } = readFleet(fleetFile).spec;
  const server = await startWeb(
    {
      store: core.store,
      prices: core.prices,
      budgets: core.budget,
      signals: core.signals,
      readFleet: () => readFleet(fleetFile),
      clock,
      random,
      logger,
    },
    {
      host: config.web.host,
      port: config.web.port,
      hosts: { admin: web.adminHost, public: web.publicHost, docs: web.docsHost },
    },
  );
  logger.info({ webPort: server.port }, 'sites listen');
  return {
    readiness: () => ({ details: { webPort: server.port } }),
    [Symbol.asyncDispose]: () => disposeAll([server, presence, core]),
  };
}

/** Reads the object that was applied last. Throws when the file holds no valid one. */
function readFleet(file: string): FleetView {
  const parsed = parseFleet(readFileSync(file, 'utf8'), { file });
  if (parsed.kind === 'invalid') throw new Error(`${file} holds no valid KraiteFleet`);
  const { spec } = parsed.fleet;
  return { spec, plan: planFleet(spec) };
}
