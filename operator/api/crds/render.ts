import { stringify } from 'yaml';
import { fleetCrd } from './fleet-crd.ts';
import { nodeEgressCrd } from './node-egress-crd.ts';
import { workerPoolCrd } from './worker-pool-crd.ts';

const HEAD =
  '# Generated from operator/api/crds. To regenerate: KRAITE_UPDATE_GOLDEN=1 npx vitest run operator/api\n';

/** Returns the texts of charts/kraite-operator/templates/crds, by the name of the file. */
export function renderCrds(): Readonly<Record<string, string>> {
  const crds = [fleetCrd(), workerPoolCrd(), nodeEgressCrd()];
  return Object.fromEntries(
    crds.map((crd) => [
      `${crd.metadata.name}.yaml`,
      `${HEAD}${stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false })}`,
    ]),
  );
}
