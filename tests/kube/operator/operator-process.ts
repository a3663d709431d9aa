import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { countWrites, SYSTEM_NAMESPACE } from './fleet-cluster.ts';

/** `cmd/operator` as its Deployment runs it. */
export interface OperatorProcess extends AsyncDisposable {
  readonly name: string;
  /** SIGKILL: nothing of it ends in order. */
  kill(): Promise<void>;
  isRunning(): boolean;
  /** Requests to the API server that write, so far. */
  writes(): Promise<number>;
}

export async function startOperatorProcess(
  name: string,
  kubeconfig: string,
): Promise<OperatorProcess> {
  const child = spawn(process.execPath, ['cmd/operator/main.ts'], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: kubeconfig,
      POD_NAME: name,
      POD_NAMESPACE: SYSTEM_NAMESPACE,
      KRAITE_HEALTH_HOST: '127.0.0.1',
      KRAITE_HEALTH_PORT: '0',
      KRAITE_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error(`${name} ended before it listened`);
  const { port } = JSON.parse(first.value) as { readonly port: number };
  return {
    name,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    writes: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
      return countWrites(await answer.text());
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
