/**
 * operator: makes a cluster match its KraiteFleets.
 *
 * Several may run; one acts, by a lease. Exit codes: 0 ended in order, 1 crashed or lost its lease, 2 bad configuration.
 */
import { runOperator } from '#operator/compose';

await runOperator(process.env);
