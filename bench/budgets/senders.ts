/** Starts, ends and kills the processes that send. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { SenderOrders } from './sender.ts';

export interface Senders extends AsyncDisposable {
  /** kill -9. */
  kill(index: number): void;
}

/** Resolves when every sender sends. */
export async function startSenders(orders: readonly SenderOrders[]): Promise<Senders> {
  const children = await Promise.all(orders.map(startSender));
  return {
    kill: (index) => void children[index]?.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          if (child.connected) child.disconnect();
          await exited;
        }),
      );
    },
  };
}

async function startSender(orders: SenderOrders): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'sender.ts'));
  child.send(orders);
  await once(child, 'message');
  return child;
}
