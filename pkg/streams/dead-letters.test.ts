import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, test } from 'vitest';

import { id, type AccountId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { eventually } from '../../tests/harness/eventually.ts';
import { createStreamBench } from '../../tests/harness/streams/stream-bench.ts';
import { createDeadLetterFile, type DeadLetter } from './dead-letters.ts';

const ACCOUNT = id<AccountId>('main');
const logger = createSilentLogger();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-dead-letters-'));
  return () => rm(folder, { recursive: true });
});

const letter = (frame: string): DeadLetter => ({
  atMs: 1,
  accountId: ACCOUNT,
  frame,
  error: 'the core is away',
});

describe('dead letters', () => {
  test('what one process left is stored by the next, oldest first, and then gone', async () => {
    const path = join(folder, 'made', 'letters.jsonl');
    const first = createDeadLetterFile(path, { logger });
    for (const frame of ['a', 'b\nwith a line', 'c']) await first.append(letter(frame));
    expect(first.waiting().get(ACCOUNT)).toBe(3);
    const second = createDeadLetterFile(path, { logger });
    const stored: string[] = [];
    await second.drain(async ({ frame }) => void stored.push(frame));
    expect(stored).toEqual(['a', 'b\nwith a line', 'c']);
    expect(second.waiting().size).toBe(0);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  test('those that are rejected stay, the others go, and what comes meanwhile is kept', async () => {
    const path = join(folder, 'letters.jsonl');
    const letters = createDeadLetterFile(path, { logger });
    for (const frame of ['a', 'poison', 'c']) await letters.append(letter(frame));
    let appended: Promise<void> = Promise.resolve();
    await letters.drain(async ({ frame }) => {
      if (frame === 'a') appended = letters.append(letter('late'));
      if (frame === 'poison') throw new Error('not this one');
    });
    await appended;
    const text = await readFile(path, 'utf8');
    expect(text.match(/"frame":"[^"]*"/gu)).toEqual(['"frame":"poison"', '"frame":"late"']);
    expect(letters.waiting().get(ACCOUNT)).toBe(2);
  });

  test('while the rows are away a drain asks a few times and leaves the file as it is', async () => {
    const path = join(folder, 'letters.jsonl');
    const letters = createDeadLetterFile(path, { logger });
    for (let count = 0; count < 100; count += 1) await letters.append(letter(String(count)));
    const before = await readFile(path, 'utf8');
    let asked = 0;
    await letters.drain(async () => {
      asked += 1;
      throw new Error('the core is away');
    });
    expect(asked).toBe(3);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('a line that a crash tore is dropped, and the rest is read', async () => {
    const path = join(folder, 'letters.jsonl');
    await writeFile(path, `${JSON.stringify(letter('whole'))}\n{"atMs":1,"accou\n[]\n`);
    await appendFile(path, `${JSON.stringify(letter('after'))}\n`);
    const stored: string[] = [];
    const letters = createDeadLetterFile(path, { logger });
    await letters.drain(async ({ frame }) => void stored.push(frame));
    expect(stored).toEqual(['whole', 'after']);
  });
});

describe('frames while the rows are away', () => {
  test('they wait on disk, show as FramesUnstored, and are stored when the rows are back', async () => {
    const path = join(folder, 'letters.jsonl');
    const stored: string[] = [];
    let isAway = true;
    const bench = createStreamBench({
      deadLetterPath: path,
      parts: {
        onFrame: async (_accountId, text) => {
          if (isAway) throw new Error('the core is away');
          stored.push(text);
          return 'stored';
        },
      },
    });
    await using streams = bench.start();
    await bench.pass(10);
    const frames = Array.from({ length: 20 }, (_, index) => `{"frame":${index}}`);
    for (const frame of frames) bench.sockets.peers()[0]?.send(frame);
    const state = () => [...streams.completeness().values()][0];
    const passUntil = (check: () => void | Promise<void>) =>
      eventually(async () => {
        await bench.pass(500);
        await check();
      });
    await passUntil(async () => {
      expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(21);
      expect(state()).toMatchObject({ isComplete: false, reason: 'FramesUnstored' });
    });
    isAway = false;
    await passUntil(() => expect(state()).toMatchObject({ isComplete: true }));
    expect(stored).toEqual(frames);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  test('a frame that the disk does not take either opens a gap', async () => {
    const path = join(folder, 'taken');
    await mkdir(path);
    const bench = createStreamBench({
      deadLetterPath: path,
      parts: { onFrame: () => Promise.reject(new Error('the core is away')) },
    });
    await using _streams = bench.start();
    await bench.pass(10);
    expect(bench.gaps).toHaveLength(1);
    bench.sockets.peers()[0]?.send('{}');
    await eventually(async () => {
      await bench.pass(500);
      expect(bench.gaps.length).toBeGreaterThan(1);
    });
  });
});
