import type { Clock } from '#pkg/base';
import { CertificateError, readCertificate, type Certificate } from './certificate.ts';
import type { ChallengeAnswers } from './http-door.ts';

export interface CertificateOrder {
  readonly directoryUrl: string;
  readonly accountKey: string;
  readonly email: string;
  readonly hosts: readonly string[];
  readonly answers: ChallengeAnswers;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const ORDER_MS_MAX = 180_000;
const REQUEST_MS_MAX = 30_000;
const POLL_MS_MIN = 1_000;
const POLL_MS_MAX = 10_000;
const POLLS_MAX = 12;

/** Returns a new private key for an account at an authority, PEM. */
export async function makeAccountKey(): Promise<string> {
  const { crypto } = await import('acme-client');
  return (await crypto.createPrivateEcdsaKey('P-256')).toString();
}

/**
 * Orders one certificate for all hosts by HTTP-01 and returns it with a key of its own.
 *
 * Rejects when the authority refuses, does not answer, or takes longer than three minutes.
 */
export async function orderCertificate(order: CertificateOrder): Promise<Certificate> {
  const { clock, signal } = order;
  const over = new AbortController();
  const limit = clock.sleep(ORDER_MS_MAX, AbortSignal.any([signal, over.signal]));
  try {
    return await Promise.race([
      runOrder(order),
      limit.then(() => {
        throw new CertificateError(`the authority did not finish within ${ORDER_MS_MAX} ms`);
      }),
    ]);
  } finally {
    over.abort();
  }
}

async function runOrder(order: CertificateOrder): Promise<Certificate> {
  const { directoryUrl, accountKey, email, hosts, answers } = order;
  const { axios, Client, crypto } = await import('acme-client');
  // A refused order is repeated by its caller, who counts; the library would repeat each request by itself.
  Object.assign(axios.defaults, { acmeSettings: { retryMaxAttempts: 0 }, timeout: REQUEST_MS_MAX });
  const client = new Client({
    directoryUrl,
    accountKey,
    backoffAttempts: POLLS_MAX,
    backoffMin: POLL_MS_MIN,
    backoffMax: POLL_MS_MAX,
  });
  // A new key each time: one that leaks is worth at most one life of a certificate.
  const [privateKey, csr] = await crypto.createCsr(
    { altNames: [...hosts] },
    await crypto.createPrivateEcdsaKey('P-256'),
  );
  const chain = await client.auto({
    csr,
    email,
    termsOfServiceAgreed: true,
    challengePriority: ['http-01'],
    // The library would ask port 80 of the host from inside the pod, which proves nothing.
    skipChallengeVerification: true,
    challengeCreateFn: async (_authorization, { token }, keyAuthorization) => {
      answers.set(token, keyAuthorization);
    },
    challengeRemoveFn: async (_authorization, { token }) => {
      answers.delete(token);
    },
  });
  const certificate = { chain, privateKey: privateKey.toString() };
  readCertificate(certificate);
  return certificate;
}
