import type { Dashboard } from '../panel.ts';

const SOURCE = 'fleet' as const;

export const STREAMS: Dashboard = {
  uid: 'kraite-streams',
  title: 'Kraite / Streams',
  description: 'What the venue pushes: prices and the events of accounts.',
  page: '/',
  rows: [
    {
      title: 'Sockets',
      panels: [
        {
          ...{ title: 'Connected', kind: 'stat', unit: 'bool_yes_no', source: SOURCE },
          description: 'Whether each stream is connected.',
          thresholds: { critical: 1, isLowBad: true },
          queries: [
            {
              expr: 'min by (stream) (kraite_stream_connected{fleet=~"$fleet"})',
              legend: '{{stream}}',
            },
          ],
          runbook: 'KraiteStreamDisconnected',
        },
        {
          ...{ title: 'Frames', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'Frames received.',
          thresholds: {},
          queries: [
            {
              expr: 'sum by (stream) (rate(kraite_stream_frames_total{fleet=~"$fleet"}[$__rate_interval]))',
              legend: '{{stream}}',
            },
          ],
        },
        {
          ...{ title: 'Connections made anew', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'By why the one before ended. One a day is planned.',
          thresholds: { warning: 0.02 },
          queries: [
            {
              expr: 'sum by (stream, reason) (rate(kraite_stream_reconnects_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{stream}} {{reason}}',
            },
          ],
          runbook: 'KraiteStreamDisconnected',
        },
        {
          ...{ title: 'Unreadable frames', kind: 'series', unit: 'ops', source: SOURCE },
          description: 'What they told is read by REST. Zero is well.',
          thresholds: { warning: 0.001 },
          queries: [
            {
              expr: 'sum by (stream) (rate(kraite_stream_frames_unreadable_total{fleet=~"$fleet"}[$__rate_interval])) or vector(0)',
              legend: '{{stream}}',
            },
          ],
        },
      ],
    },
    {
      title: 'What they carry',
      panels: [
        {
          ...{ title: 'Age of the newest mark', kind: 'series', unit: 's', source: SOURCE },
          description: 'Marks come each second; notionals are refused while they are old.',
          thresholds: { warning: 5, critical: 60 },
          queries: [
            {
              expr: 'max by (stream) (kraite_mark_price_age_seconds{fleet=~"$fleet"})',
              legend: '{{stream}}',
            },
          ],
          runbook: 'KraiteMarksStale',
        },
        {
          ...{ title: 'Accounts by state', kind: 'stacked', unit: 'short', source: SOURCE },
          description: 'Accounts listened for; an incomplete one opens nothing.',
          thresholds: {},
          queries: [
            {
              expr: 'max by (state) (kraite_stream_accounts{fleet=~"$fleet"})',
              legend: '{{state}}',
            },
          ],
          runbook: 'KraiteAccountsIncomplete',
        },
        {
          ...{ title: 'Frames on disk', kind: 'series', unit: 'short', source: SOURCE },
          description: 'Frames that could not be stored and wait until they can.',
          thresholds: { critical: 1 },
          queries: [{ expr: 'max(kraite_stream_dead_letters{fleet=~"$fleet"})', legend: 'frames' }],
          runbook: 'KraiteFramesUnstored',
        },
      ],
    },
  ],
};
