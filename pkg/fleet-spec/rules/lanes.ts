import type { FleetSpec } from '../schema.ts';
import type { FleetRule } from './rule.ts';

interface LaneSlots {
  readonly lane: string;
  readonly box: string;
  readonly path: string;
  readonly slots: number;
}

function laneSlots(spec: FleetSpec): readonly LaneSlots[] {
  const owners = [
    { box: spec.brain.box, path: 'spec.brain.lanes', lanes: spec.brain.lanes },
    ...spec.trading.boxes.map((box, index) => ({
      box: box.name,
      path: `spec.trading.boxes[${index}].lanes`,
      lanes: box.lanes,
    })),
    { box: spec.indicators.box, path: 'spec.indicators.lanes', lanes: spec.indicators.lanes },
  ];
  return owners.flatMap(({ box, path, lanes }) =>
    Object.entries(lanes).map(([lane, slots]) => ({ box, lane, slots, path: `${path}.${lane}` })),
  );
}

const lanesHaveSlots: FleetRule = {
  name: 'lanesHaveSlots',
  path: 'spec',
  sentence: 'Every lane has at least one slot somewhere.',
  find: (spec) => {
    const shared = laneSlots(spec).filter(({ lane }) => lane !== 'own');
    const lanes = [...new Set(shared.map(({ lane }) => lane))];
    return lanes.flatMap((lane) => {
      const boxes = shared.filter((each) => each.lane === lane);
      const [first] = boxes;
      if (first === undefined || boxes.some(({ slots }) => slots > 0)) return [];
      const where = boxes.length === 1 ? `its only box` : `each of its ${boxes.length} boxes`;
      return [
        {
          path: first.path,
          message: `the lane ${lane} has 0 slots in ${where}, so its steps would never run; write 1 or more`,
        },
      ];
    });
  },
};

const ownLanesHaveSlots: FleetRule = {
  name: 'ownLanesHaveSlots',
  path: 'spec',
  sentence: 'The own lane of every box has at least one slot.',
  find: (spec) =>
    laneSlots(spec)
      .filter(({ lane, slots }) => lane === 'own' && slots === 0)
      .map(({ box, path }) => ({
        path,
        message: `0 slots would never run the steps pinned to ${box === '' ? 'the box' : box}; write 1 or more`,
      })),
};

export const LANE_RULES: readonly FleetRule[] = [lanesHaveSlots, ownLanesHaveSlots];
