import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';

import { LocalError, type LocalErrorCode } from './errors.ts';
import type { RuntimeRecord } from './runtime-record.ts';

export interface ControlCall {
  readonly verb: string;
  readonly argument?: unknown;
  /** Called with each progress line. */
  readonly onSay?: (line: string) => void;
}

type ControlLine =
  | { readonly say: string }
  | { readonly result: unknown }
  | {
      readonly error: {
        readonly code: LocalErrorCode;
        readonly message: string;
        readonly exit: 'failed' | 'wrong-use';
      };
    };

/** Asks the supervisor of a running fleet. Throws {@link LocalError}: what it refused, or that it is gone. */
export async function callSupervisor(runtime: RuntimeRecord, call: ControlCall): Promise<unknown> {
  const response = await openCall(runtime, call);
  try {
    for await (const text of createInterface({ input: response })) {
      const line = JSON.parse(text) as ControlLine;
      if ('say' in line) call.onSay?.(line.say);
      else if ('result' in line) return line.result;
      else throw new LocalError(line.error.code, line.error.message, { exit: line.error.exit });
    }
  } finally {
    response.destroy();
  }
  throw new LocalError('FLEET_DOWN', 'the fleet ended before it answered');
}

function openCall(runtime: RuntimeRecord, call: ControlCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${runtime.controlUrl}/${call.verb}`,
      {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${runtime.controlToken}` },
      },
      (response) => {
        if (response.statusCode === 200) return resolve(response);
        response.resume();
        const message = `the fleet does not know ${call.verb} (another release runs?)`;
        reject(new LocalError('FLEET_REFUSED', message));
      },
    );
    sent.on('error', (cause) => {
      reject(new LocalError('FLEET_DOWN', 'the fleet does not answer', { cause }));
    });
    sent.end(call.argument === undefined ? '' : JSON.stringify(call.argument));
  });
}
