import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { readGolden } from '../../tests/harness/golden.ts';
import { readDatabaseConfig } from './database-config.ts';
import { readProcessConfig, writeProcessConfig } from './process-config.ts';
import { VARIABLES } from './variables.ts';

const simulated = {
  KRAITE_PROCESS: 'eos-orders',
  KRAITE_BOX: 'eos',
  KRAITE_MYSQL_URL: 'mysql://kraite:secret@db:3306/kraite',
  KRAITE_REDIS_URL: 'redis://:secret@redis:6379/0',
  KRAITE_VENUE_REST_URL: 'http://venue:1',
  KRAITE_VENUE_PUBLIC_STREAM_URL: 'ws://venue:1/public',
  KRAITE_VENUE_MARKET_STREAM_URL: 'ws://venue:1/market',
  KRAITE_VENUE_PRIVATE_STREAM_URL: 'ws://venue:1/private',
  KRAITE_INDICATORS_URL: 'http://provider:1',
};

test('a local process takes free ports on loopback and ends what runs at once', () => {
  const config = readProcessConfig(simulated);
  expect(config).toMatchObject({
    runtime: 'local',
    health: { host: '127.0.0.1', port: 0 },
    web: { host: '127.0.0.1', port: 0, httpsPort: undefined },
    stopGraceMs: 0,
  });
});

test('a pod listens on the ports that its manifest names and lets what runs end', () => {
  const config = readProcessConfig({ ...simulated, KRAITE_RUNTIME: 'cluster' });
  expect(config).toMatchObject({
    runtime: 'cluster',
    health: { host: '0.0.0.0', port: 9464 },
    web: { host: '0.0.0.0', port: 8080, httpsPort: 8443 },
    stopGraceMs: 20_000,
  });
});

test.each(['local', 'cluster'])('what is written for a %s child reads back the same', (runtime) => {
  const config = readProcessConfig({
    ...simulated,
    KRAITE_RUNTIME: runtime,
    KRAITE_TLS_FOLDER: '/etc/kraite/tls',
    KRAITE_EGRESS_FILE: '/run/kraite/egress/egress.json',
  });
  expect(readProcessConfig(writeProcessConfig(config))).toEqual(config);
});

test('away from a simulated venue the documented hosts stand in for what is not given', () => {
  const { KRAITE_PROCESS, KRAITE_BOX, KRAITE_MYSQL_URL, KRAITE_REDIS_URL } = simulated;
  const config = readProcessConfig({
    ...{ KRAITE_PROCESS, KRAITE_BOX, KRAITE_MYSQL_URL, KRAITE_REDIS_URL },
    KRAITE_MODE: 'live',
  });
  expect([config.venue.restUrl, config.indicators.url]).toEqual([undefined, undefined]);
});

test('every mistake is told at once, and a URL that holds a password is not repeated', () => {
  const wrong = {
    ...simulated,
    KRAITE_BOX: '',
    KRAITE_MYSQL_URL: 'hunter2',
    KRAITE_MODE: 'lively',
    KRAITE_HEALTH_PORT: '70000',
  };
  const read = (): unknown => readProcessConfig(wrong);
  expect(read).toThrow(/KRAITE_BOX is not set/);
  expect(read).toThrow(/KRAITE_MYSQL_URL is not a URL/);
  expect(read).toThrow(/KRAITE_MODE: lively is none of simulated, testnet, live/);
  expect(read).toThrow(/KRAITE_HEALTH_PORT: 70000 is not a whole number from 0 to 65535/);
  expect(read).not.toThrow(/hunter2/);
});

test('a secret comes from a mounted file, and a file that is missing is a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kraite-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'mysqlUrl');
  writeFileSync(file, 'mysql://kraite:from-file@db:3306/kraite\n');
  const environment = { ...simulated, KRAITE_MYSQL_URL: '', KRAITE_MYSQL_URL_FILE: file };
  expect(readProcessConfig(environment).mysqlUrl).toBe('mysql://kraite:from-file@db:3306/kraite');
  expect(readDatabaseConfig(environment).mysqlUrl).toBe('mysql://kraite:from-file@db:3306/kraite');
  const missing = { ...environment, KRAITE_MYSQL_URL_FILE: join(folder, 'none') };
  expect(() => readProcessConfig(missing)).toThrow(/KRAITE_MYSQL_URL_FILE cannot be read: ENOENT/);
});

test('the page of process configuration names every variable', () => {
  const rows = Object.entries(VARIABLES).map(([name, text]) => `| \`KRAITE_${name}\` | ${text} |`);
  const page = [
    '# Process configuration',
    '',
    '<!-- Generated from pkg/config/variables.ts. To regenerate: KRAITE_UPDATE_GOLDEN=1 vitest run pkg/config -->',
    '',
    'What a process of the fleet reads from its environment. The local runtime and the operator set it from the KraiteFleet;',
    'nobody needs to type it. A mistake ends the process with exit code 2 and a list of all mistakes.',
    '',
    '| variable | what it means |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n');
  expect(page).toBe(readGolden('docs/reference/process-configuration.md', page));
});
