import { DIRECTIONS, type AccountSettings, type RiskLimits } from '#pkg/domain';

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
  /** `min` itself is too small. */
  readonly isAboveMin?: boolean;
}

const SIDED: Readonly<Record<'slots' | 'marginPercent' | 'leverageMax' | 'gapPercent', Range>> = {
  slots: { min: 0, max: 50, isWhole: true },
  marginPercent: { min: 0, max: 100, isAboveMin: true },
  leverageMax: { min: 1, max: 125, isWhole: true },
  gapPercent: { min: 0, max: 90, isAboveMin: true },
};
const SINGLE: Readonly<Record<'profitPercent' | 'stopPercent', Range>> = {
  profitPercent: { min: 0, max: 100, isAboveMin: true },
  stopPercent: { min: 0, max: 90, isAboveMin: true },
};
const RISK: Readonly<Record<keyof RiskLimits, Range>> = {
  sideNotionalPercentMax: { min: 0, max: 12_500, isAboveMin: true },
  notionalPercentMax: { min: 0, max: 25_000, isAboveMin: true },
  marginRatioPercentMax: { min: 0, max: 100, isAboveMin: true },
  stopLossPercentMax: { min: 0, max: 100, isAboveMin: true },
  ordersPerSecondMax: { min: 1, max: 30, isWhole: true },
};
const MULTIPLIER: Range = { min: 0, max: 10, isAboveMin: true };
const RUNGS_MAX = 10;
const FLAGS = ['allowOtherPositions', 'allowOtherOrders'];
const FIELDS: readonly string[] = [
  ...Object.keys(SIDED),
  'multipliers',
  ...Object.keys(SINGLE),
  'risk',
  ...FLAGS,
  'version',
];
export const SIDED_SETTINGS = Object.keys(SIDED);
export const SINGLE_SETTINGS = Object.keys(SINGLE);
export const RISK_LIMIT_NAMES = Object.keys(RISK);
const VERSION: Range = { min: 1, max: Number.MAX_SAFE_INTEGER, isWhole: true };

/** Returns every mistake in `value` as one sentence each; none means that it is a whole AccountSettings. */
export function findSettingsMistakes(value: unknown): readonly string[] {
  if (!isRecord(value)) return ['settings: must be an object'];
  const mistakes = Object.keys(value)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `${name}: is no setting; the settings are ${FIELDS.join(', ')}`);
  for (const [name, range] of Object.entries(SIDED)) {
    mistakes.push(...sidedMistakes(name, value[name], range));
  }
  mistakes.push(...multiplierMistakes(value['multipliers']));
  for (const [name, range] of Object.entries(SINGLE)) {
    mistakes.push(...numberMistakes(name, value[name], range));
  }
  mistakes.push(...riskMistakes(value['risk']));
  for (const name of FLAGS) {
    const flag = value[name];
    if (flag !== undefined && typeof flag !== 'boolean') {
      mistakes.push(`${name}: ${JSON.stringify(flag)} is neither true nor false`);
    }
  }
  if (value['version'] !== undefined) {
    mistakes.push(...numberMistakes('version', value['version'], VERSION));
  }
  return mistakes.length > 0 ? mistakes : ladderMistakes(value as unknown as AccountSettings);
}

function sidedMistakes(name: string, value: unknown, range: Range): readonly string[] {
  if (!isRecord(value)) return [`${name}: must be an object with long and short`];
  const strangers = Object.keys(value)
    .filter((side) => !(DIRECTIONS as readonly string[]).includes(side))
    .map((side) => `${name}.${side}: is neither long nor short`);
  return [
    ...strangers,
    ...DIRECTIONS.flatMap((side) => numberMistakes(`${name}.${side}`, value[side], range)),
  ];
}

/** Every limit may be absent: the default stands then. */
function riskMistakes(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!isRecord(value)) return ['risk: must be an object of limits'];
  return Object.entries(value).flatMap(([name, limit]) => {
    const range = name in RISK ? RISK[name as keyof RiskLimits] : undefined;
    return range === undefined
      ? [`risk.${name}: is no limit; the limits are ${Object.keys(RISK).join(', ')}`]
      : numberMistakes(`risk.${name}`, limit, range);
  });
}

function multiplierMistakes(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return ['multipliers: must be a list of numbers, one for each rung'];
  if (value.length > RUNGS_MAX) {
    return [`multipliers: has ${value.length} rungs, and at most ${RUNGS_MAX} are allowed`];
  }
  return value.flatMap((multiplier: unknown, index) =>
    numberMistakes(`multipliers[${index}]`, multiplier, MULTIPLIER),
  );
}

function numberMistakes(path: string, value: unknown, range: Range): readonly string[] {
  const { min, max, isWhole = false, isAboveMin = false } = range;
  const isFit =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!isWhole || Number.isInteger(value)) &&
    (isAboveMin ? value > min : value >= min) &&
    value <= max;
  if (isFit) return [];
  const kind = isWhole ? 'a whole number' : 'a number';
  const bounds = isAboveMin ? `above ${min} and at most ${max}` : `from ${min} to ${max}`;
  return [`${path}: ${JSON.stringify(value) ?? 'nothing'} is not ${kind} ${bounds}`];
}

/** The last rung of a long stands at entry × (1 − N × gap): it must still have a price. */
function ladderMistakes(settings: AccountSettings): readonly string[] {
  const depth = settings.gapPercent.long * settings.multipliers.length;
  if (depth < 100) return [];
  return [
    `gapPercent.long: ${settings.multipliers.length} rungs of ${settings.gapPercent.long} % reach ` +
      `${depth} % below the entry, where there is no price; the product must stay below 100`,
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
