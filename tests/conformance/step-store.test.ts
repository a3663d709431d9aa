import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore, createMysqlStore, migrate, openMysql, type Store } from '#pkg/store';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';
import { stepStoreConformance } from './step-store.ts';
import { stepStoreLeaseConformance } from './step-store-lease.ts';
import { stepStoreSizeConformance } from './step-store-size.ts';

const clock = createSystemClock();

async function openMigrated(url: string): Promise<Store> {
  const database = openMysql({ url, clock, logger: createSilentLogger() });
  await migrate(database);
  return createMysqlStore(database);
}

const memory = (): Promise<Store> => Promise.resolve(createMemoryStore({ clock }));
stepStoreConformance('memory', memory);
stepStoreSizeConformance('memory', memory);
stepStoreLeaseConformance('memory', memory);

const mariadb = useTestMariadb();
stepStoreConformance('MariaDB', () => openMigrated(mariadb.url));
stepStoreSizeConformance('MariaDB', () => openMigrated(mariadb.url));
stepStoreLeaseConformance('MariaDB', () => openMigrated(mariadb.url));

const mysql = useTestMysql();
stepStoreConformance('MySQL', () => openMigrated(mysql.url));
stepStoreSizeConformance('MySQL', () => openMigrated(mysql.url));
stepStoreLeaseConformance('MySQL', () => openMigrated(mysql.url));
