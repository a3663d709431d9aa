import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildImage, type BuiltImage } from '#pkg/lab';
import { findFreePort } from '#pkg/local';
import { eventually } from '../harness/eventually.ts';
import { startContainerd, type Containerd } from './harness/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const VERSION = '9.8.7-test';
const PROGRAMS = await readdir(join(ROOT, 'cmd'));

let folder = '';
let image: BuiltImage;
let containerd: Containerd;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-image-'));
  const archive = join(folder, 'image.tar');
  image = await buildImage({
    root: ROOT,
    environment: process.env,
    report: (line) => void process.stderr.write(`${line}\n`),
    archive,
    version: VERSION,
    name: 'localhost/kraite:test',
  });
  containerd = await startContainerd();
  await containerd.importImage(archive);
  await rm(archive);
}, 900_000);

afterAll(async () => {
  await containerd?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function shell(script: string): Promise<string> {
  const { status, stdout, stderr } = await containerd.run(image.name, ['sh', '-c', script]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.trim();
}

test('it runs as a user with no name and says what it is', () => {
  expect(image.user).toBe('65532:65532');
  expect(image.labels).toMatchObject({
    'org.opencontainers.image.title': 'kraite',
    'org.opencontainers.image.version': VERSION,
    'org.opencontainers.image.licenses': 'Apache-2.0',
  });
});

test('on a read-only root, as that user, it tells its release and Node 24', async () => {
  expect(await shell('id -u; kraite version')).toMatch(/^65532\nkraite \d+\.\d+\.\d+\nnode 24\./);
  const { status } = await containerd.run(image.name, ['touch', '/app/x']);
  expect(status).not.toBe(0);
});

test('it holds packages of production only, and the lists that a scanner reads', async () => {
  expect(await shell('dpkg-query --show nftables')).toMatch(/^nftables\t\d/);
  expect(await shell('cat /app/package-lock.json')).toBe(
    (await readFile(join(ROOT, 'package-lock.json'), 'utf8')).trim(),
  );
  const present = await shell('ls /app/node_modules');
  expect(present).toContain('undici');
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const names = Object.keys(devDependencies).filter((name) => !name.startsWith('@'));
  expect(present.split('\n').filter((name) => names.includes(name))).toEqual([]);
  expect(await shell('command -v npm npx || true')).toBe('');
});

test('it holds no test, no map of sources, and nothing that is anybody’s to write', async () => {
  const found = await shell(
    "find /app '(' -name '*.map' -o -perm -o+w -not -type l ')' -print; " +
      "find /app -name '*.test.ts' -not -path '*/node_modules/*'; ls -d /app/tests 2>/dev/null || true",
  );
  expect(found).toBe('');
});

test('beside its base it is small', async () => {
  const megabytes = Number((await shell('du -sm /app')).split('\t')[0]);
  process.stderr.write(`/app of the image: ${megabytes} MB\n`);
  expect(megabytes).toBeLessThan(240);
});

test.each(PROGRAMS)('cmd/%s finds all that it imports', async (program) => {
  // Without configuration they end and say what is missing; what needs none is ended.
  const { stdout, stderr } = await containerd.run(image.name, [
    ...['timeout', '5', 'node', `/app/cmd/${program}/main.ts`],
    ...(program === 'exchange-sim' ? ['--help'] : []),
  ]);
  expect(`${stdout}${stderr}`).not.toMatch(/ERR_MODULE_NOT_FOUND|SyntaxError|not found/);
});

test('what the operator’s chart starts was compiled when the image was made', async () => {
  const template = join(ROOT, 'charts/kraite-operator/templates/deployment.yaml');
  const [, command = ''] = /command: \[(.+)\]/.exec(await readFile(template, 'utf8')) ?? [];
  expect(command).toContain('/app/cmd/operator/main.ts');
  const { stdout, stderr } = await containerd.run(image.name, [
    ...['env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE'],
    ...command.split(', '),
  ]);
  const log = `${stdout}${stderr}`;
  expect(log.match(/reading cache from .*\.\.\. success/g)?.length).toBeGreaterThan(500);
  expect(log).not.toMatch(/reading cache from .* (?:failed|no such file)|mismatch|rejected/);
});

test('the simulated exchange answers, and ends when it is told to', async () => {
  const port = await findFreePort('127.0.0.1');
  const task = await containerd.start(image.name, [
    'node',
    '/app/cmd/exchange-sim/main.ts',
    '--listen',
    `127.0.0.1:${port}`,
  ]);
  await eventually(
    async () => {
      const { status } = await fetch(`http://127.0.0.1:${port}/fapi/v1/ping`);
      expect(status).toBe(200);
    },
    { limitMs: 30_000, everyMs: 200 },
  );
  expect(await task.output()).toContain('ready: REST');
  expect(await task.stop()).toBe(0);
});

test('the node agent finds nft and conntrack', async () => {
  expect(await shell('nft --version; conntrack --version')).toMatch(
    /nftables v1\.\d[^]*conntrack v1\./,
  );
});
