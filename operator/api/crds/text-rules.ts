import type { CelRule } from './cel.ts';
import type { Structural } from './structural.ts';

/** What a pattern cannot say of a text field. */
export function textRules(field: Structural): readonly CelRule[] {
  if (field.format !== 'cidr') return [];
  const says = 'is not an IPv4 network; write it like 10.0.0.0/16, with zeros after the prefix';
  return [
    {
      // What is no network at all is told by the pattern.
      rule: '!isCIDR(self) || cidr(self) == cidr(self).masked()',
      messageExpression: `self + ' ${says}'`,
      message: 'Only zeros stand after the prefix.',
      reason: 'FieldValueInvalid',
    },
  ];
}
