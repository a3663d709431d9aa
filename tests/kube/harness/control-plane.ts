import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '#pkg/base';
import { ensurePrograms, findFreePort, type Program } from '#pkg/local';
import { callApi } from './call-api.ts';
import { createDaemons, type Daemons } from './daemons.ts';
import { kubeconfigOf } from './kubeconfig.ts';

export interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  /** Of a member of system:masters. */
  readonly kubeconfig: string;
  /** Its own certificate, for servers of a test that need one. */
  readonly certificate: { readonly file: string; readonly keyFile: string };
  /** Ends the API server by SIGKILL; what it stored stays. */
  stopApiServer(): Promise<void>;
  /** Starts it again at the same address and waits until it is ready. */
  startApiServer(): Promise<void>;
  /** From here on namespaces are emptied, and what an owner leaves is collected. */
  startControllerManager(): Promise<void>;
  startScheduler(): Promise<void>;
  /** From here on every node is Ready and every pod on one runs, without a kubelet. */
  startKwok(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const READY_TIMEOUT_MS = 90_000;
const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

/**
 * Starts etcd and kube-apiserver on loopback, in a temporary folder that goes with them. RBAC and admission are on.
 *
 * People are told apart by tokens, so that no certificate has to be made: the API server makes its own for its address,
 * and the kubeconfig trusts exactly that one.
 */
export async function startControlPlane(): Promise<ControlPlane> {
  const programs = await ensurePrograms(PROGRAMS, {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const folder = await mkdtemp(join(tmpdir(), 'kraite-test-kube-'));
  const daemons = createDaemons(folder);
  const dispose = async (): Promise<void> => {
    await daemons[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const place = await preparePlace(folder);
    await daemons.start(programs.etcd, etcdArguments(place));
    const startApiServer = (): Promise<void> =>
      startUntilReady(programs['kube-apiserver'], place, daemons);
    await startApiServer();
    return {
      url: place.url,
      kubeconfig: place.kubeconfig,
      certificate: {
        file: place.certificateFile,
        keyFile: place.certificateFile.replace(/crt$/, 'key'),
      },
      startApiServer,
      stopApiServer: () => daemons.kill('kube-apiserver'),
      startControllerManager: () =>
        daemons.start(programs['kube-controller-manager'], controllerManagerArguments(place)),
      startScheduler: () => daemons.start(programs['kube-scheduler'], clientArguments(place)),
      startKwok: () => daemons.start(programs.kwok, kwokArguments(place, programs.kwok)),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly url: string;
  readonly adminToken: string;
  readonly tokensFile: string;
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
  /** Written by the API server when it starts for the first time. */
  readonly certificateFile: string;
  readonly kubeconfig: string;
}

async function preparePlace(folder: string): Promise<Place> {
  const port = await findFreePort(LOOPBACK);
  const place: Place = {
    folder,
    port,
    etcdPort: await findFreePort(LOOPBACK),
    etcdPeerPort: await findFreePort(LOOPBACK),
    url: `https://${LOOPBACK}:${port}`,
    adminToken: randomUUID(),
    tokensFile: join(folder, 'tokens.csv'),
    privateKeyFile: join(folder, 'service-account.key'),
    publicKeyFile: join(folder, 'service-account.pub'),
    certificateFile: join(folder, 'certificates/apiserver.crt'),
    kubeconfig: join(folder, 'admin.kubeconfig'),
  };
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isPrivate = { mode: 0o600 };
  await writeFile(
    place.privateKeyFile,
    keys.privateKey.export({ type: 'sec1', format: 'pem' }),
    isPrivate,
  );
  await writeFile(place.publicKeyFile, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(
    place.tokensFile,
    `${place.adminToken},admin,admin,"system:masters"\n`,
    isPrivate,
  );
  return place;
}

async function startUntilReady(program: Program, place: Place, daemons: Daemons): Promise<void> {
  await daemons.start(program, apiServerArguments(place));
  const clock = createSystemClock();
  const untilMs = clock.monotonicMs() + READY_TIMEOUT_MS;
  while (!(await isReady(place))) {
    if (!daemons.isRunning(program.name) || clock.monotonicMs() > untilMs) {
      const logs = [await daemons.logOf(program.name), await daemons.logOf('etcd')];
      throw new Error(`the API server does not get ready\n${logs.join('\n')}`);
    }
    await clock.sleep(30);
  }
}

async function isReady(place: Place): Promise<boolean> {
  const authority = await readFile(place.certificateFile, 'utf8').catch(() => '');
  if (!authority.includes('END CERTIFICATE')) return false;
  const access = { url: place.url, authority, token: place.adminToken };
  const answer = await callApi(access, 'GET', '/readyz').catch(() => undefined);
  if (answer?.status !== 200) return false;
  await writeFile(place.kubeconfig, kubeconfigOf(access), { mode: 0o600 });
  return true;
}

function etcdArguments({ folder, etcdPort, etcdPeerPort }: Place): readonly string[] {
  const [client, peer] = [`http://${LOOPBACK}:${etcdPort}`, `http://${LOOPBACK}:${etcdPeerPort}`];
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The state is disposable, and with these it is ready in 2.6 s instead of 4.
    '--unsafe-no-fsync',
    '--heartbeat-interval=20',
    '--election-timeout=200',
    '--log-level=warn',
  ];
}

function apiServerArguments(place: Place): readonly string[] {
  return [
    `--etcd-servers=http://${LOOPBACK}:${place.etcdPort}`,
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${place.port}`,
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(place.folder, 'certificates')}`,
    `--token-auth-file=${place.tokensFile}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${place.publicKeyFile}`,
    `--service-account-signing-key-file=${place.privateKeyFile}`,
    '--service-cluster-ip-range=10.43.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement',
    // Without a controller manager nobody creates the account `default`, and every pod would be refused.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

function clientArguments({ kubeconfig }: Place): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--bind-address=${LOOPBACK}`,
    '--secure-port=0',
    '--leader-elect=false',
    // With its own client limits it needs 8 s to start.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}

function controllerManagerArguments(place: Place): readonly string[] {
  return [
    ...clientArguments(place),
    `--service-account-private-key-file=${place.privateKeyFile}`,
    `--root-ca-file=${place.certificateFile}`,
    '--horizontal-pod-autoscaler-sync-period=1s',
  ];
}

function kwokArguments({ kubeconfig }: Place, { root }: Program): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
    `--config=${join(root, 'kwok-stages.yaml')}`,
  ];
}
