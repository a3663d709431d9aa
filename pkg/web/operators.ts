import { hash, verify } from '@node-rs/argon2';

import type { Random } from '#pkg/base';
import type { User, UserStore } from '#pkg/store';

const FIRST_OPERATOR = 'admin';
const SECRET_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
/** 20 characters of 31: 99 bits. */
const PASSWORD_GROUPS = [5, 5, 5, 5];

export interface IssuedPassword {
  readonly name: string;
  /** Shown once; only its hash is kept. */
  readonly password: string;
}

/**
 * Creates the operator `admin` when there is no user yet, with the given password or a random one, and returns the
 * password to be shown once; undefined when users exist.
 *
 * Throws when the given password is empty or longer than a login takes.
 */
export async function ensureFirstOperator(
  store: { readonly users: UserStore },
  random: Random,
  { password }: { readonly password?: string } = {},
): Promise<IssuedPassword | undefined> {
  if ((await store.users.count()) > 0) return undefined;
  if (password !== undefined && (password === '' || password.length > PASSWORD_LENGTH_MAX)) {
    throw new Error(`the first password must have 1 to ${PASSWORD_LENGTH_MAX} characters`);
  }
  const first = {
    id: `operator-${FIRST_OPERATOR}`,
    name: FIRST_OPERATOR,
    role: 'operator' as const,
  };
  return issuePassword(store.users, first, password ?? makePassword(random));
}

/** Gives an existing user a new random password, which also ends that user's sessions; undefined for an unknown name. */
export async function resetOperatorPassword(
  store: { readonly users: UserStore },
  random: Random,
  name: string = FIRST_OPERATOR,
): Promise<IssuedPassword | undefined> {
  const user = await store.users.findByName(name);
  return user === undefined ? undefined : issuePassword(store.users, user, makePassword(random));
}

function makePassword(random: Random): string {
  return PASSWORD_GROUPS.map((length) => makeSecret(random, length)).join('-');
}

async function issuePassword(
  users: UserStore,
  user: Omit<User, 'passwordHash'>,
  password: string,
): Promise<IssuedPassword> {
  const { id, name, role } = user;
  await users.save({ id, name, role, passwordHash: await hash(password) });
  return { name, password };
}

/** Returns `length` random characters of 31. */
export function makeSecret(random: Random, length: number): string {
  return Array.from({ length }, () =>
    SECRET_ALPHABET.charAt(random.integer(SECRET_ALPHABET.length)),
  ).join('');
}

export const PASSWORD_LENGTH_MAX = 200;

/**
 * Returns the user of this name and password, or undefined. Takes as long for an unknown name as for a wrong
 * password, so that names cannot be found out.
 */
export async function findUserByPassword(
  users: UserStore,
  name: string,
  password: string,
): Promise<User | undefined> {
  const user = await users.findByName(name);
  const stored = user?.passwordHash ?? UNKNOWN_HASH;
  const isRight = password.length <= PASSWORD_LENGTH_MAX && (await verify(stored, password));
  return isRight ? user : undefined;
}

/** Of a secret that nobody has, with the costs of the real ones. */
const UNKNOWN_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$bm8tc3VjaC11c2VyLWhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
