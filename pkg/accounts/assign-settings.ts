import { findNearest } from '#pkg/base';
import { DIRECTIONS, type AccountSettings } from '#pkg/domain';
import { AccountSettingsError } from './errors.ts';
import { RISK_LIMIT_NAMES, SIDED_SETTINGS, SINGLE_SETTINGS } from './settings.ts';

/** One setting as a person names it, before and after. */
export interface SettingChange {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

const FLAGS: readonly string[] = ['allowOtherPositions', 'allowOtherOrders'];
const RUNGS_MAX = 10;

/** Every name that may be assigned. A setting without a side means both sides. */
const PATHS: readonly string[] = [
  ...SIDED_SETTINGS.flatMap((name) => [name, ...DIRECTIONS.map((side) => `${name}.${side}`)]),
  ...SINGLE_SETTINGS,
  'rungs',
  'multipliers',
  ...RISK_LIMIT_NAMES.map((name) => `risk.${name}`),
  ...FLAGS,
];

type Draft = Record<string, unknown>;

/**
 * Returns settings with assignments such as `slots.long=4`, `multipliers=2,2,1.5`, `rungs=3`, `risk.stopLossPercentMax=40`
 * or `allowOtherOrders=false` applied, in their order; `default` takes a limit of risk back.
 *
 * Throws AccountSettingsError for what is no assignment; whether the numbers are in range is asked where they are stored.
 */
export function assignSettings(
  settings: AccountSettings,
  assignments: readonly string[],
): AccountSettings {
  const mistakes: string[] = [];
  let draft = structuredClone(settings) as unknown as Draft;
  for (const assignment of assignments) {
    const [path = '', value = '', ...rest] = assignment.split('=');
    if (value === '' || rest.length > 0) {
      mistakes.push(`${assignment}: write NAME=VALUE, for example slots.long=4`);
    } else if (!PATHS.includes(path)) {
      const near = findNearest(path, PATHS);
      const hint = near === undefined ? PATHS.join(', ') : `did you mean ${near}?`;
      mistakes.push(`${path}: is no setting (${hint})`);
    } else {
      const set = assign(draft, path, value);
      if (typeof set === 'string') mistakes.push(set);
      else draft = set;
    }
  }
  if (mistakes.length > 0) throw new AccountSettingsError(mistakes);
  return draft as unknown as AccountSettings;
}

/** Returns what differs, by path. */
export function describeSettingChanges(
  before: AccountSettings,
  after: AccountSettings,
): readonly SettingChange[] {
  const [from, to] = [flatten(before), flatten(after)];
  const paths = [...new Set([...from.keys(), ...to.keys()])].filter((path) => path !== 'version');
  return paths.flatMap((path) => {
    const change = { path, from: from.get(path) ?? 'default', to: to.get(path) ?? 'default' };
    return change.from === change.to ? [] : [change];
  });
}

/** Returns every setting by its path, as a person would assign it. */
export function flatten(settings: AccountSettings): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(settings).flatMap(([name, value]: [string, unknown]): [string, string][] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([key, inner]) => [`${name}.${key}`, String(inner)])
        : [[name, Array.isArray(value) ? value.join(',') : String(value)]],
    ),
  );
}

/** Returns the changed draft, or the sentence of the mistake. */
function assign(draft: Draft, path: string, value: string): Draft | string {
  const [name = '', key] = path.split('.');
  if (FLAGS.includes(path)) {
    return value === 'true' || value === 'false'
      ? { ...draft, [path]: value === 'true' }
      : `${path}: ${value} is neither true nor false`;
  }
  if (path === 'multipliers') return assignMultipliers(draft, value.split(','));
  if (name === 'risk' && key !== undefined && value === 'default') {
    const { [key]: _gone, ...limits } = (draft['risk'] ?? {}) as Draft;
    return { ...draft, risk: limits };
  }
  const number = Number(value);
  if (!/^-?\d+(\.\d+)?$/.test(value)) return `${path}: ${value} is not a number`;
  if (path === 'rungs') return assignRungs(draft, number);
  if (SIDED_SETTINGS.some((sided) => sided === path)) {
    return { ...draft, [path]: { long: number, short: number } };
  }
  if (key === undefined) return { ...draft, [name]: number };
  return { ...draft, [name]: { ...(draft[name] as Draft | undefined), [key]: number } };
}

function assignMultipliers(draft: Draft, parts: readonly string[]): Draft | string {
  const wrong = parts.find((part) => !/^\d+(\.\d+)?$/.test(part));
  return wrong === undefined
    ? { ...draft, multipliers: parts.map(Number) }
    : `multipliers: ${wrong} is not a number; write one for each rung, as 2,2,2,2`;
}

/** Cuts the ladder, or repeats its last multiplier. */
function assignRungs(draft: Draft, rungs: number): Draft | string {
  if (!Number.isInteger(rungs) || rungs < 0 || rungs > RUNGS_MAX) {
    return `rungs: ${rungs} is not a whole number from 0 to ${RUNGS_MAX}`;
  }
  const multipliers = draft['multipliers'] as readonly number[];
  const last = multipliers.at(-1) ?? 2;
  return {
    ...draft,
    multipliers: Array.from({ length: rungs }, (_, index) => multipliers[index] ?? last),
  };
}
