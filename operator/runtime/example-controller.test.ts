import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom } from '#pkg/base';
import { createControllerMetrics, createSilentLogger } from '#pkg/observability';
import { createSimulatedKube } from '../../tests/simulation/kube/index.ts';
import { EVENT, CONFIG_MAP, LEASE } from '../../tests/simulation/kube/kinds.ts';
import { passTime } from '../../tests/simulation/kube/virtual-time.ts';
import { createTeamOperator } from './example-controller.ts';

const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  isNamespaced: false,
};
const TYPE = { apiVersion: 'v1', kind: 'Namespace' } as const;
const TEAM = { namespace: 'shop', name: 'team' };

test('the example of the README does what it says', async () => {
  const clock = createManualClock();
  const kube = createSimulatedKube({ clock, kinds: [NAMESPACE, CONFIG_MAP, LEASE, EVENT] });
  const stop = new AbortController();
  const ran = createTeamOperator({
    client: kube.connect('example'),
    namespace: 'default',
    identity: 'one',
    clock,
    random: createSeededRandom('example'),
    logger: createSilentLogger(),
    metrics: createControllerMetrics(),
    onLeaseLost: () => undefined,
  }).run(stop.signal);
  const label = (team: string | null): Promise<unknown> =>
    kube.client.mergePatch(
      { ...TYPE, name: 'shop' },
      { metadata: { labels: { 'example.dev/team': team } } },
    );
  const readTeam = async (): Promise<unknown> => {
    await passTime(clock, 1_000);
    return (await kube.client.find(CONFIG_MAP, TEAM))?.['data'];
  };

  await kube.client.create({ ...TYPE, metadata: { name: 'shop' } });
  expect(await readTeam()).toBeUndefined();
  await label('blue');
  expect(await readTeam()).toEqual({ team: 'blue' });
  await kube.client.mergePatch(
    { apiVersion: 'v1', kind: 'ConfigMap', ...TEAM },
    { data: { team: 'red' } },
  );
  expect(await readTeam()).toEqual({ team: 'blue' });
  const writes = (): number =>
    kube.server.writes.filter(({ path }) => !path.includes('/leases/')).length;
  const before = writes();
  await passTime(clock, 3_600_000);
  expect(writes()).toBe(before);
  await label(null);
  expect(await readTeam()).toBeUndefined();
  expect((await kube.client.list(EVENT)).map(({ reason }) => reason)).toEqual(['TeamRemoved']);
  stop.abort();
  await ran;
});
