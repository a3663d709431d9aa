import { readFileSync } from 'node:fs';

import { formatInstant } from '#pkg/base';
import type { ProcessConfig } from '#pkg/config';
import { parseFleet, planFleet } from '#pkg/fleet-spec';
import {
  ensureFirstOperator,
  LETS_ENCRYPT_URL,
  startWeb,
  type FleetView,
  type TlsOptions,
  type WebServer,
} from '#pkg/web';
import { openCore, type Core } from './core.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';

/** Composes the three sites on athena. */
export async function composeWeb(base: ProcessBase): Promise<ProcessRole> {
  const { config, logger, clock, random, metrics } = base;
  const { fleetFile } = config;
  if (fleetFile === undefined)
    throw new Error('KRAITE_FLEET_FILE is not set: web shows the object it names');
  const core = await openCore(base);
  await admitFirstOperator(base, core);
  const { web } = readFleet(fleetFile).spec;
  const tls = tlsOf(config, web.tls);
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
      tls,
    },
  );
  const presence = await showPresence(base, core, {
    holder: holderOf(base),
    findReason: () => server.certificateFault(),
  });
  metrics.onScrape(() => {
    const untilMs = server.certificateValidUntilMs();
    if (untilMs !== undefined) {
      metrics.set('kraite_certificate_expiry_timestamp_seconds', {}, untilMs / 1_000);
    }
  });
  logger.info({ webPort: server.port, webHttpsPort: server.tlsPort }, 'sites listen');
  return {
    readiness: () => describe(server),
    [Symbol.asyncDispose]: () => disposeAll([server, presence, core]),
  };
}

/** Ready also without a certificate: an authority must reach the HTTP port to issue one. */
function describe(server: WebServer) {
  const fault = server.certificateFault();
  const untilMs = server.certificateValidUntilMs();
  return {
    reasons: fault === undefined ? [] : [fault],
    details: {
      webPort: server.port,
      ...(server.tlsPort === undefined ? {} : { webHttpsPort: server.tlsPort }),
      ...(untilMs === undefined ? {} : { certificateValidUntil: formatInstant(untilMs) }),
    },
  };
}

/** Returns where certificates come from: the mounted Secret, else an authority where the object names an e-mail. */
function tlsOf(
  { web }: ProcessConfig,
  { acmeEmail }: FleetView['spec']['web']['tls'],
): TlsOptions | undefined {
  const { httpsPort, tlsFolder, acmeDirectoryUrl: directoryUrl = LETS_ENCRYPT_URL } = web;
  if (httpsPort === undefined) return undefined;
  if (tlsFolder !== undefined) {
    return { port: httpsPort, from: { kind: 'files', folder: tlsFolder } };
  }
  return acmeEmail === null
    ? undefined
    : { port: httpsPort, from: { kind: 'acme', email: acmeEmail, directoryUrl } };
}

/** While nobody exists, makes the first operator with the password of the mounted Secret. */
async function admitFirstOperator({ config, random, logger }: ProcessBase, core: Core) {
  const { adminPasswordFile } = config.web;
  if (adminPasswordFile === undefined) return;
  const password = readFileSync(adminPasswordFile, 'utf8').trim();
  const issued = await ensureFirstOperator(core.store, random, { password });
  if (issued !== undefined) logger.info({ user: issued.name }, 'first operator may log in');
}

/** Reads the object that was applied last. Throws when the file holds no valid one. */
function readFleet(file: string): FleetView {
  const parsed = parseFleet(readFileSync(file, 'utf8'), { file });
  if (parsed.kind === 'invalid') throw new Error(`${file} holds no valid KraiteFleet`);
  const { spec } = parsed.fleet;
  return { spec, plan: planFleet(spec) };
}
