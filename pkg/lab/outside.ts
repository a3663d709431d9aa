import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KraiteFleet } from '#pkg/fleet-spec';
import { stringify } from 'yaml';
import { SERVER_IMAGES } from './images/server-images.ts';
import { startInPlace } from './nodes/enter.ts';
import type { LabWorld } from './nodes/node-life.ts';
import { EXCHANGE_PORTS, OUTSIDE } from './plan/addresses.ts';
import { paths, PLACES } from './paths.ts';

/** Keys of the account that the simulated exchange outside begins with, for whoever adds it to the fleet. */
export const SIMULATED_ACCOUNT = {
  apiKey: 'LAB-KEY',
  apiSecret: 'LAB-SECRET',
  usdt: 10_000,
} as const;

/** Starts the simulated exchange, its indicator provider and the address echoes, on the public side of the boxes. */
export async function startOutside(world: LabWorld, root: string): Promise<void> {
  const { cgroups, environment } = world;
  const { apiKey, apiSecret, usdt } = SIMULATED_ACCOUNT;
  const { venue, indicators, echo } = EXCHANGE_PORTS;
  const start = (name: string, command: readonly string[]): Promise<void> =>
    startInPlace(
      cgroups,
      PLACES.outside,
      { name, command: [process.execPath, ...command] },
      { environment, folder: root },
    );
  await start('exchange', [
    join(root, 'cmd/exchange-sim/main.ts'),
    `--listen=${OUTSIDE.exchange}:${venue}`,
    `--taapi-listen=${OUTSIDE.exchange}:${indicators}`,
    `--account=${apiKey}:${apiSecret}:${usdt}`,
  ]);
  const [first, second] = OUTSIDE.echoes;
  for (const address of [first, second]) {
    const listen = `--listen=${address}:${echo}`;
    await start(`echo-${address}`, [join(root, 'cmd/kraite/main.ts'), 'egress-echo', listen]);
  }
}

/** Writes the object as this lab's venue, servers and addresses ask for it, and the values of the operator's chart. */
export async function writeProductFiles(fleet: KraiteFleet): Promise<void> {
  await writeFile(paths.fleet, stringify(fleetInLab(fleet)));
  const echoEndpoints = OUTSIDE.echoes
    .slice(0, 2)
    .map((address) => `http://${address}:${EXCHANGE_PORTS.echo}/`);
  await writeFile(paths.operatorValues, stringify({ echoEndpoints }));
}

function fleetInLab(fleet: KraiteFleet): KraiteFleet {
  const { spec } = fleet;
  const { venue, indicators } = EXCHANGE_PORTS;
  const http = `http://${OUTSIDE.exchange}`;
  const socket = `ws://${OUTSIDE.exchange}:${venue}`;
  const { mysql, redis } = spec.core;
  return {
    ...fleet,
    spec: {
      ...spec,
      exchange: {
        ...spec.exchange,
        endpoints: {
          rest: `${http}:${venue}`,
          publicStream: `${socket}/public`,
          marketStream: `${socket}/market`,
          privateStream: `${socket}/private`,
        },
      },
      indicators: {
        ...spec.indicators,
        provider: { ...spec.indicators.provider, endpoint: `${http}:${indicators}` },
      },
      core: {
        ...spec.core,
        mysql: { ...mysql, image: SERVER_IMAGES.mysql, storage: '2Gi' },
        redis: { ...redis, image: SERVER_IMAGES.redis },
      },
    },
  };
}
