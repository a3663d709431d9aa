/** A workflow of so many recorded steps, in PostgreSQL. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { createHops, measure } from './measure.mjs';

const [systemDatabaseUrl, countText, stepsText] = process.argv.slice(2);
const steps = Number(stepsText);
const hops = createHops();
const chain = DBOS.registerWorkflow(
  async () => {
    let endedMs;
    for (let step = 1; step <= steps; step += 1) {
      await DBOS.runStep(
        async () => {
          if (endedMs !== undefined) hops.add(performance.now() - endedMs);
          endedMs = performance.now();
        },
        { name: 'step' },
      );
    }
  },
  { name: 'chain' },
);
DBOS.setConfig({ name: 'chain', systemDatabaseUrl, logLevel: 'error', runAdminServer: false });
await DBOS.launch();
await measure(() => chain(), { count: Number(countText), hops: hops.read });
