import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { FleetError } from '#pkg/base';
import { TABLE_NAMES } from './rules.ts';

/** What the agent does to the network of its box. */
export interface NodeNetwork {
  /** Loads a script in one transaction: all of it, or nothing. Throws {@link NetworkToolError}. */
  load(script: string): Promise<void>;
  /** Returns `nft -j list table inet NAME`, or undefined when there is no such table. Throws NetworkToolError. */
  listTable(name: string): Promise<string | undefined>;
  /** Ends the translated connections of these pods; who holds one gets a reset. Throws NetworkToolError. */
  forgetConnections(podCIDR: string): Promise<void>;
  /**
   * Calls `onChange` whenever anybody, this program too, changes a table of ours. Resolves when the watch has ended: when
   * `signal` aborts, or when the box ends it.
   */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** A command and its first arguments. */
export type Command = readonly [string, ...string[]];

export interface NetworkTools {
  readonly nft: Command;
  readonly conntrack: Command;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** `nft` or `conntrack` refused, or could not be started. */
export class NetworkToolError extends FleetError<'NETWORK_TOOL_FAILED'> {
  constructor(command: string, said: string) {
    super('NETWORK_TOOL_FAILED', `${command}: ${said.trim().split('\n')[0] ?? ''}`, {
      fields: { command, said: said.trim() },
    });
  }
}

/** Where tools of root are; without any PATH the system looks in fewer folders. */
const ROOTS_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TOOL_MS_MAX = 10_000;
const FORGET_TRIES_MAX = 20;

/** Returns the network of this box through its own tools; they need CAP_NET_ADMIN. */
export function createNodeNetwork(tools: NetworkTools): NodeNetwork {
  const { nft, conntrack, environment = { PATH: ROOTS_PATH } } = tools;
  const run = (command: Command, input?: string): Promise<ToolResult> =>
    runTool(command, { environment, input });
  return {
    load: async (script) => {
      const { status, stderr } = await run([...nft, '-f', '-'], script);
      if (status !== 0) throw new NetworkToolError('nft -f', stderr);
    },
    listTable: async (name) => {
      const { status, stdout, stderr } = await run([...nft, '-j', 'list', 'table', 'inet', name]);
      if (status === 0) return stdout;
      if (/No such file or directory/.test(stderr)) return undefined;
      throw new NetworkToolError('nft list', stderr);
    },
    forgetConnections: async (podCIDR) => {
      // It breaks off at a connection that ended by itself between its list and its deletion. Those that it would leave
      // behind after so many tries are held by the guard and time out.
      for (let tries = 0; tries < FORGET_TRIES_MAX; tries += 1) {
        const { status, stderr } = await run([...conntrack, '-D', '-s', podCIDR, '--src-nat']);
        // It ends with 1 when there was none.
        if (status === 0 || /\b0 flow entries/.test(stderr)) return;
        if (!/such conntrack doesn't exist/.test(stderr)) {
          throw new NetworkToolError('conntrack -D', stderr);
        }
      }
    },
    watch: (onChange, signal) => watchRules([...nft, 'monitor'], { environment, onChange, signal }),
  };
}

/** Each line of `nft monitor` tells of one object, with the name of its table. */
function watchRules(
  [file, ...args]: Command,
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly onChange: () => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { environment, onChange, signal } = options;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: environment,
      signal,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (TABLE_NAMES.some((table) => line.includes(` ${table}`))) onChange();
    });
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}

interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects: what cannot start, or takes too long, has status -1. */
function runTool(
  [file, ...first]: Command,
  {
    environment,
    input = '',
  }: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly input?: string | undefined;
  },
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(file, first, { env: environment, timeout: TOOL_MS_MAX });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const finish = (status: number, note: string): void =>
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString() + note,
      });
    child.once('error', (error) => finish(-1, `${file} cannot be started: ${error.message}`));
    child.once('close', (status, signal) =>
      finish(status ?? -1, signal === null ? '' : `ended by ${signal}`),
    );
    // A program that ends before it has read its input is told by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
