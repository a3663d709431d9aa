import { inject } from 'vitest';
import { openCluster, type Cluster } from './cluster.ts';

/** Opens the cluster that all files of the part share. */
export function openSharedCluster(): Promise<Cluster> {
  return openCluster(inject('kubeconfig'));
}
