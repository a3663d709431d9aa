import { afterEach, expect, test } from 'vitest';

import { callSupervisor } from './control-client.ts';
import { startControlServer, type ControlServer } from './control-server.ts';
import { LocalError } from './errors.ts';
import type { RuntimeRecord } from './runtime-record.ts';

const TOKEN = 'secret-token';
let server: ControlServer | undefined;

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
});

async function open(token = TOKEN): Promise<RuntimeRecord> {
  server = await startControlServer({
    token: TOKEN,
    handlers: {
      greet: async (argument, say) => {
        say('one moment');
        await Promise.resolve();
        return { greeted: argument };
      },
      refuse: () => {
        throw new LocalError('UNKNOWN_BOX', 'no box is called eo', { exit: 'wrong-use' });
      },
    },
  });
  return { controlUrl: server.url, controlToken: token } as RuntimeRecord;
}

test('a call gets its progress lines and then its result', async () => {
  const runtime = await open();
  const said: string[] = [];
  const result = await callSupervisor(runtime, {
    verb: 'greet',
    argument: 'eos',
    onSay: (line) => void said.push(line),
  });
  expect(said).toEqual(['one moment']);
  expect(result).toEqual({ greeted: 'eos' });
});

test('a refusal arrives with its sentence and its exit', async () => {
  const runtime = await open();
  await expect(callSupervisor(runtime, { verb: 'refuse' })).rejects.toMatchObject({
    message: 'no box is called eo',
    exit: 'wrong-use',
  });
});

test('a wrong token moves nothing', async () => {
  const runtime = await open('guess');
  await expect(callSupervisor(runtime, { verb: 'greet' })).rejects.toThrow('does not know greet');
});

test('a supervisor that is gone is said to be gone', async () => {
  const runtime = await open();
  await server?.[Symbol.asyncDispose]();
  await expect(callSupervisor(runtime, { verb: 'greet' })).rejects.toMatchObject({
    code: 'FLEET_DOWN',
  });
});
