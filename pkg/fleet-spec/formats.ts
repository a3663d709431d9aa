import { isIPv4 } from 'node:net';

/**
 * How a text field must look: `says` completes "VALUE …" in a mistake; `pattern` goes into the CRD, where RE2 reads it,
 * and says all but one thing (`accepts`) that the CRD says in CEL.
 */
export interface TextFormat {
  readonly pattern: string;
  readonly says: string;
  /** Asked beside the pattern where a pattern cannot say it. */
  readonly accepts?: (text: string) => boolean;
}

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `${BYTE}(\\.${BYTE}){3}`;
/** A name of letters, whose last part is no number: URLs take such a one for an address. */
const URL_HOST = '([a-zA-Z0-9_-]+\\.)*[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?';
const PORT = '([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

export const TEXT_FORMATS = {
  'dns-label': {
    pattern: `^${LABEL}$`,
    says: 'is not a DNS label; use lower-case letters, digits and "-", at most 63',
  },
  hostname: {
    pattern: `^${LABEL}(\\.${LABEL})*$`,
    says: 'is not a host name; write it in lower case without scheme or port, like admin.example.com',
  },
  ipv4: {
    pattern: `^${IPV4}$`,
    says: 'is not an IPv4 address',
  },
  cidr: {
    pattern: `^${IPV4}/([0-9]|[12][0-9]|3[0-2])$`,
    says: 'is not an IPv4 network; write it like 10.0.0.0/16, with zeros after the prefix',
    accepts: (text) => findCidr(text) !== undefined,
  },
  duration: {
    // The API server counts in nanoseconds of 64 bits: no unit may fill them alone.
    pattern: '^([0-9]{1,9}ms|[0-9]{1,8}s|[0-9]{1,6}m|[0-9]{1,4}h)+$',
    says: 'is not a duration; write a number with ms, s, m or h, like 90s or 20m',
  },
  size: {
    pattern: '^[1-9][0-9]*(Mi|Gi|Ti|M|G|T)$',
    says: 'is not a size; write a number with Mi, Gi or Ti, like 80Gi',
  },
  image: {
    pattern: '^[a-z0-9][a-zA-Z0-9._/:-]*(@sha256:[a-f0-9]{64})?$',
    says: 'is not a container image; write it like mysql:8.4.8 or name@sha256:…',
  },
  version: {
    pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$',
    says: 'is not a version; write three numbers like 0.1.0, in quotes',
  },
  'endpoint-url': {
    pattern: `^((https?|wss?)://(${IPV4}|${URL_HOST})(:${PORT})?([/?#][!-~]*)?)?$`,
    says: 'is not a URL; write it with its scheme, like https://host/path, or leave it empty',
  },
  email: {
    pattern: '^[!-?A-~]+@[!-?A-~]+\\.[!-?A-~]+$',
    says: 'is not an e-mail address',
  },
  'time-of-day': {
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    says: 'is not a time of day; write it in UTC like "02:30", in quotes',
  },
} as const satisfies Record<string, TextFormat>;

export type TextFormatName = keyof typeof TEXT_FORMATS;

/** Returns whether `text` is written in the format. */
export function matchesFormat(name: TextFormatName, text: string): boolean {
  const format: TextFormat = TEXT_FORMATS[name];
  return new RegExp(format.pattern).test(text) && format.accepts?.(text) !== false;
}

export interface Cidr {
  readonly network: number;
  readonly prefix: number;
}

/** Returns the network that `text` names, or undefined when it names none. */
export function findCidr(text: string): Cidr | undefined {
  const [address, prefixText, ...rest] = text.split('/');
  if (address === undefined || prefixText === undefined || rest.length > 0) return undefined;
  const prefix = Number(prefixText);
  if (!isIPv4(address) || !/^([0-9]|[1-3][0-9])$/.test(prefixText) || prefix > 32) return undefined;
  const network = ipv4Number(address);
  return network % 2 ** (32 - prefix) === 0 ? { network, prefix } : undefined;
}

/** Returns whether `address` (an IPv4 address) lies in `cidr`. */
export function isInCidr(address: string, cidr: Cidr): boolean {
  const size = 2 ** (32 - cidr.prefix);
  const value = ipv4Number(address);
  return value >= cidr.network && value < cidr.network + size;
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Returns how long `text` (a valid duration such as `1h30m`) is, in ms. */
export function durationMs(text: string): number {
  let total = 0;
  for (const match of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) {
    total += Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  }
  return total;
}
