import { readFileSync } from 'node:fs';

import { toError } from '#pkg/base';
import { variableName, type VariableName } from './variables.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and gathers every mistake, so that a person fixes all of them at once. */
export interface EnvironmentReader {
  readonly mistakes: string[];
  /** Undefined when unset or empty. */
  readonly optional: (name: VariableName) => string | undefined;
  readonly needed: (name: VariableName) => string;
  readonly optionalUrl: (name: VariableName) => string | undefined;
  readonly neededUrl: (name: VariableName) => string;
  /** The value itself, or the content of the file that its twin names, without blanks around it. */
  readonly optionalSecret: (name: VariableName, file: VariableName) => string | undefined;
  readonly integer: (
    name: VariableName,
    bounds: { readonly preset: number; readonly max: number },
  ) => number;
  readonly choice: <T extends string>(name: VariableName, choices: readonly [T, ...T[]]) => T;
}

export function readEnvironment(environment: Environment): EnvironmentReader {
  const mistakes: string[] = [];
  const optional = (name: VariableName): string | undefined => {
    const value = environment[variableName(name)];
    return value === undefined || value === '' ? undefined : value;
  };
  const checkUrl = <T extends string | undefined>(name: VariableName, value: T): T => {
    // The value is not repeated: URLs of the core hold passwords.
    if (value !== undefined && value !== '' && !URL.canParse(value)) {
      mistakes.push(`${variableName(name)} is not a URL`);
    }
    return value;
  };
  const need = (name: VariableName, value: string | undefined): string => {
    if (value === undefined) mistakes.push(`${variableName(name)} is not set`);
    return value ?? '';
  };
  const optionalSecret: EnvironmentReader['optionalSecret'] = (name, file) => {
    const path = optional(file);
    if (path === undefined) return optional(name);
    try {
      const text = readFileSync(path, 'utf8').trim();
      return text === '' ? undefined : text;
    } catch (error) {
      mistakes.push(`${variableName(file)} cannot be read: ${toError(error).message}`);
      return '';
    }
  };
  return {
    mistakes,
    optional,
    needed: (name) => need(name, optional(name)),
    optionalUrl: (name) => checkUrl(name, optional(name)),
    neededUrl: (name) => checkUrl(name, need(name, optional(name))),
    optionalSecret,
    integer: (name, { preset, max }) => {
      const text = optional(name);
      if (text === undefined) return preset;
      const value = Number(text);
      if (/^\d+$/.test(text) && value <= max) return value;
      mistakes.push(`${variableName(name)}: ${text} is not a whole number from 0 to ${max}`);
      return preset;
    },
    choice: (name, choices) => {
      const value = optional(name) ?? choices[0];
      const known = choices.find((choice) => choice === value);
      if (known === undefined) {
        mistakes.push(`${variableName(name)}: ${value} is none of ${choices.join(', ')}`);
      }
      return known ?? choices[0];
    },
  };
}
