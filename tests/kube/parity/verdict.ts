import { parseFleet } from '#pkg/fleet-spec';
import type { ApiAnswer } from '../harness/call-api.ts';
import type { Tree } from './cases.ts';

export interface Complaint {
  readonly path: string;
  readonly says: string;
}

export interface Verdict {
  readonly isAccepted: boolean;
  readonly complaints: readonly Complaint[];
  /** Rules between fields were not asked, because a field is wrong already. */
  readonly isCutShort: boolean;
}

/** What `kraite validate` says. */
export function ownVerdict(object: Tree): Verdict {
  const parsed = parseFleet(JSON.stringify(object), { file: 'f', target: 'cluster' });
  const mistakes = parsed.kind === 'valid' ? [] : parsed.mistakes;
  return {
    isAccepted: parsed.kind === 'valid',
    complaints: mistakes.map(({ path, message }) => ({ path, says: message })),
    isCutShort: false,
  };
}

interface StatusBody {
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly {
      readonly field?: string;
      readonly message?: string;
      readonly reason?: string;
    }[];
  };
}

const NOT_ASKED = 'some validation rules were not checked';
/** `Invalid value: ` and the like, with the value where it is shown. */
const HEAD = /^(?:Invalid value|Forbidden): (?:"object": |"array": )?/;
const PLACE = /^(spec\.[^\s:]+): (.*)$/s;

/** What the API server says. */
export function apiVerdict({ status, body }: ApiAnswer): Verdict {
  if (status < 300) return { isAccepted: true, complaints: [], isCutShort: false };
  const { message = '', details } = body as StatusBody;
  const unknown = [...message.matchAll(/unknown field "([^"]+)"/g)];
  if (unknown.length > 0) {
    const complaints = unknown.map(([, path = '']) => ({ path, says: 'unknown field' }));
    return { isAccepted: false, complaints, isCutShort: true };
  }
  const causes = details?.causes ?? [];
  const isCutShort = causes.some((cause) => cause.message?.includes(NOT_ASKED) === true);
  const complaints = causes.flatMap((cause) => {
    const text = (cause.message ?? '').replace(HEAD, '');
    return text.includes(NOT_ASKED) ? [] : [placeOf(cause.field ?? '', text)];
  });
  if (complaints.length === 0) complaints.push({ path: '?', says: `${status} ${message}` });
  return { isAccepted: false, complaints, isCutShort };
}

/** Where it is that a text speaks of: rules over lists and wrong numbers name it themselves. */
function placeOf(field: string, text: string): Complaint {
  const [, place, says] = PLACE.exec(text) ?? [];
  if (place !== undefined && says !== undefined) return { path: place, says };
  const [, typed] = /must be of type integer .* in (spec\.\S+)$/.exec(text) ?? [];
  if (typed !== undefined) return { path: typed, says: text };
  // It points at the entry whose key is there twice, and we at the key.
  return text.startsWith('Duplicate value: {"name":')
    ? { path: `${field}.name`, says: text }
    : { path: field, says: text };
}
