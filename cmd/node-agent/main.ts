/**
 * node-agent: keeps and proves the egress address of the node it stands on.
 *
 * Needs `nft`, `conntrack`, the host's network and CAP_NET_ADMIN. When it ends, the rules stay as they are.
 * Exit codes: 0 ended by a signal, 1 crashed, 2 bad configuration.
 */
import { ConfigError, readNodeAgentConfig } from '#pkg/config';
import { runNodeAgent } from '#operator/node-agent';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

try {
  const config = readNodeAgentConfig(process.env);
  await runNodeAgent({ config, pod: { environment: process.env } }, stop.signal);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
