/**
 * kubelet: runs the pods that operator/resources builds, as processes of this machine.
 *
 * From the manifest alone, as a node would: command, environment and nothing inherited, mounts under a temporary
 * folder, probes, the preStop GET, SIGTERM, and SIGKILL when the grace is over. It differs where one machine must: a port
 * of the container is a free one here, a path of a mount lies in the temporary folder, and the pod's address is
 * 127.0.0.2, which is reached only by what listens on every address.
 */
export { createKubelet, findFreePort, type Kubelet, type StartOptions } from './kubelet.ts';
export type { Pod, PodEnd } from './pod.ts';
export type { PodTemplate } from './pod-spec.ts';
export { readData } from './volumes.ts';
