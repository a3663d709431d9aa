import { KRAITE_WORKER_POOL } from '../kinds.ts';
import { defineCrd, type CustomResourceDefinition } from './crd.ts';
import { conditions, numbers, record, words } from './status-fields.ts';
import type { Structural } from './structural.ts';

const SLOTS_MAX = 200;

const slots = (description: string): Structural => ({
  type: 'integer',
  format: 'int32',
  description,
  minimum: 0,
  maximum: SLOTS_MAX,
});

const fixed = (description: string): Structural => ({
  ...words(description, 63),
  minLength: 1,
  'x-kubernetes-validations': [
    {
      rule: 'self == oldSelf',
      message: 'never changes; the operator makes another pool for another lane',
      reason: 'FieldValueInvalid',
    },
  ],
});

/** Returns the CRD of KraiteWorkerPool, which `kubectl scale` and autoscalers know how to change. */
export function workerPoolCrd(): CustomResourceDefinition {
  return defineCrd({
    kind: KRAITE_WORKER_POOL,
    singular: 'kraiteworkerpool',
    shortNames: ['kwp'],
    description: 'The slots of one lane on one box; made by the operator for each KraiteFleet.',
    spec: {
      ...record('How many steps may run at once, and where.', {
        fleet: fixed('Name of its KraiteFleet, in this namespace.'),
        box: fixed('Name of the box.'),
        lane: fixed('Name of the lane.'),
        slots: slots('Steps that may run at once; what `kubectl scale` sets.'),
        fleetSlots: slots("The fleet's own number, of its last change."),
        slotsOwner: {
          ...words('`pool`: slots may be scaled. `fleet`: they follow the fleet alone.'),
          enum: ['pool', 'fleet'],
          default: 'pool',
        },
      }),
      required: ['fleet', 'box', 'lane', 'slots'],
      'x-kubernetes-validations': [
        {
          rule: "self.slotsOwner != 'fleet' || !has(self.fleetSlots) || self.slots == self.fleetSlots",
          messageExpression:
            "'the fleet owns the slots of this pool: change the lane ' + self.lane + ' of the box ' + self.box + ' in KraiteFleet ' + self.fleet + ', or set its spec.update.slotsOwner to pool'",
          message: 'Where the fleet owns the slots, they are its own number.',
          fieldPath: '.slots',
          reason: 'FieldValueForbidden',
        },
      ],
    },
    status: {
      ...record('What runs. Written by the operator only.', {
        observedGeneration: numbers(
          'Generation of the object that this status tells of; -1 before the first look.',
        ),
        slots: slots('Slots that the running worker has acknowledged.'),
        busy: slots('Slots in which a step runs.'),
        selector: words('Selects its pods.', 1_024),
        conditions: conditions(),
      }),
      default: { observedGeneration: -1 },
    },
    scale: {
      specReplicasPath: '.spec.slots',
      statusReplicasPath: '.status.slots',
      labelSelectorPath: '.status.selector',
    },
    columns: [
      ['Box', 'string', '.spec.box', 'Where its worker runs.'],
      ['Lane', 'string', '.spec.lane', 'What it works on.'],
      ['Desired', 'integer', '.spec.slots', 'Slots that it is to have.'],
      ['Ready', 'integer', '.status.slots', 'Slots that its worker has acknowledged.'],
      ['Busy', 'integer', '.status.busy', 'Slots in which a step runs.'],
      ['Age', 'date', '.metadata.creationTimestamp', ''],
      ['Owner', 'string', '.spec.slotsOwner', 'Who may change the slots.', 1],
    ],
  });
}
