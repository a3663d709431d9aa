import { defineConfig } from 'vitest/config';

const SECOND = 1_000;

/** A part of the suite; `./kraite test NAME` runs one. Parts that name servers get private ones, started once. */
const parts = [
  {
    name: 'unit',
    include: [
      'pkg/**/*.test.ts',
      'operator/**/*.test.ts',
      'cmd/**/*.test.ts',
      'tests/harness/**/*.test.ts',
    ],
    timeoutMs: 20 * SECOND,
  },
  { name: 'tidy', include: ['tests/tidy/**/*.test.ts'], timeoutMs: 30 * SECOND },
  {
    name: 'simulation',
    include: ['tests/simulation/**/*.test.ts'],
    timeoutMs: 60 * SECOND,
  },
  {
    name: 'integration',
    include: ['tests/conformance/**/*.test.ts', 'tests/integration/**/*.test.ts'],
    servers: ['mariadb', 'mysql'],
    timeoutMs: 30 * SECOND,
  },
  {
    name: 'engine',
    include: ['tests/engine/**/*.test.ts'],
    servers: ['mariadb'],
    timeoutMs: 60 * SECOND,
  },
  {
    name: 'venue',
    include: ['tests/venue/**/*.test.ts'],
    servers: ['mariadb'],
    timeoutMs: 60 * SECOND,
  },
  {
    name: 'pods',
    include: ['tests/pods/**/*.test.ts'],
    servers: ['mariadb'],
    timeoutMs: 120 * SECOND,
    isOneAtATime: true,
  },
  {
    name: 'kube',
    include: ['tests/kube/**/*.test.ts'],
    setup: ['./tests/kube/harness/global-cluster.ts'],
    timeoutMs: 120 * SECOND,
  },
  {
    name: 'fleet',
    include: ['tests/fleet/**/*.test.ts'],
    timeoutMs: 300 * SECOND,
    isOneAtATime: true,
  },
  {
    name: 'egress',
    include: ['tests/egress/**/*.test.ts'],
    timeoutMs: 90 * SECOND,
    isOneAtATime: true,
  },
  {
    name: 'image',
    include: ['tests/image/**/*.test.ts'],
    timeoutMs: 600 * SECOND,
    isOneAtATime: true,
  },
  {
    name: 'chart',
    include: ['tests/charts/**/*.test.ts'],
    timeoutMs: 60 * SECOND,
  },
  {
    name: 'web',
    include: ['tests/web/**/*.test.ts'],
    servers: ['mariadb'],
    timeoutMs: 120 * SECOND,
    isOneAtATime: true,
  },
  {
    name: 'cluster',
    include: ['tests/cluster/**/*.test.ts'],
    timeoutMs: 300 * SECOND,
    isOneAtATime: true,
  },
];

export default defineConfig({
  test: {
    passWithNoTests: true,
    maxWorkers: 2,
    projects: parts.map((part) => ({
      test: {
        name: part.name,
        include: part.include,
        globalSetup: [
          ...(part.servers ?? []).map((server) => `./tests/harness/global-${server}.ts`),
          ...(part.setup ?? []),
        ],
        testTimeout: part.timeoutMs,
        hookTimeout: Math.max(part.timeoutMs, 60 * SECOND),
        fileParallelism: part.isOneAtATime !== true,
        pool: 'forks' as const,
        env: { NO_COLOR: '1' },
      },
    })),
  },
});
