import { stringify } from 'yaml';

import { durationMs, type KraiteFleet } from '#pkg/fleet-spec';
import { LABELS } from '#operator/api';
import { commentOf } from './sections.ts';

const NAMESPACE = 'system-upgrade';
const IMAGE = 'rancher/k3s-upgrade';
/** Beyond the drain itself: pulling the image, evicting, replacing the program. */
const SPARE_SECONDS = 600;
/** After one box, before the next: its address is verified again and its workers have shown that they work. */
const REST = '2m';
const NANOSECONDS = 1_000_000_000;
const MINUTES_A_DAY = 1_440;

/**
 * Returns the two Plans of system-upgrade-controller (upgrade.cattle.io/v1) that bring k3s to `version`, such as
 * `v1.36.3+k3s1`: one box at a time, servers first.
 *
 * An agent's drain cordons its node, upon which the operator drains the box and then opens its disruption budgets; no
 * field lets the drain pass a budget that is closed. Servers are replaced in place: their containers run on, and a drain
 * of the core would stop the database.
 */
export function renderUpgradePlans(fleet: KraiteFleet, version: string): string {
  const drainSeconds = durationMs(fleet.spec.update.drainTimeout) / 1_000 + SPARE_SECONDS;
  const common = {
    version,
    concurrency: 1,
    exclusive: true,
    serviceAccountName: NAMESPACE,
    tolerations: [{ operator: 'Exists' }],
    postCompleteDelay: REST,
    // Its default of 15 minutes would end a job in the middle of a drain.
    jobActiveDeadlineSecs: drainSeconds + SPARE_SECONDS,
    ...windowOf(fleet),
    upgrade: { image: IMAGE },
  };
  const isServer = { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' };
  const isOurs = { key: LABELS.box, operator: 'Exists' };
  const servers = planOf('k3s-server', {
    ...common,
    nodeSelector: { matchExpressions: [isOurs, isServer] },
  });
  const agents = planOf('k3s-agent', {
    ...common,
    nodeSelector: { matchExpressions: [isOurs, { ...isServer, operator: 'DoesNotExist' }] },
    prepare: { image: IMAGE, args: ['prepare', 'k3s-server'] },
    drain: {
      force: false,
      disableEviction: false,
      ignoreDaemonSets: true,
      deleteEmptydirData: true,
      timeout: drainSeconds * NANOSECONDS,
    },
  });
  const head = commentOf(
    `k3s ${version} for the boxes of ${fleet.metadata.name}, one at a time: servers in place, then agents after their drain.\nRendered by \`kraite k3s-config --upgrade\`; docs/guides/reboots.md says how they are used.`,
  );
  return `${head}\n${stringify(servers, { lineWidth: 0 })}---\n${stringify(agents, { lineWidth: 0 })}`;
}

function planOf(name: string, spec: Readonly<Record<string, unknown>>) {
  return {
    apiVersion: 'upgrade.cattle.io/v1',
    kind: 'Plan',
    metadata: { name, namespace: NAMESPACE },
    spec,
  };
}

/** A Plan has one window, so only a single one of the object can be handed on; a job that began in it may end after it. */
function windowOf({ spec }: KraiteFleet): Readonly<Record<string, unknown>> {
  const [first, second] = spec.update.windows;
  if (first === undefined || second !== undefined) return {};
  const { days, from, lasts } = first;
  const [hours = 0, minutes = 0] = from.split(':').map(Number);
  const end = Math.min(hours * 60 + minutes + durationMs(lasts) / 60_000, MINUTES_A_DAY - 1);
  const every = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  return {
    window: {
      days: (days.length === 0 ? every : days).map((day) => day.toLowerCase()),
      startTime: from,
      endTime: `${twoDigits(Math.floor(end / 60))}:${twoDigits(Math.floor(end % 60))}`,
      timeZone: 'UTC',
    },
  };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
