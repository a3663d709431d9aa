/**
 * charts: what the Helm charts take, as schemas.
 *
 * The values of `charts/kraite-fleet` are a KraiteFleet with switches beside it, so its schema is the object's own. It is
 * not the charts themselves: those are files under `charts/`, and what belongs to a fleet is built by the operator.
 * Invariant: a file that `kraite validate` accepts is a values file that Helm accepts.
 */
export { FLEET_VALUES } from './fleet-values.ts';
export { renderValuesSchema } from './values-schema.ts';
