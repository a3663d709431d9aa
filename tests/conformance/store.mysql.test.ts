import { useTestMysql } from '../harness/index.ts';
import { openMigratedStore } from './open-store.ts';
import { storeConformance } from './store.ts';

const database = useTestMysql();

storeConformance('MySQL 9', () => openMigratedStore(database.url));
