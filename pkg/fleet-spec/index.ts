/**
 * fleet-spec: the KraiteFleet object, from text to plan.
 *
 * One schema gives types, defaults, validation, the reference page and the CRD. `parseFleet` names every
 * mistake of a file with its line; `planFleet` says what runs where; `diffFleets` says what a change asks of
 * a fleet that runs. Everything here is pure: it reads no file, opens no socket and knows neither Kubernetes
 * nor processes. Invariants: whatever `parseFleet` calls valid can be planned; a plan follows from the object alone.
 */
export { diffFleets, type ChangeClass, type FleetChange, type FleetFacts } from './diff-fleets.ts';
export { durationMs } from './formats.ts';
export { TEXT_FORMATS } from './formats.ts';
export {
  foreseeLoss,
  type ForecastEffect,
  type LaneForecast,
  type LaneOutcome,
  type LossForecast,
} from './foresee-loss.ts';
export { formatMistake, type Mistake } from './mistake.ts';
export { completeSpec, parseFleet, type ParsedFleet, type ParseOptions } from './parse.ts';
export { planFleet, type PlanOptions } from './plan-fleet.ts';
export type { BoxRole, FleetPlan, PlannedBox, Workload, WorkloadKind } from './plan.ts';
export type { FleetTarget } from './rules/rule.ts';
export { FLEET_RULES } from './rules/rules.ts';
export { KraiteFleetSchema, type FleetSpec, type KraiteFleet } from './schema.ts';
