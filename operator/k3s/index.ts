/**
 * k3s: the files that make a fresh machine one box of a KraiteFleet's cluster.
 *
 * `planBoxFiles` turns the object into `config.yaml` of k3s, the kubelet's and logind's shutdown grace, kernel settings and
 * the host firewall of one box; `renderUpgradePlans` is how k3s itself gets newer. It is not the egress of a box (node-agent) and installs nothing: a person copies the
 * files before k3s starts. Pure. Invariants: what k3s wants identical on all servers does not depend on the box; no file
 * holds a secret, only the path of a file that does; a box labels itself with its name and with nothing that pins a pod.
 */
export { planBoxFiles, type BoxFile, type BoxFiles, type K3sOptions } from './box-files.ts';
export { renderUpgradePlans } from './upgrade-plans.ts';
