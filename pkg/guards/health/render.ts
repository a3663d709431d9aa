import { HEALTH_SIGNALS } from './signals.ts';

/** Returns the table of signals as a page of documentation. */
export function renderHealthSignals(): string {
  const rows = HEALTH_SIGNALS.map(
    ({ name, question, severity, graceMs, halts, audience, runbook }) =>
      `| \`${name}\` | ${question} | ${severity} | ${graceMs / 1_000} s | ${halts ? 'yes' : ''} | ${audience} | [${runbook}](../guides/health.md#${runbook}) |`,
  );
  return [
    '# Health signals',
    '',
    'What the watch over the fleet asks each minute. Generated from `pkg/guards/health/signals.ts`; regenerate with',
    '`KRAITE_UPDATE_GOLDEN=1 npx vitest run pkg/guards`. What to do: [health](../guides/health.md).',
    '',
    '| signal | question | severity | told after | halts openings | for | runbook |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
