import { expect, it } from 'vitest';

import { readOperatorConfig } from './operator-config.ts';

const NEEDED = { POD_NAME: 'operator-1', POD_NAMESPACE: 'kraite-system' };

it('what the chart gives is enough, and everything else has a value', () => {
  expect(readOperatorConfig(NEEDED, '1.2.3')).toEqual({
    podName: 'operator-1',
    systemNamespace: 'kraite-system',
    watchNamespaces: undefined,
    monitoringNamespace: 'monitoring',
    nodeAgentImage: undefined,
    logLevel: 'info',
    health: { host: '0.0.0.0', port: 9464 },
    version: '1.2.3',
    clusterCIDR: '10.42.0.0/16',
    echoEndpoints: [],
    serviceAccountFolder: undefined,
  });
});

it('lists are written with commas, and an empty one is none', () => {
  const config = readOperatorConfig(
    {
      ...NEEDED,
      KRAITE_WATCH_NAMESPACES: 'one, two',
      KRAITE_ECHO_ENDPOINTS: 'https://a.example/,http://b.example:8080/',
    },
    '0',
  );
  expect(config.watchNamespaces).toEqual(['one', 'two']);
  expect(config.echoEndpoints).toEqual(['https://a.example/', 'http://b.example:8080/']);
  expect(readOperatorConfig({ ...NEEDED, KRAITE_WATCH_NAMESPACES: '' }, '0')).toMatchObject({
    watchNamespaces: undefined,
  });
});

it('every mistake is told at once', () => {
  const environment = {
    KRAITE_LOG_LEVEL: 'loud',
    KRAITE_HEALTH_PORT: 'x',
    KRAITE_ECHO_ENDPOINTS: 'nowhere',
  };
  expect(() => readOperatorConfig(environment, '0')).toThrow(
    [
      'KRAITE_LOG_LEVEL: loud is none of info, debug, warn, error',
      'KRAITE_ECHO_ENDPOINTS: nowhere is not a URL',
      'POD_NAME is not set',
      'POD_NAMESPACE is not set',
      'KRAITE_HEALTH_PORT: x is not a port',
    ].join('\n'),
  );
});
