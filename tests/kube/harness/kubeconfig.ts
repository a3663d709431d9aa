import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { required } from '#pkg/base';

/** Whom to ask, whom to trust, and as whom. */
export interface Access {
  readonly url: string;
  /** PEM. */
  readonly authority: string;
  readonly token: string;
}

export function kubeconfigOf(access: Access): string {
  const authority = Buffer.from(access.authority).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server: access.url, 'certificate-authority-data': authority },
      },
    ],
    users: [{ name: 'test', user: { token: access.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly users: readonly { readonly name: string; readonly user: { readonly token?: string } }[];
  readonly 'current-context': string;
}

/** Returns where the current context of a kubeconfig leads; the token is empty where it proves itself otherwise. */
export async function readServer(file: string): Promise<Access & { readonly context: string }> {
  const config = parse(await readFile(file, 'utf8')) as Kubeconfig;
  const context = config['current-context'];
  const named = config.contexts.find((each) => each.name === context);
  const { cluster } = required(
    config.clusters.find((each) => each.name === named?.context.cluster),
    `the current context of ${file} names no cluster`,
  );
  const authority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
  const user = config.users.find((each) => each.name === named?.context.user);
  return { context, url: cluster.server, authority, token: user?.user.token ?? '' };
}
