/**
 * egress-probe: how an address is seen from outside.
 *
 * Echo services outside the cluster answer with the address they see; a probe on the pods' network asks them when the
 * agent of its box wants it, over a socket on the box; what they say is judged here. It knows no rules, no Kubernetes and
 * no box: it is small, because it stands on every box and because anybody may run an echo service. Invariant: each
 * question is a connection of its own, since an open one keeps the address that it began with.
 */
export { startEchoServer, type EchoServer, type EchoServerOptions } from './echo-server.ts';
export { findAgreed, judgeObservations, type Observation, type Verdict } from './observation.ts';
export { runProbe } from './probe.ts';
export { listenForProbes, type ProbeListener } from './probe-listener.ts';
