import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore, createMysqlStore, migrate, openMysql, type Store } from '#pkg/store';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';
import { stepStoreConformance } from './step-store.ts';

const clock = createSystemClock();

async function openMigrated(url: string): Promise<Store> {
  const database = openMysql({ url, clock, logger: createSilentLogger() });
  await migrate(database);
  return createMysqlStore(database);
}

stepStoreConformance('memory', () => Promise.resolve(createMemoryStore({ clock })));

const mariadb = useTestMariadb();
stepStoreConformance('MariaDB', () => openMigrated(mariadb.url));

const mysql = useTestMysql();
stepStoreConformance('MySQL', () => openMigrated(mysql.url));
