/** Readers of request parameters: each returns a value of its type or throws the venue's refusal. */
import { Decimal } from '#pkg/base';
import { missing, VenueRejection, type RejectionCode } from './rejection.ts';

export type Parameters = Readonly<Record<string, string>>;

const DECIMAL = /^\d{1,20}(\.\d{1,20})?$/;
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

export function optionalText(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return value === undefined || value === '' ? undefined : value;
}

export function text(parameters: Parameters, name: string): string {
  return optionalText(parameters, name) ?? missing(name);
}

export function optionalDecimal(parameters: Parameters, name: string): Decimal | undefined {
  const value = optionalText(parameters, name);
  if (value === undefined) return undefined;
  return DECIMAL.test(value) ? new Decimal(value) : missing(name);
}

export function decimal(parameters: Parameters, name: string): Decimal {
  return optionalDecimal(parameters, name) ?? missing(name);
}

export function optionalInteger(parameters: Parameters, name: string): number | undefined {
  const value = optionalText(parameters, name);
  if (value === undefined) return undefined;
  return /^\d{1,15}$/.test(value) ? Number(value) : missing(name);
}

export function integer(parameters: Parameters, name: string): number {
  return optionalInteger(parameters, name) ?? missing(name);
}

export function optionalBoolean(parameters: Parameters, name: string): boolean | undefined {
  const value = optionalText(parameters, name)?.toLowerCase();
  if (value === undefined) return undefined;
  return value === 'true' || value === 'false' ? value === 'true' : missing(name);
}

export function optionalOneOf<const Choice extends string>(
  parameters: Parameters,
  name: string,
  choices: readonly Choice[],
  refusal: RejectionCode = '-1130',
): Choice | undefined {
  const value = optionalText(parameters, name);
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice === undefined) throw new VenueRejection(refusal);
  return choice;
}

export function oneOf<const Choice extends string>(
  parameters: Parameters,
  name: string,
  choices: readonly Choice[],
  refusal: RejectionCode = '-1130',
): Choice {
  return optionalOneOf(parameters, name, choices, refusal) ?? missing(name);
}

/** A client id in the venue's alphabet, or the venue's own where none was sent. */
export function clientId(parameters: Parameters, name: string, fallback: () => string): string {
  const value = optionalText(parameters, name);
  if (value === undefined) return fallback();
  if (!CLIENT_ID.test(value)) throw new VenueRejection('-4015');
  return value;
}
