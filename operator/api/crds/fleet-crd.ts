import { FLEET_RULES, KraiteFleetSchema } from '#pkg/fleet-spec';
import { assert, required } from '#pkg/base';
import { KRAITE_FLEET } from '../kinds.ts';
import { FLEET_CEL } from './fleet-rules.ts';
import { textRules } from './text-rules.ts';
import { defineCrd, type CustomResourceDefinition } from './crd.ts';
import { conditions, instant, list, numbers, record, words } from './status-fields.ts';
import { toStructural, type Structural } from './structural.ts';

/** Returns the CRD of KraiteFleet: the schema and the rules of `pkg/fleet-spec`, and its status. */
export function fleetCrd(): CustomResourceDefinition {
  const placed = FLEET_RULES.flatMap((rule) =>
    required(FLEET_CEL[rule.name], `${rule.name} is said in CEL`)(rule.sentence),
  );
  const places = new Set<string>();
  const { properties = {} } = KraiteFleetSchema as unknown as Structural;
  const spec = toStructural(
    required(properties['spec'], 'a fleet has a spec'),
    'spec',
    (path, field) => {
      places.add(path);
      const rules = placed.filter(({ at }) => at === path).map(({ rule }) => rule);
      return [...rules, ...textRules(field)];
    },
  );
  for (const { at, rule } of placed) assert(places.has(at), `no field ${at} for ${rule.rule}`);
  const metadata = required(properties['metadata']?.properties, 'a fleet has metadata');
  const name = toStructural(
    required(metadata['name'], 'a fleet has a name'),
    'metadata.name',
    () => [],
  );
  return defineCrd({
    kind: KRAITE_FLEET,
    singular: 'kraitefleet',
    shortNames: ['kf'],
    description: 'A trading fleet as one object.',
    metadata: { type: 'object', properties: { name } },
    spec,
    status: STATUS,
    columns: [
      [
        'Ready',
        'string',
        '.status.conditions[?(@.type=="Ready")].status',
        'Whether all is as it should be.',
      ],
      ['Phase', 'string', '.status.phase', 'What the operator is doing.'],
      ['Core', 'string', '.status.summary.core', 'Database and Redis, ready of all.'],
      [
        'Brain',
        'string',
        '.status.summary.brain',
        'Dispatcher, scheduler, streams and sites, ready of all.',
      ],
      ['Workers', 'string', '.status.summary.workers', 'Lanes of all boxes, ready of all.'],
      ['Egress', 'string', '.status.summary.egress', 'Addresses that were proved, of all.'],
      ['Version', 'string', '.status.version', 'What all boxes run; empty while they differ.'],
      ['Age', 'date', '.metadata.creationTimestamp', ''],
      ['Message', 'string', '.status.message', 'Why, in one sentence.', 1],
    ],
  });
}

const ROLES = ['core', 'brain', 'trading', 'indicators'];

const STATUS: Structural = {
  ...record('What the operator saw and will do. Written by it only.', {
    observedGeneration: numbers(
      'Generation of the object that this status tells of; -1 before the first look.',
    ),
    phase: {
      ...words('One word for people; programs read the conditions.'),
      enum: [
        'Pending',
        'Progressing',
        'Ready',
        'Degraded',
        'Updating',
        'Paused',
        'Stalled',
        'Deleting',
      ],
    },
    message: words('Why, in one sentence.', 1_024),
    version: words('What all boxes run; absent while they differ.'),
    summary: record('Ready of all, as 7/7.', {
      core: words('Database and Redis.'),
      brain: words('Dispatcher, scheduler, streams and sites.'),
      workers: words('Lanes of all boxes.'),
      egress: words('Addresses that were proved.'),
    }),
    boxes: list('Each box of the fleet.', 128, 'name', {
      ...record('One box.', {
        name: words('Name of the box.'),
        role: { ...words('What it is for.'), enum: ROLES },
        node: words('Its node; absent while there is none.'),
        isReady: { type: 'boolean', description: 'Whether all that belongs on it runs.' },
        reason: words('Why it is not ready, one word.'),
        version: words('What it runs.'),
        egress: record('The address that it leaves from.', {
          expected: words('As the object has it.'),
          observed: words('As echo services saw it.'),
          verifiedAt: instant('When they agreed last.'),
        }),
        lanes: list('Its lanes.', 16, 'name', {
          ...record('One lane.', {
            name: words('Name of the lane.'),
            desired: numbers('Slots that it is to have.'),
            ready: numbers('Slots that its worker has acknowledged.'),
            busy: numbers('Slots in which a step runs.'),
          }),
          required: ['name', 'desired', 'ready', 'busy'],
        }),
      }),
      required: ['name', 'role', 'isReady'],
    }),
    plan: list(
      'What the operator will do next and what it waits for; the next one first.',
      256,
      undefined,
      {
        ...record('One step.', {
          action: words('For example: replace the pods of eos.', 1_024),
          waitsFor: words('What it waits for; absent when it is done now.', 1_024),
          reason: words('One word.'),
        }),
        required: ['action'],
      },
    ),
    conditions: conditions(),
    lastGoodGeneration: numbers(
      'Generation that was Ready last; `kraite rollback` goes back to it.',
    ),
  }),
  // helm --wait takes an object without a status for ready.
  default: { observedGeneration: -1 },
};
