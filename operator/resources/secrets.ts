import { PORTS, SECRET_KEYS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { KINDS } from './kinds.ts';
import { fleetNames, namespacedHead, namespaceOf } from './naming.ts';

/** What nobody but the fleet need know. */
export interface FleetCredentials {
  readonly mysqlRootPassword: string;
  readonly mysqlPassword: string;
  readonly redisPassword: string;
  /** 64 hex digits that seal the keys of the accounts. */
  readonly accountKey: string;
  /** The first password of the admin site. */
  readonly adminPassword: string;
}

/** Returns credentials out of `randomBytes`, which must be fit for keys (node:crypto's is). All are hex digits. */
export function makeCredentials(randomBytes: (size: number) => Uint8Array): FleetCredentials {
  const hex = (size: number) => Buffer.from(randomBytes(size)).toString('hex');
  return {
    mysqlRootPassword: hex(24),
    mysqlPassword: hex(24),
    redisPassword: hex(24),
    accountKey: hex(32),
    adminPassword: hex(12),
  };
}

/**
 * Returns the Secrets that a fleet generates, to be created where they are missing and never written again.
 *
 * They outlive the fleet, as the data does that they open. A person who brings another one creates it first, under the
 * same name and keys; what `core.mysql.existing` and the indicator provider ask for is theirs anyway.
 */
export function buildSecrets(
  fleet: FleetObject,
  credentials: FleetCredentials,
): readonly KubeObject[] {
  const names = fleetNames(fleet);
  const { mysqlPassword, redisPassword, mysqlRootPassword } = credentials;
  const hostOf = (service: string) => `${service}.${namespaceOf(fleet)}.svc`;
  return [
    secretOf(fleet, names.coreSecret, 'core', {
      [SECRET_KEYS.mysqlUrl]: `mysql://kraite:${mysqlPassword}@${hostOf(names.mysql)}:${PORTS.mysql}/kraite`,
      [SECRET_KEYS.redisUrl]: `redis://:${redisPassword}@${hostOf(names.redis)}:${PORTS.redis}/0`,
      [SECRET_KEYS.mysqlRootPassword]: mysqlRootPassword,
      [SECRET_KEYS.mysqlPassword]: mysqlPassword,
      [SECRET_KEYS.redisPassword]: redisPassword,
    }),
    secretOf(fleet, names.accountKeySecret, 'worker', {
      [SECRET_KEYS.accountKey]: credentials.accountKey,
    }),
    secretOf(fleet, names.adminSecret, 'web', {
      [SECRET_KEYS.adminPassword]: credentials.adminPassword,
    }),
  ];
}

function secretOf(
  fleet: FleetObject,
  name: string,
  component: string,
  values: Readonly<Record<string, string>>,
): KubeObject {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return {
    ...namespacedHead(fleet, KINDS.Secret, { name, component, isKept: true }),
    type: 'Opaque',
    data,
  };
}
