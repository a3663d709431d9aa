import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrograms } from '#pkg/local';
import { callApi, type ApiAnswer } from './call-api.ts';
import { kubeconfigOf, readServer } from './kubeconfig.ts';
import { run, type ToolResult } from './run.ts';

/** A cluster as a person at a terminal has it: kubectl, helm, and the bare API. */
export interface Cluster extends AsyncDisposable {
  readonly url: string;
  readonly kubeconfig: string;
  /** Of whoever the kubeconfig is; empty where that one bears no token. */
  readonly token: string;
  kubectl(args: readonly string[], options?: ToolOptions): Promise<ToolResult>;
  helm(args: readonly string[], options?: ToolOptions): Promise<ToolResult>;
  /** Server-side applies manifests (YAML or JSON text, or objects); throws what kubectl says when it is refused. */
  apply(manifests: string | readonly object[]): Promise<void>;
  /** As the bearer of `token`. */
  call(token: string, ...call: CallArguments): Promise<ApiAnswer>;
  /** Makes a namespace of a name that nobody has; disposing it asks for its deletion. */
  makeNamespace(): Promise<{ readonly name: string } & AsyncDisposable>;
  /** Makes the account where it is missing, and a token of it, perhaps bound to a node. */
  makeToken(account: AccountName, options?: { readonly node?: string }): Promise<string>;
  /** Returns the file of a kubeconfig that bears `token`. */
  writeKubeconfig(token: string): Promise<string>;
}

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

export interface ToolOptions {
  readonly input?: string;
  /** Another than the admin's. */
  readonly kubeconfig?: string;
}

type CallArguments =
  Parameters<typeof callApi> extends [unknown, ...infer Rest extends unknown[]] ? Rest : never;

/** Opens the cluster that a kubeconfig names. */
export async function openCluster(kubeconfig: string): Promise<Cluster> {
  const { url, authority, token } = await readServer(kubeconfig);
  const programs = await ensurePrograms(['kubectl', 'helm'], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const folder = await mkdtemp(join(tmpdir(), 'kraite-test-cluster-'));
  const tool =
    (name: 'kubectl' | 'helm') =>
    (args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> =>
      run([programs[name].command[0], ...args], {
        environment: {
          PATH: process.env['PATH'],
          HOME: folder,
          KUBECONFIG: options.kubeconfig ?? kubeconfig,
        },
        ...(options.input === undefined ? {} : { input: options.input }),
      });
  const kubectl = tool('kubectl');
  const must = async (args: readonly string[], input?: string): Promise<string> => {
    const result = await kubectl(args, input === undefined ? {} : { input });
    if (result.status === 0) return result.stdout.trim();
    throw new Error(`kubectl ${args.join(' ')}:\n${result.stderr}`);
  };
  return {
    url,
    kubeconfig,
    token,
    kubectl,
    helm: tool('helm'),
    apply: async (manifests) => {
      const input =
        typeof manifests === 'string'
          ? manifests
          : manifests.map((each) => JSON.stringify(each)).join('\n---\n');
      await must(['apply', '--server-side', '--force-conflicts', '-f', '-'], input);
    },
    call: (token, ...call) => callApi({ url, authority, token }, ...call),
    makeNamespace: async () => {
      const name = `test-${randomBytes(5).toString('hex')}`;
      await must(['create', 'namespace', name]);
      return {
        name,
        [Symbol.asyncDispose]: async () => {
          await must(['delete', 'namespace', name, '--wait=false']);
        },
      };
    },
    makeToken: async ({ namespace, name }, { node } = {}) => {
      const account = ['serviceaccount', name, '--namespace', namespace];
      await must(['get', ...account]).catch(() => must(['create', ...account]));
      const bound =
        node === undefined ? [] : ['--bound-object-kind=Node', `--bound-object-name=${node}`];
      return must(['create', 'token', name, '--namespace', namespace, ...bound]);
    },
    writeKubeconfig: async (token) => {
      const file = join(folder, `${randomBytes(5).toString('hex')}.kubeconfig`);
      await writeFile(file, kubeconfigOf({ url, authority, token }), { mode: 0o600 });
      return file;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
