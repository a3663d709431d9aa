import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubectl, lab, readBoxes, tryLab, until } from './harness/index.ts';

const BOXES = ['athena', 'eos', 'iris'];
const SETTINGS = [
  'kernel/panic',
  'kernel/panic_on_oops',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];
const NO_ANSWER = 9;

/** A command of a box: asks an address echo outside which address it sees. */
const ASK_OUTSIDE = [
  process.execPath,
  '-e',
  `fetch('http://198.51.100.11:8080/', { signal: AbortSignal.timeout(2000) }).then(async (answer) => console.log(await answer.text()), () => process.exit(${NO_ANSWER}))`,
];

/** Asks the cluster's DNS, which goes through kube-proxy to a pod of another box, through flannel. */
const ASK_DNS = [
  process.execPath,
  '-e',
  `const { Resolver } = require('node:dns').promises; const dns = new Resolver({ timeout: 2000, tries: 1 }); dns.setServers(['10.43.0.10']);
   dns.resolve4('kubernetes.default.svc.cluster.local').then((found) => console.log(found.join()), () => process.exit(${NO_ANSWER}))`,
];

const settingsOf = (): Promise<readonly string[]> =>
  Promise.all(SETTINGS.map((name) => readFile(`/proc/sys/${name}`, 'utf8')));

let settingsBefore: readonly string[] = [];
let isOurs = false;

beforeAll(async () => {
  settingsBefore = await settingsOf();
  await lab('up', '--only', BOXES.join(','));
  isOurs = true;
}, 900_000);

afterAll(async () => {
  if (isOurs) await lab('down');
}, 120_000);

test('every box is Ready, with the taints of its k3s configuration', async () => {
  const boxes = await readBoxes();
  expect(
    boxes.map(({ name, power, kubernetes, notes }) => [name, power, kubernetes, notes]),
  ).toEqual(BOXES.map((name) => [name, 'on', 'Ready', []]));
  const taints = await kubectl('get', 'node', 'eos', '--output=jsonpath={.spec.taints[*].key}');
  expect(taints.split(' ')).toContain('fleet.kraite.io/egress-unverified');
});

test('a second lab is refused while one is up, and a box that is none', async () => {
  const second = await tryLab('up');
  expect([second.status, second.stderr]).toEqual([
    1,
    expect.stringContaining('a lab is up already'),
  ]);
  const unknown = await tryLab('kill', 'zeus');
  expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('no box zeus')]);
});

test('a box reaches a Service whose pod is on another box', async () => {
  expect((await lab('exec', 'eos', ...ASK_DNS)).trim()).toBe('10.43.0.1');
});

test('outside, each box is seen with its own public address', async () => {
  expect((await lab('exec', 'eos', ...ASK_OUTSIDE)).trim()).toBe('203.0.113.13');
  expect((await lab('exec', 'iris', ...ASK_OUTSIDE)).trim()).toBe('203.0.113.14');
});

test('a box that is cut from outside still reaches its neighbours', async () => {
  await lab('cut', 'eos', '--from', 'outside');
  expect((await tryLab('exec', 'eos', ...ASK_OUTSIDE)).status).toBe(NO_ANSWER);
  expect((await lab('exec', 'eos', ...ASK_DNS)).trim()).toBe('10.43.0.1');
  await lab('cut', 'eos', '--from', 'athena');
  expect((await tryLab('exec', 'eos', ...ASK_DNS)).status).toBe(NO_ANSWER);
  await lab('heal', 'eos');
  expect((await lab('exec', 'eos', ...ASK_OUTSIDE)).trim()).toBe('203.0.113.13');
  expect((await lab('exec', 'eos', ...ASK_DNS)).trim()).toBe('10.43.0.1');
});

test('boxes without power and frozen ones are noticed by Kubernetes, and come back', async () => {
  await lab('kill', 'iris');
  await lab('freeze', 'eos');
  const lost = await until('both are not Ready', async () => {
    const boxes = (await readBoxes()).filter(({ name }) => name !== 'athena');
    return boxes.every(({ kubernetes }) => kubernetes !== 'Ready') ? boxes : undefined;
  });
  expect(lost.map(({ name, power }) => [name, power])).toEqual([
    ['eos', 'frozen'],
    ['iris', 'off'],
  ]);
  expect(await lab('heal')).toBe('booted: iris\n');
  await until('both are Ready again', async () =>
    (await readBoxes()).every(({ kubernetes }) => kubernetes === 'Ready') ? true : undefined,
  );
  expect((await lab('exec', 'iris', ...ASK_DNS)).trim()).toBe('10.43.0.1');
});

test('when it is taken away nothing is left: no namespace, mount, group, process, file or setting', async () => {
  await lab('down');
  isOurs = false;
  expect((await readdir('/run/netns')).filter((name) => name.startsWith('kraite-lab'))).toEqual([]);
  expect(await readFile('/proc/mounts', 'utf8')).not.toContain('kraite-lab');
  expect(existsSync('/var/tmp/kraite-lab')).toBe(false);
  const groups = (await readdir('/sys/fs/cgroup')).map(
    (name) => `/sys/fs/cgroup/${name}/kraite-lab`,
  );
  expect([...groups, '/sys/fs/cgroup/kraite-lab'].filter((group) => existsSync(group))).toEqual([]);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  expect(commands.filter((command) => command.includes('/var/tmp/kraite-lab'))).toEqual([]);
  expect(await settingsOf()).toEqual(settingsBefore);
  expect((await tryLab('status')).stderr).toContain('no lab is up here');
});
