import type { SettingStore } from '#pkg/store';

export type Severity = 'info' | 'warning' | 'critical';
export type Audience = 'trader' | 'operator';

/** One thing that is not well. */
export interface HealthState {
  readonly signal: string;
  readonly subject: string;
  readonly message: string;
  readonly severity: Severity;
  readonly audience: Audience;
  readonly runbook: string;
  readonly sinceMs: number;
  readonly lastSeenMs: number;
  /** Seen for as long as the signal's grace, and so among the events. */
  readonly isTold: boolean;
}

export interface HealthRecord {
  readonly lookedAtMs: number;
  readonly states: readonly HealthState[];
}

const SETTING = 'fleet-health';

/** Returns what the last look found; undefined before the first. */
export async function readHealth(
  settings: Pick<SettingStore, 'find'>,
): Promise<HealthRecord | undefined> {
  const value = await settings.find(SETTING);
  return value === undefined ? undefined : (JSON.parse(value) as HealthRecord);
}

export async function saveHealth(
  settings: Pick<SettingStore, 'set'>,
  record: HealthRecord,
): Promise<void> {
  await settings.set(SETTING, JSON.stringify(record), record.lookedAtMs);
}
