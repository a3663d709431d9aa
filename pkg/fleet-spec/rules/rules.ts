import { ADDRESS_RULES } from './addresses.ts';
import { BOX_RULES } from './boxes.ts';
import { LANE_RULES } from './lanes.ts';
import { POLICY_RULES } from './policy.ts';
import type { FleetRule } from './rule.ts';

/** What must hold between the fields of a fleet, in the order in which mistakes are told for one line. */
export const FLEET_RULES: readonly FleetRule[] = [
  ...BOX_RULES,
  ...ADDRESS_RULES,
  ...LANE_RULES,
  ...POLICY_RULES,
];
