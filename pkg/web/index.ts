/**
 * web: the three sites of a fleet in one process, told apart by host name.
 *
 * admin shows operators the fleet live, behind a login; public says what Kraite is; syntax renders the project's
 * own docs. Not an API for programs (that is the CLI) and not the place of /metrics, /livez and /readyz (the
 * health port of each process). Invariants: every route without a session says so itself (`isOpen`), every
 * form carries its session's token, all inserted text is escaped, no inline script or style, and nothing is read
 * from the store while nobody looks.
 */
export type {
  FleetView,
  SiteHosts,
  TlsOptions,
  WebDependencies,
  WebOptions,
  WebStore,
} from './dependencies.ts';
export { ensureFirstOperator, resetOperatorPassword, type IssuedPassword } from './operators.ts';
export { LETS_ENCRYPT_URL } from './tls/acme-state.ts';
export { startWeb, type WebServer } from './start-web.ts';
