import { durationMs, matchesFormat } from '../formats.ts';
import { findRepeats, type FleetRule } from './rule.ts';

const liveUsesVenueHosts: FleetRule = {
  name: 'liveUsesVenueHosts',
  path: 'spec.exchange.endpoints',
  sentence: 'Endpoints are named for a simulated venue only.',
  find: ({ exchange: { mode, endpoints } }) =>
    mode === 'simulated'
      ? []
      : Object.entries(endpoints)
          .filter(([, url]) => url !== '')
          .map(([name]) => ({
            path: `spec.exchange.endpoints.${name}`,
            message: `must be empty in mode ${mode}, where keys are sent to the venue's own hosts only`,
          })),
};

const simulatedVenueIsKnown: FleetRule = {
  name: 'simulatedVenueIsKnown',
  path: 'spec.exchange.endpoints',
  sentence: 'In a cluster a simulated venue is named by its four endpoints.',
  find: ({ exchange: { mode, endpoints } }, target) =>
    target === 'local' || mode !== 'simulated'
      ? []
      : Object.entries(endpoints)
          .filter(([, url]) => url === '')
          .map(([name]) => ({
            path: `spec.exchange.endpoints.${name}`,
            message: 'is empty; in a cluster a simulated venue needs its URL here',
          })),
};

const drainTakesAMinute: FleetRule = {
  name: 'drainTakesAMinute',
  path: 'spec.update.drainTimeout',
  sentence: 'A worker is given at least 60s to finish.',
  find: ({ update: { drainTimeout } }) =>
    isShorter(drainTimeout, 60_000)
      ? [
          {
            path: 'spec.update.drainTimeout',
            message: `${drainTimeout} is too short to finish an order; write 60s or more`,
          },
        ]
      : [],
};

const backupsAreApart: FleetRule = {
  name: 'backupsAreApart',
  path: 'spec.core.backup.fullEvery',
  sentence: 'Full backups are at least 10m apart.',
  find: ({ core: { backup } }) =>
    isShorter(backup.fullEvery, 600_000)
      ? [
          {
            path: 'spec.core.backup.fullEvery',
            message: `${backup.fullEvery} would back up without a pause; write 10m or more`,
          },
        ]
      : [],
};

const windowsAreLongEnough: FleetRule = {
  name: 'windowsAreLongEnough',
  path: 'spec.update.windows',
  sentence: 'An update window is at least 10m long.',
  find: ({ update: { windows } }) =>
    windows.flatMap(({ lasts }, index) =>
      isShorter(lasts, 600_000)
        ? [
            {
              path: `spec.update.windows[${index}].lasts`,
              message: `${lasts} is too short to update a box; write 10m or more`,
            },
          ]
        : [],
    ),
};

function isShorter(duration: string, boundMs: number): boolean {
  return matchesFormat('duration', duration) && durationMs(duration) < boundMs;
}

const someBoxKeepsTrading: FleetRule = {
  name: 'someBoxKeepsTrading',
  path: 'spec.update.maxUnavailable',
  sentence: 'With two trading boxes or more, an update leaves one of them running.',
  find: ({ trading: { boxes }, update: { maxUnavailable } }) =>
    maxUnavailable < boxes.length || maxUnavailable === 1
      ? []
      : [
          {
            path: 'spec.update.maxUnavailable',
            message: `${maxUnavailable} of ${boxes.length} trading boxes may be away at once, so none would be left; write less`,
          },
        ],
};

const sitesAreDistinct: FleetRule = {
  name: 'sitesAreDistinct',
  path: 'spec.web',
  sentence: 'The three sites have three host names.',
  find: ({ web: { adminHost, publicHost, docsHost } }) =>
    findRepeats([
      { name: adminHost, path: 'spec.web.adminHost' },
      { name: publicHost, path: 'spec.web.publicHost' },
      { name: docsHost, path: 'spec.web.docsHost' },
    ]).map(({ first, again }) => ({
      path: again.path,
      message: `${again.name} is ${first.path} already; the sites are told apart by host name`,
    })),
};

const certificatesHaveOneSource: FleetRule = {
  name: 'certificatesHaveOneSource',
  path: 'spec.web.tls',
  sentence: 'Certificates come from an ACME authority or from a Secret, not from both.',
  find: ({ web: { tls } }) =>
    tls.acmeEmail === null || tls.secret === null
      ? []
      : [
          {
            path: 'spec.web.tls',
            message: 'acmeEmail and secret exclude each other; set one of them to null',
          },
        ],
};

export const POLICY_RULES: readonly FleetRule[] = [
  liveUsesVenueHosts,
  simulatedVenueIsKnown,
  someBoxKeepsTrading,
  drainTakesAMinute,
  windowsAreLongEnough,
  backupsAreApart,
  sitesAreDistinct,
  certificatesHaveOneSource,
];
