import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openCluster, startControlPlane, installCrds } from './harness/index.ts';

const METRICS = '/apis/external.metrics.k8s.io/v1beta1';

test('an autoscaler sets the slots of a pool from an External metric', async () => {
  await using plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  await using cluster = await openCluster(plane.kubeconfig);
  await plane.startControllerManager();
  const waiting = { steps: 80 };
  const server = await serveMetric(plane.certificate, () => waiting.steps);
  try {
    await using namespace = await cluster.makeNamespace();
    await cluster.apply([...metricsApi(namespace.name, portOf(server)), pool(namespace.name)]);
    const at = ['--namespace', namespace.name];
    await cluster.kubectl([
      'patch',
      'kwp/eos-orders',
      '--subresource=status',
      '--type=merge',
      '--patch={"status":{"slots":8,"selector":"fleet.kraite.io/box=eos"}}',
      ...at,
    ]);
    await cluster.apply([autoscaler(namespace.name)]);
    const slots = async (): Promise<string> =>
      (await cluster.kubectl(['get', 'kwp/eos-orders', '-o=jsonpath={.spec.slots}', ...at])).stdout;
    const active = async (): Promise<string> =>
      (
        await cluster.kubectl([
          'get',
          'hpa/eos-orders',
          '-o=jsonpath={.status.currentMetrics[0].external.current.averageValue}',
          ...at,
        ])
      ).stdout;
    await expect.poll(active, { timeout: 60_000, interval: 500 }).toBe('10');
    expect(await slots()).toBe('8');
    waiting.steps = 120;
    await expect.poll(slots, { timeout: 60_000, interval: 500 }).toBe('12');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

/** An aggregated API with one metric, which is the same for every selector. */
async function serveMetric(
  certificate: { readonly file: string; readonly keyFile: string },
  read: () => number,
): Promise<Server> {
  const [cert, key] = [await readFile(certificate.file), await readFile(certificate.keyFile)];
  const resources = {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'external.metrics.k8s.io/v1beta1',
    resources: [
      {
        name: 'kraite_waiting_steps',
        singularName: '',
        namespaced: true,
        kind: 'ExternalMetricValueList',
        verbs: ['get'],
      },
    ],
  };
  const server = createServer({ cert, key }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isMetric = path.startsWith(`${METRICS}/namespaces/`);
    const timestamp = new Date().toISOString();
    const list = {
      kind: 'ExternalMetricValueList',
      apiVersion: 'external.metrics.k8s.io/v1beta1',
      metadata: {},
      items: [
        { metricName: 'kraite_waiting_steps', metricLabels: {}, timestamp, value: String(read()) },
      ],
    };
    response.statusCode = isMetric || path === METRICS ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isMetric ? list : resources));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function metricsApi(namespace: string, port: number): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'metrics', namespace },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.external.metrics.k8s.io' },
      spec: {
        group: 'external.metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'metrics', namespace, port },
      },
    },
  ];
}

function pool(namespace: string): object {
  return {
    apiVersion: 'fleet.kraite.io/v1alpha1',
    kind: 'KraiteWorkerPool',
    metadata: { name: 'eos-orders', namespace },
    spec: { fleet: 'kraite', box: 'eos', lane: 'orders', slots: 8, fleetSlots: 8 },
  };
}

function autoscaler(namespace: string): object {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'eos-orders', namespace },
    spec: {
      scaleTargetRef: {
        apiVersion: 'fleet.kraite.io/v1alpha1',
        kind: 'KraiteWorkerPool',
        name: 'eos-orders',
      },
      minReplicas: 1,
      maxReplicas: 40,
      metrics: [
        {
          type: 'External',
          external: {
            metric: { name: 'kraite_waiting_steps' },
            target: { type: 'AverageValue', averageValue: '10' },
          },
        },
      ],
    },
  };
}
