/** One entry of x-kubernetes-validations. */
export interface CelRule {
  readonly rule: string;
  readonly messageExpression?: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason: 'FieldValueInvalid' | 'FieldValueForbidden';
}

/** A rule and the place of the schema at which it is asked. */
export interface PlacedRule {
  readonly at: string;
  readonly rule: CelRule;
}

interface Place {
  /** `spec.trading.boxes[]` is each entry of that list. */
  readonly at: string;
  /** Where the mistake is, below `at`. */
  readonly fieldPath?: string;
  /** What must hold, for whoever reads the CRD. */
  readonly sentence: string;
}

/** A rule whose mistake is said in one text; `says` is a CEL expression of it. */
export function mustHold(place: Place, holds: string, says: string): PlacedRule {
  return placed(place, holds, says);
}

/** What is wrong in a list, in CEL: entry `e` at `i` is when `isWrong`, and `says` is `PATH: what is wrong and what to do`. */
export interface Findings {
  readonly list: string;
  readonly isWrong: string;
  readonly says: string;
}

/**
 * A rule over several places. A rule of a CRD cannot point at an entry of a list, so the text names the place; the first
 * one is told.
 */
export function mustFindNothing(place: Place, { list, isWrong, says }: Findings): PlacedRule {
  return placed(
    place,
    `${list}.all(i, e, !(${isWrong}))`,
    `${list}.transformList(i, e, ${isWrong}, ${says})[0]`,
  );
}

function placed(place: Place, rule: string, messageExpression: string): PlacedRule {
  return {
    at: place.at,
    rule: {
      rule: squeeze(rule),
      messageExpression: squeeze(messageExpression),
      message: place.sentence,
      ...(place.fieldPath === undefined ? {} : { fieldPath: place.fieldPath }),
      reason: 'FieldValueInvalid',
    },
  };
}

const COUNT_MAX = 128;
const WIDTH = String(COUNT_MAX).length;
const COUNTS = Array.from({ length: COUNT_MAX + 1 }, (_, count) => String(count).padEnd(WIDTH));

/**
 * The digits of a count from 0 to 128 as text.
 *
 * `string()` would say the same, but the API server takes its result for endless when it estimates what a rule costs, and
 * then refuses the rule.
 */
export function digits(count: string): string {
  return `'${COUNTS.join('')}'.substring(${count} * ${WIDTH}, ${count} * ${WIDTH} + ${WIDTH}).trim()`;
}

/** Expressions are written over several lines here and stand on one in the CRD. */
function squeeze(expression: string): string {
  return expression.replaceAll(/\s*\n\s*/g, ' ').trim();
}
