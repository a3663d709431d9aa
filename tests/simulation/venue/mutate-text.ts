import type { Random } from '#pkg/base';

/** Values that a field may hold after somebody's mistake; raw JSON, so that numbers beyond a double stay what they are. */
const ODD_VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '1e400',
  '-1e-400',
  '99999999999999999999999',
  '9007199254740993',
  '""',
  '" "',
  '"0"',
  '"-0"',
  '"-1.5"',
  '"NaN"',
  '"Infinity"',
  '"1e5"',
  '"0x10"',
  '"1.2.3"',
  '"12345678901234567890123456789012345678901234567890"',
  '"\\ud800"',
  '"__proto__"',
  '[]',
  '{}',
  '[[]]',
  '{"constructor":1}',
] as const;
const MARK = '\u0001odd\u0001';

/** Returns a text that is nearly `text`: one or several small mistakes, in the JSON or in its bytes. */
export function mutateText(text: string, random: Random): string {
  let mutated = text;
  const mistakes = 1 + random.integer(3);
  for (let count = 0; count < mistakes; count += 1) {
    mutated = random.integer(3) === 0 ? spoilBytes(mutated, random) : spoilField(mutated, random);
  }
  return mutated;
}

function spoilBytes(text: string, random: Random): string {
  const at = random.integer(text.length + 1);
  switch (random.integer(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.integer(12));
    case 2:
      return text.slice(0, at) + String.fromCodePoint(random.integer(0x2_ff)) + text.slice(at);
    case 3:
      return text.slice(0, at) + text.slice(Math.max(0, at - random.integer(40)));
    default:
      return `${text.slice(0, at)}${'['.repeat(random.integer(200))}${text.slice(at)}`;
  }
}

function spoilField(text: string, random: Random): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return spoilBytes(text, random);
  }
  const holders: (Record<string, unknown> | unknown[])[] = [];
  collect(body, holders);
  const holder = holders[random.integer(holders.length)];
  const keys = holder === undefined ? [] : Object.keys(holder);
  const key = keys[random.integer(keys.length)];
  if (holder === undefined || key === undefined) return odd(random);
  const fields = holder as Record<string, unknown>;
  switch (random.integer(4)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete fields[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.push(holder[0]);
      else fields[`${key}x`] = fields[key];
      break;
    default:
      fields[key] = MARK;
  }
  return JSON.stringify(body).replaceAll(JSON.stringify(MARK), () => odd(random));
}

function collect(value: unknown, holders: (Record<string, unknown> | unknown[])[]): void {
  if (typeof value !== 'object' || value === null) return;
  holders.push(value as Record<string, unknown>);
  for (const inner of Object.values(value)) collect(inner, holders);
}

function odd(random: Random): string {
  return ODD_VALUES[random.integer(ODD_VALUES.length)] ?? 'null';
}
