import { createHash, timingSafeEqual } from 'node:crypto';

import type { Clock, Random } from '#pkg/base';
import type { Session, User, UserStore } from '#pkg/store';
import { makeSecret } from './operators.ts';

export const SESSION_COOKIE = 'kraite_session';
export const SESSION_MS = 12 * 3_600_000;
const TOKEN_LENGTH = 52;

export interface LiveSession {
  readonly user: User;
  readonly session: Session;
}

/**
 * Sessions of people who logged in.
 *
 * The cookie holds a user id and a token. A row holds the hash of the token together with the password's hash,
 * so a new password ends every session that came before it.
 */
export interface Sessions {
  /** Returns the value of the cookie. */
  open(user: User): Promise<string>;
  find(cookie: string | undefined): Promise<LiveSession | undefined>;
  close(session: Session): Promise<void>;
}

export function createSessions(
  users: UserStore,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Sessions {
  return {
    open: async (user) => {
      const token = makeSecret(random, TOKEN_LENGTH);
      await users.saveSession({
        tokenHash: hashToken(token, user),
        userId: user.id,
        csrfToken: makeSecret(random, TOKEN_LENGTH),
        expiresAtMs: clock.nowMs() + SESSION_MS,
      });
      return `${user.id}.${token}`;
    },
    find: async (cookie) => {
      const [userId, token, ...rest] = (cookie ?? '').split('.');
      if (userId === undefined || token === undefined || rest.length > 0) return undefined;
      const user = token === '' ? undefined : await users.findById(userId);
      if (user === undefined) return undefined;
      const session = await users.findSession(hashToken(token, user));
      if (session === undefined || session.expiresAtMs <= clock.nowMs()) return undefined;
      return { user, session };
    },
    close: (session) => users.removeSession(session.tokenHash),
  };
}

function hashToken(token: string, user: User): string {
  return createHash('sha256').update(token).update('\n').update(user.passwordHash).digest('hex');
}

/** Returns whether a form carried the session's own token. */
export function isOwnForm(session: Session, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(session.csrfToken));
}
