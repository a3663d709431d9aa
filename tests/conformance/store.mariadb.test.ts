import { useTestMariadb } from '../harness/index.ts';
import { openMigratedStore } from './open-store.ts';
import { storeConformance } from './store.ts';

const database = useTestMariadb();

storeConformance('MariaDB 10.11', () => openMigratedStore(database.url));
