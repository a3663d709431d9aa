import { describe, expect, it } from 'vitest';

import {
  changed,
  lineWith,
  mistakesOf,
  SAMPLE,
  type Refusal,
} from '../../tests/harness/sample-fleet.ts';

const UNREADABLE: readonly Refusal[] = [
  {
    name: 'an empty file',
    text: '# nothing yet\n',
    says: ['fleet.yaml:1: the file holds no object; start from k8s/samples/fleet.yaml'],
  },
  {
    name: 'a tab as indentation',
    text: 'apiVersion: fleet.kraite.io/v1alpha1\nspec:\n\tpaused: false\n',
    says: ['fleet.yaml:3: not YAML: a tab indents this line; use spaces'],
  },
  {
    name: 'a quote that is not closed',
    text: 'kind: "KraiteFleet\n',
    says: [
      'fleet.yaml:2: not YAML: a quote, bracket or colon is missing here; close what was opened',
    ],
  },
  {
    name: 'a field written twice',
    text: changed('    box: tyche\n', '    box: tyche\n    box: tyche\n'),
    says: [
      `fleet.yaml:${lineWith('box: tyche') + 1}: not YAML: this field is written twice; keep one of them`,
    ],
  },
  {
    name: 'wrong indentation',
    text: 'spec:\n    paused: false\n  version: "0.1.0"\n',
    says: [
      'fleet.yaml:3: not YAML: the indentation does not fit the lines above; use two spaces for each level',
    ],
  },
  {
    name: 'a second document',
    text: `${SAMPLE}---\nkind: KraiteFleet\n`,
    says: [
      `fleet.yaml:${SAMPLE.split('\n').length}: a second document starts here; one file holds one KraiteFleet, so move it to a file of its own`,
    ],
  },
  {
    name: 'another kind of object',
    text: 'apiVersion: apps/v1\nkind: Deployment\n',
    says: [
      'fleet.yaml:2: kind: Deployment is another kind of object; write KraiteFleet, or give the file that holds it',
    ],
  },
  {
    name: 'a list in place of an object',
    text: '- kind: KraiteFleet\n',
    says: [
      'fleet.yaml:1: a list stands where there must be fields, each as `name: value` on a line of its own',
    ],
  },
];

describe('parseFleet refuses what is no object', () => {
  it.each(UNREADABLE)('$name', ({ text, target, says }) => {
    expect(mistakesOf(text, target)).toEqual(says);
  });
});
