import { LABELS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { imageOf, type FleetContext } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import { fleetLabels, namespacedHead, objectName } from './naming.ts';
import {
  CONTAINER_SECURITY,
  emptyFolder,
  nodeSelector,
  templateHash,
  TOLERATES_UNVERIFIED,
  tolerations,
  type Fields,
} from './pod-parts.ts';
import { buildTemplate, coreEnvironment, podBasics } from './process-pod.ts';

/** Label of a migration's pods, where others have the kind of their workload. */
export const MIGRATE = 'migrate';

/**
 * Returns the Job that brings the database to the schema of the fleet's version, and binds it to the fleet.
 *
 * A Job cannot be changed, so its name follows from its pod: another version is another Job. It runs on the brain, whose
 * image is needed there anyway, and waits for a database that is not there yet for as long as that takes.
 */
export function buildMigration(context: FleetContext): KubeObject {
  const { fleet } = context;
  const spec = migrationPodSpec(context);
  const labels = { [LABELS.workload]: MIGRATE };
  return {
    ...namespacedHead(fleet, KINDS.Job, {
      name: objectName(fleet.metadata.name, MIGRATE, templateHash(spec).slice(0, 8)),
      component: MIGRATE,
      labels,
    }),
    spec: {
      backoffLimit: 3,
      template: buildTemplate({ ...fleetLabels(fleet, MIGRATE), ...labels }, spec),
    },
  };
}

function migrationPodSpec(context: FleetContext): Fields {
  const { fleet } = context;
  return {
    ...podBasics(fleet),
    restartPolicy: 'Never',
    nodeSelector: nodeSelector(brainOf(fleet)),
    // It calls nobody but the database, so it need not wait until an address is proved.
    tolerations: [...tolerations('brain'), TOLERATES_UNVERIFIED],
    priorityClassName: 'kraite-brain',
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: MIGRATE,
        image: imageOf(fleet),
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '/app/cmd/migrate/main.ts'],
        env: [
          { name: 'KRAITE_RUNTIME', value: 'cluster' },
          { name: 'KRAITE_FLEET_UID', value: fleet.metadata.uid ?? '' },
          ...coreEnvironment(fleet, ['mysql']),
        ],
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [emptyFolder('tmp', '64Mi')],
  };
}

function brainOf({ spec }: FleetObject) {
  return { name: spec.brain.box, role: 'brain' } as const;
}
