import { formatInstant } from '#pkg/base';
import { HALT_CLEAN_MS, readHalts, readHealth } from '#pkg/modes';
import { formatAge } from '../format/words.ts';
import type { OutputFormat } from '../format/output.ts';
import type { ReadingView } from './view.ts';

/** One health signal, or one thing that it found. */
export interface HealthRow {
  readonly signal: string;
  readonly question: string;
  /** `waits`: seen, and told when it has lasted for the grace. */
  readonly state: 'well' | 'waits' | 'unwell' | 'unknown';
  readonly severity: string;
  readonly audience: string;
  readonly subject: string | null;
  readonly message: string | null;
  readonly since: string | null;
  readonly sinceAgeMs: number | null;
  readonly threshold: number;
  readonly graceMs: number;
  /** Until when it holds every opening, at the earliest; null while it holds none. */
  readonly haltsUntil: string | null;
  readonly runbook: string;
  readonly lookedAt: string | null;
}

const HEALTH_VIEW: ReadingView<HealthRow> = {
  columns: [
    { header: 'SIGNAL', value: ({ signal }) => signal },
    { header: 'STATE', value: ({ state }) => state },
    { header: 'SEVERITY', value: ({ severity }) => severity },
    { header: 'FOR', value: (row) => (row.sinceAgeMs === null ? '' : formatAge(row.sinceAgeMs)) },
    { header: 'HALTS', value: ({ haltsUntil }) => (haltsUntil === null ? '' : 'openings') },
    { header: 'MESSAGE', value: ({ message }) => message ?? '' },
    { header: 'QUESTION', value: ({ question }) => question, isWide: true },
    { header: 'GRACE', value: ({ graceMs }) => formatAge(graceMs), isWide: true },
    { header: 'RUNBOOK', value: ({ runbook }) => runbook, isWide: true },
  ],
  whenEmpty: 'everything is well (kraite health -o wide shows what was asked)',
  key: ({ signal, subject }) => `${signal} ${subject ?? ''}`,
  read: async ({ reader: { store }, nowMs }) => {
    const [record, halts, { HEALTH_SIGNALS }] = await Promise.all([
      readHealth(store.settings),
      readHalts(store.settings),
      // Loaded late: other verbs do not need the guards.
      import('#pkg/guards'),
    ]);
    return HEALTH_SIGNALS.flatMap((signal): HealthRow[] => {
      const { name, question, severity, audience, threshold, graceMs, runbook } = signal;
      const halt = halts.find(({ owner }) => owner === name);
      const row = {
        signal: name,
        question,
        severity,
        audience,
        threshold,
        graceMs,
        runbook,
        haltsUntil: halt === undefined ? null : formatInstant(halt.lastSeenMs + HALT_CLEAN_MS),
        lookedAt: record === undefined ? null : formatInstant(record.lookedAtMs),
      };
      const found = record?.states.filter((state) => state.signal === name) ?? [];
      if (found.length === 0) {
        const state = record === undefined ? 'unknown' : 'well';
        const message = halt === undefined ? null : halt.why;
        return [{ ...row, state, subject: null, message, since: null, sinceAgeMs: null }];
      }
      return found.map(({ subject, message, sinceMs, isTold }) => ({
        ...row,
        state: isTold ? 'unwell' : 'waits',
        subject,
        message,
        since: formatInstant(sinceMs),
        sinceAgeMs: Math.max(0, nowMs - sinceMs),
      }));
    });
  },
};

/** Plain text shows what is not well or holds something; every other format shows every question. */
export function healthViewFor(output: OutputFormat): ReadingView<HealthRow> {
  if (output !== 'text') return HEALTH_VIEW;
  return {
    ...HEALTH_VIEW,
    read: async (sources) =>
      (await HEALTH_VIEW.read(sources)).filter(
        ({ state, haltsUntil }) => state !== 'well' || haltsUntil !== null,
      ),
  };
}
