import type { FleetRule } from './rule.ts';

const liveTradesRealMoney: FleetRule = {
  name: 'liveTradesRealMoney',
  path: 'spec.exchange.mode',
  sentence: 'Mode live trades real money.',
  find: ({ exchange }) =>
    exchange.mode === 'live'
      ? [
          {
            path: 'spec.exchange.mode',
            message:
              'live trades real money: `kraite up` asks for --live and a confirmation, and an account trades only after `kraite accounts arm NAME`',
          },
        ]
      : [],
};

const endpointsAreFilledLocally: FleetRule = {
  name: 'endpointsAreFilledLocally',
  path: 'spec.exchange.endpoints',
  sentence: 'Empty endpoints of a simulated venue are filled in by `kraite up` only.',
  find: ({ exchange: { mode, endpoints } }, target) =>
    target === 'local' && mode === 'simulated' && Object.values(endpoints).includes('')
      ? [
          {
            path: 'spec.exchange.endpoints',
            message:
              '`kraite up` fills the empty ones with its own simulated exchange; a cluster needs them written',
          },
        ]
      : [],
};

const clusterFieldsRestLocally: FleetRule = {
  name: 'clusterFieldsRestLocally',
  path: 'spec',
  sentence: 'Replica, backup and certificates act in a cluster only.',
  find: ({ core, web }, target) => {
    if (target === 'cluster') return [];
    const set = [
      ...(core.replicaBox === null ? [] : ['spec.core.replicaBox']),
      ...(core.backup.s3 === null ? [] : ['spec.core.backup.s3']),
      ...(web.tls.acmeEmail === null ? [] : ['spec.web.tls.acmeEmail']),
      ...(web.tls.secret === null ? [] : ['spec.web.tls.secret']),
    ];
    return set.map((path) => ({
      path,
      message: 'acts in a cluster only; `kraite up` leaves it aside',
    }));
  },
};

/** Worth telling, no reason to refuse. */
export const NOTES: readonly FleetRule[] = [
  liveTradesRealMoney,
  endpointsAreFilledLocally,
  clusterFieldsRestLocally,
];
