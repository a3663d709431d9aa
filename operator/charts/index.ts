/**
 * charts: what the two Helm charts take, as schemas, and what operator and agents may do.
 *
 * The values of `charts/kraite-fleet` are a KraiteFleet with switches beside it, so its schema is the object's own. It is
 * not the charts themselves: those are files under `charts/`, and what belongs to a fleet is built by the operator.
 * Invariant: a file that `kraite validate` accepts is a values file that Helm accepts.
 */
export { ACCESS_ROLES, type AccessRole } from './access.ts';
export { FLEET_VALUES } from './fleet-values.ts';
export { OPERATOR_VALUES } from './operator-values.ts';
export { renderValuesSchema } from './values-schema.ts';
