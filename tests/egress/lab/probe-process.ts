/** The probe pod: answers the agent at the socket that the argument names. */
import { runProbe } from '#operator/egress-probe';
import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';

const [socketPath = ''] = process.argv.slice(2);
await runProbe(
  { socketPath, clock: createSystemClock(), logger: createSilentLogger() },
  new AbortController().signal,
);
