/**
 * exchange-sim: the simulated exchange and indicator provider, alone, for any client.
 *
 * Exit codes: 0 ended by a signal, 1 could not run (a port in use, a state folder of another), 2 bad flags.
 */
import { runExchangeSim } from '#pkg/exchange/simulated';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

process.exitCode = await runExchangeSim(process.argv.slice(2), {
  writeOut: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  signal: stop.signal,
});
