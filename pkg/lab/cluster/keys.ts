import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { makeSelfSigned } from '#pkg/exchange/simulated';
import { firstAddressOf } from '../plan/addresses.ts';
import { API_PORT, BALANCER_PORT } from '../plan/control-plane.ts';
import {
  ADMIN,
  COMPONENTS,
  KUBELET_CLIENT,
  kubeletIdentity,
  tokenFile,
  type Identity,
} from '../plan/identities.ts';
import type { LabPlan } from '../plan/lab-plan.ts';
import { paths } from '../paths.ts';

const DAYS = 365;
const TOKEN_BYTES = 24;
const SECRET_BYTES = 32;
const OWNER_ONLY = { mode: 0o600 } as const;

/**
 * Makes certificate, keys, tokens and kubeconfigs of a new cluster.
 *
 * One certificate signs itself, is what API servers and kubelets show, and the only one anybody trusts; who asks proves
 * itself by a token. k3s has an authority and a certificate for each: what each may do is the same.
 */
export async function makeKeys(plan: LabPlan, nowMs: number): Promise<void> {
  await mkdir(paths.keys, { recursive: true, mode: 0o700 });
  const { chain, privateKey } = makeSelfSigned(certificateNames(plan), { days: DAYS, nowMs });
  await writeFile(paths.key('cluster.crt'), chain);
  await writeFile(paths.key('cluster.key'), privateKey, OWNER_ONLY);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = pair.privateKey.export({ type: 'sec1', format: 'pem' });
  await writeFile(paths.key('service-account.key'), secret, OWNER_ONLY);
  const open = pair.publicKey.export({ type: 'spki', format: 'pem' });
  await writeFile(paths.key('service-account.pub'), open);
  await writeFile(paths.key('encryption.json'), encryption(), OWNER_ONLY);
  const identities = [...COMPONENTS, ...plan.nodes.map(({ name }) => kubeletIdentity(name))];
  const tokens = new Map(
    identities.map(({ name }) => [name, randomBytes(TOKEN_BYTES).toString('hex')]),
  );
  await writeFile(paths.key('tokens.csv'), tokenFile(identities, tokens), OWNER_ONLY);
  for (const identity of identities) {
    const token = tokens.get(identity.name) ?? '';
    const text = kubeconfig(serverFor(plan, identity), chain, token);
    await writeFile(paths.kubeconfig(identity.name), text, OWNER_ONLY);
    if (identity === ADMIN) await writeFile(paths.adminKubeconfig, text, OWNER_ONLY);
  }
}

function certificateNames({ cluster, nodes }: LabPlan): readonly string[] {
  return [
    // The first is its subject, by which kubelets know who calls.
    KUBELET_CLIENT,
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${cluster.clusterDomain}`,
    'localhost',
    '127.0.0.1',
    firstAddressOf(cluster.serviceCIDR),
    ...new Set([...cluster.names, ...nodes.flatMap(({ name, privateIP }) => [name, privateIP])]),
  ];
}

/** The desk asks the first server; programs of a server ask their own, those of a node its balancer. */
function serverFor({ servers }: LabPlan, { name }: Identity): string {
  if (name === ADMIN.name) return `https://${servers[0]?.privateIP}:${API_PORT}`;
  const isOfServer = name === 'controller-manager' || name === 'scheduler';
  return `https://127.0.0.1:${isOfServer ? API_PORT : BALANCER_PORT}`;
}

function kubeconfig(server: string, authority: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'lab',
        cluster: {
          server,
          'certificate-authority-data': Buffer.from(authority).toString('base64'),
        },
      },
    ],
    users: [{ name: 'lab', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
    'current-context': 'lab',
  });
}

/** As k3s has it by `secrets-encryption`. */
function encryption(): string {
  const key = { name: 'lab', secret: randomBytes(SECRET_BYTES).toString('base64') };
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      { resources: ['secrets'], providers: [{ aescbc: { keys: [key] } }, { identity: {} }] },
    ],
  });
}
