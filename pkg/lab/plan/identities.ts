/** Who speaks to the API server, and with which groups; each proves itself by a token of its own. */
export interface Identity {
  /** Names the token and the kubeconfig. */
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
}

export const ADMIN: Identity = { name: 'admin', user: 'admin', groups: ['system:masters'] };

/** The API server itself, towards kubelets: the name in the certificate that it shows. */
export const KUBELET_CLIENT = 'kraite-lab';

export const COMPONENTS: readonly Identity[] = [
  ADMIN,
  { name: 'controller-manager', user: 'system:kube-controller-manager', groups: [] },
  { name: 'scheduler', user: 'system:kube-scheduler', groups: [] },
  { name: 'kube-proxy', user: 'system:kube-proxy', groups: [] },
  { name: 'flannel', user: 'flannel', groups: [] },
];

/** What k3s gives an agent: its own node and nothing of another one (NodeRestriction). */
export function kubeletIdentity(node: string): Identity {
  return { name: `kubelet-${node}`, user: `system:node:${node}`, groups: ['system:nodes'] };
}

/** Returns the file of `--token-auth-file`. */
export function tokenFile(
  identities: readonly Identity[],
  tokens: ReadonlyMap<string, string>,
): string {
  return identities
    .map(({ name, user, groups }) => `${tokens.get(name)},${user},${user},"${groups.join(',')}"\n`)
    .join('');
}
