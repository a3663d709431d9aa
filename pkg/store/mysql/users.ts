import type { Selectable } from 'kysely';

import type { User, UserStore } from '../store.ts';
import { replacing } from './columns.ts';
import type { MysqlDatabase } from './database.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import type { UsersTable } from './tables.ts';

/** Returns the people of `database` and their sessions. */
export function createMysqlUserStore(database: MysqlDatabase): UserStore {
  const findUser = async (column: 'id' | 'name', value: string): Promise<User | undefined> => {
    const row = await database.run((queries) =>
      queries.selectFrom('users').selectAll().where(column, '=', value).executeTakeFirst(),
    );
    return row === undefined ? undefined : readUser(row);
  };
  return {
    save: (user) => save(database, user),
    findByName: (name) => findUser('name', name),
    findById: (userId) => findUser('id', userId),
    count: async () => {
      const row = await database.run((queries) =>
        queries
          .selectFrom('users')
          .select((expression) => expression.fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow(),
      );
      return row.total;
    },
    saveSession: async (session) => {
      await database.run((queries) =>
        queries
          .insertInto('sessions')
          .values({
            token_hash: session.tokenHash,
            user_id: session.userId,
            csrf_token: session.csrfToken,
            expires_at_ms: session.expiresAtMs,
          })
          .onDuplicateKeyUpdate(replacing(['user_id', 'csrf_token', 'expires_at_ms']))
          .execute(),
      );
    },
    findSession: async (tokenHash) => {
      const row = await database.run((queries) =>
        queries
          .selectFrom('sessions')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      return {
        tokenHash: row.token_hash,
        userId: row.user_id,
        csrfToken: row.csrf_token,
        expiresAtMs: row.expires_at_ms,
      };
    },
    pruneSessions: async (nowMs) => {
      const result = await database.run((queries) =>
        queries.deleteFrom('sessions').where('expires_at_ms', '<', nowMs).executeTakeFirst(),
      );
      return Number(result.numDeletedRows);
    },
    removeSession: async (tokenHash) => {
      await database.run((queries) =>
        queries.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute(),
      );
    },
  };
}

/** By id; a name that another user has is a conflict, never an overwrite. */
async function save(database: MysqlDatabase, user: User): Promise<void> {
  const columns = { name: user.name, role: user.role, password_hash: user.passwordHash };
  await database.transact(async (queries) => {
    try {
      await queries
        .insertInto('users')
        .values({ id: user.id, ...columns })
        .execute();
    } catch (error) {
      if (findDuplicateKey(error) !== 'PRIMARY') throw error;
      await queries.updateTable('users').set(columns).where('id', '=', user.id).execute();
    }
  });
}

function readUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role as User['role'],
    passwordHash: row.password_hash,
  };
}
