/** Networks inside the cluster: the defaults of k3s, written out so that all servers agree whatever their release. */
export const POD_NETWORK = '10.42.0.0/16';
export const SERVICE_NETWORK = '10.43.0.0/16';
export const CLUSTER_DNS = '10.43.0.10';

/** Returns the first of the cluster's own networks that shares an address with `network` (CIDR), if one does. */
export function findOverlap(network: string): string | undefined {
  return [POD_NETWORK, SERVICE_NETWORK].find((other) => {
    const [a, b] = [rangeOf(network), rangeOf(other)];
    return a.first <= b.last && b.first <= a.last;
  });
}

function rangeOf(cidr: string): { readonly first: number; readonly last: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}
