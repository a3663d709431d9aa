import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MODULE = join(import.meta.dirname, 'logger.ts');

/** A process that logs until it is told to end, and then logs once more and exits. */
const SCRIPT = `
  const { createLogger } = await import(${JSON.stringify(MODULE)});
  const logger = createLogger('orphan');
  process.stdin.on('end', () => {
    for (let line = 0; line < 50; line += 1) logger.info({ line }, 'still here');
    process.exit(3);
  });
  process.stdin.resume();
  logger.info({}, 'ready');
`;

test('a process whose reader is gone still logs, and still exits', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({ name: 'orphan', msg: 'ready' });
  child.stdout.destroy();
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([3, null]);
});
