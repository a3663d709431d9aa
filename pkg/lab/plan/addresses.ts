/** Addresses of the lab that no KraiteFleet names, all of ranges that are kept for documentation (RFC 5737). */
export const OUTSIDE = {
  /** What every box sends to when it sends outside. */
  gateway: '198.51.100.1',
  exchange: '198.51.100.10',
  echoes: ['198.51.100.11', '198.51.100.12', '198.51.100.13'],
} as const;

export const EXCHANGE_PORTS = { venue: 9090, indicators: 9091, echo: 8080 } as const;

/** Interfaces of a box, the same names on each. */
export const PRIVATE_INTERFACE = 'eth0';
export const PUBLIC_INTERFACE = 'eth1';

/** Public addresses of boxes whose fleet gives them none: the core, and the spare box. */
const PUBLIC_OF_OTHERS = '192.0.2.';
const FIRST_OF_OTHERS = 11;

export function publicAddressOf(given: string | undefined, index: number): string {
  return given ?? `${PUBLIC_OF_OTHERS}${FIRST_OF_OTHERS + index}`;
}

export interface Network {
  readonly bits: number;
  /** Where kubectl, helm and tests of the lab stand: almost the last address of the private network. */
  readonly desk: string;
  /** An address of the private network that none of `taken` has. */
  readonly free: string;
}

const BITS = 32;
const FROM_END = 6;

/** Returns what the lab adds to the private network of a fleet. */
export function privateNetworkOf(cidr: string, taken: readonly string[]): Network {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (BITS - Number(bits));
  const first = Math.floor(numberOf(base) / size) * size;
  const highest = Math.max(...taken.map(numberOf));
  return {
    bits: Number(bits),
    desk: addressOf(first + size - FROM_END),
    free: addressOf(highest + 1),
  };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function addressOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Returns the first address of a network, which Kubernetes gives its own Service. */
export function firstAddressOf(cidr: string): string {
  return addressOf(numberOf(cidr.split('/')[0] ?? '') + 1);
}
