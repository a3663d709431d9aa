/**
 * lab: a real Kubernetes cluster of a fleet's boxes on one machine.
 *
 * A box is a set of namespaces (network, mounts, host name, cgroups) with its own containerd, kubelet, kube-proxy and
 * flannel; the boxes that the object names as servers also run etcd, API server, controller manager and scheduler. All
 * flags follow from what `kraite k3s-config` renders (`plan`), because k3s itself can be had from no package archive.
 * Everything outside (the simulated exchange, address echoes) stands in a network of its own, which boxes reach by their
 * public side. It knows nothing of what is installed on it.
 * Invariants: one lab on a machine; nothing is put into the machine's own network, and `down` leaves nothing but cached
 * programs and images; kernel settings that it changed are put back; a setting of k3s that it does not know is an error.
 */
export { downLab } from './down.ts';
export { execInLab } from './exec.ts';
export { cutNodes, freezeNodes, healNodes, killNodes, slowNodes } from './faults.ts';
export { buildImage, type BuiltImage } from './images/build-image.ts';
export { loadImages } from './load.ts';
export { statusOfLab, type NodeStatus } from './status.ts';
export { upLab } from './up.ts';
