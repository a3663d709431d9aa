import type { Audience, Severity } from '#pkg/modes';

/** How one kind of event becomes a notification. */
export interface NotificationDefinition {
  readonly title: string;
  readonly severity: Severity;
  readonly audience: Audience;
  /** The same kind about the same thing is told at most once in so long. */
  readonly throttleMs: number;
  /** Told only when the kind was seen so often within this time; earned anew after each notification. */
  readonly threshold?: { readonly count: number; readonly withinMs: number };
}

const MINUTE_MS = 60_000;
/** Source: the predecessor's default. */
const THROTTLE_MS = 10 * MINUTE_MS;

function define(
  title: string,
  severity: Severity,
  audience: Audience,
  options: Partial<Pick<NotificationDefinition, 'throttleMs' | 'threshold'>> = {},
): NotificationDefinition {
  return { title, severity, audience, throttleMs: THROTTLE_MS, ...options };
}

/** Every event that is told, under its kind: the canonical name of the notification. */
export const NOTIFICATIONS: Readonly<Record<string, NotificationDefinition>> = {
  ExposureLeft: define('Exposure without a position', 'critical', 'operator'),
  HealthLost: define('Not well', 'critical', 'operator'),
  HealthRestored: define('Well again', 'info', 'operator'),
  OpeningsHalted: define('Openings are halted', 'critical', 'operator'),
  OpeningsReleased: define('Openings go on', 'info', 'operator'),
  ModeChanged: define('Mode of the fleet', 'warning', 'operator', { throttleMs: 0 }),
  FleetPaused: define('The fleet is paused', 'warning', 'operator', { throttleMs: 0 }),
  FleetResumed: define('The pause is over', 'info', 'operator', { throttleMs: 0 }),
  BoxLost: define('A box is lost', 'critical', 'operator'),
  ProcessCrashed: define('Processes crash', 'warning', 'operator', {
    threshold: { count: 3, withinMs: 10 * MINUTE_MS },
  }),
  OrderNotRestored: define('An order could not be restored', 'warning', 'operator'),
  OpeningRefused: define('Nothing is opened', 'info', 'trader', {
    throttleMs: 60 * MINUTE_MS,
    threshold: { count: 5, withinMs: 60 * MINUTE_MS },
  }),
  PositionOpened: define('Position opened', 'info', 'trader', { throttleMs: 0 }),
  PositionReaveraged: define('Position averaged anew', 'info', 'trader', { throttleMs: 0 }),
  PositionClosed: define('Position closed', 'info', 'trader', { throttleMs: 0 }),
};

export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/** Returns the catalogue as a page of documentation. */
export function renderNotifications(): string {
  const rows = Object.entries(NOTIFICATIONS).map(
    ([kind, { title, severity, audience, throttleMs, threshold }]) =>
      `| \`${kind}\` | ${title} | ${severity} | ${audience} | ${throttleMs / MINUTE_MS} min | ${
        threshold === undefined ? '' : `${threshold.count} in ${threshold.withinMs / MINUTE_MS} min`
      } |`,
  );
  return [
    '# Notifications',
    '',
    'Which events are told through channels. Generated from `pkg/notifications/catalogue.ts`; regenerate with',
    '`KRAITE_UPDATE_GOLDEN=1 npx vitest run pkg/notifications`. How to set channels up: [notifications](../guides/notifications.md).',
    '',
    '| event | title | severity | for | at most once in | only after |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
