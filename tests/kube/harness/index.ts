/**
 * A real Kubernetes API for tests: etcd and kube-apiserver on loopback, started once for the part (`shared-cluster`), or
 * once more by a test that stops and restarts it (`startControlPlane`).
 *
 * Nothing is simulated but what kwok plays: nodes and running pods. Files share one API server, so a test works
 * in a namespace of its own and names what is cluster-scoped after it.
 */
export { openCluster, type Cluster } from './cluster.ts';
export { startControlPlane, type ControlPlane } from './control-plane.ts';
export { installCrds } from './install-crds.ts';
export { openSharedCluster } from './shared-cluster.ts';
