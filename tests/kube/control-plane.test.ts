import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainRefusedContext } from './harness/global-cluster.ts';
import {
  openCluster,
  openSharedCluster,
  startControlPlane,
  type Cluster,
} from './harness/index.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openSharedCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

test('an account may do what a role allows and nothing else', async () => {
  await using namespace = await cluster.makeNamespace();
  const token = await cluster.makeToken({ namespace: namespace.name, name: 'reader' });
  const path = `/api/v1/namespaces/${namespace.name}/configmaps`;
  expect((await cluster.call(token, 'GET', path)).status).toBe(403);
  const options = ['--namespace', namespace.name];
  await cluster.kubectl([
    'create',
    'role',
    'r',
    '--verb=get,list',
    '--resource=configmaps',
    ...options,
  ]);
  const account = `--serviceaccount=${namespace.name}:reader`;
  await cluster.kubectl(['create', 'rolebinding', 'r', '--role=r', account, ...options]);
  await expect.poll(async () => (await cluster.call(token, 'GET', path)).status).toBe(200);
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  expect((await cluster.call(token, 'POST', path, configMap)).status).toBe(403);
});

test('an API server that was killed comes back with what it had', async () => {
  await using plane = await startControlPlane();
  await using own = await openCluster(plane.kubeconfig);
  await own.kubectl(['create', 'namespace', 'kept']);
  await plane.stopApiServer();
  expect((await own.kubectl(['get', 'namespace', 'kept'])).status).not.toBe(0);
  await plane.startApiServer();
  expect((await own.kubectl(['get', 'namespace', 'kept'])).stdout).toContain('Active');
});

test('a cluster that was not made for tests is refused unless it is named', () => {
  expect(explainRefusedContext('kind-kraite', undefined)).toBeUndefined();
  expect(explainRefusedContext('prod', 'prod')).toBeUndefined();
  expect(explainRefusedContext('prod', undefined)).toContain('KRAITE_TEST_CONTEXT=prod');
});
