/**
 * egress-probe: asks echo services, from the network of pods, which address they see, whenever the node's agent wants it.
 *
 * Exit codes: 0 ended by a signal, 1 crashed.
 */
import { createSystemClock } from '#pkg/base';
import { createLogger } from '#pkg/observability';
import { PATHS } from '#operator/api';
import { runProbe } from '#operator/egress-probe';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

const logger = createLogger('egress-probe', { level: process.env['KRAITE_LOG_LEVEL'] ?? 'info' });
await runProbe({ socketPath: PATHS.probeSocket, clock: createSystemClock(), logger }, stop.signal);
