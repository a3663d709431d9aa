import { afterAll, beforeAll, expect, test } from 'vitest';
import { assert } from '#pkg/base';
import { eventually } from '../../harness/eventually.ts';
import { openSharedCluster, type Cluster } from '../harness/index.ts';
import { fieldCases, goodFleet, ruleCases, type Case, type Tree } from './cases.ts';
import { apiVerdict, ownVerdict, type Verdict } from './verdict.ts';

/**
 * `kraite validate` and the API server are asked about the same objects, made from the sample: each field in turn, and each
 * rule between fields. Both must accept or refuse alike, at the same place, and in the same words where the rule is CEL.
 */
const CASES: readonly Case[] = [
  { name: 'the sample', object: goodFleet() },
  ...fieldCases(),
  ...ruleCases(),
];
/** Asked at once. */
const BATCH = 16;

interface Judged {
  readonly name: string;
  readonly own: Verdict;
  readonly api: Verdict;
}

let judged: readonly Judged[];
let cluster: Cluster;
beforeAll(async () => {
  cluster = await openSharedCluster();
  await using namespace = await cluster.makeNamespace();
  const account = { namespace: namespace.name, name: 'author' };
  const token = await cluster.makeToken(account);
  const at = ['--namespace', namespace.name];
  await cluster.kubectl([
    'create',
    'role',
    'author',
    '--verb=create',
    '--resource=kraitefleets',
    ...at,
  ]);
  await cluster.kubectl([
    'create',
    'rolebinding',
    'author',
    '--role=author',
    `--serviceaccount=${namespace.name}:author`,
    ...at,
  ]);
  const ask = async ({ name, object }: Case): Promise<Judged> => {
    const placed = structuredClone(object);
    (placed['metadata'] as Tree)['namespace'] = namespace.name;
    const path = `/apis/fleet.kraite.io/v1alpha1/namespaces/${namespace.name}/kraitefleets`;
    const answer = await cluster.call(
      token,
      'POST',
      `${path}?dryRun=All&fieldValidation=Strict`,
      placed,
    );
    return { name, own: ownVerdict(object), api: apiVerdict(answer) };
  };
  // The API server learns of the role a moment later.
  await eventually(async () => {
    const { api } = await ask({ name: '', object: goodFleet() });
    assert(api.isAccepted, 'the author may create a fleet by now');
  });
  const all: Judged[] = [];
  for (let first = 0; first < CASES.length; first += BATCH) {
    all.push(...(await Promise.all(CASES.slice(first, first + BATCH).map(ask))));
  }
  judged = all;
}, 120_000);
afterAll(() => cluster[Symbol.asyncDispose]());

test('200 objects or more of either sort are asked about', () => {
  expect(judged.filter(({ own }) => own.isAccepted).length).toBeGreaterThan(200);
  expect(judged.filter(({ own }) => !own.isAccepted).length).toBeGreaterThan(200);
});

test('the same objects are accepted', () => {
  const differing = judged.filter(({ own, api }) => own.isAccepted !== api.isAccepted);
  expect(differing).toEqual([]);
});

test('the API server complains of no place that validate does not name', () => {
  const differing = judged.flatMap(({ name, own, api }) => {
    const known = own.complaints.map(({ path }) => path);
    const alone = api.complaints.filter(({ path }) => !known.includes(path));
    return alone.length === 0 ? [] : [{ name, alone, known }];
  });
  expect(differing).toEqual([]);
});

test('validate gives no advice that the API server does not give', () => {
  const differing = judged.flatMap(({ name, own, api }) => {
    // A field that is wrong in itself keeps the API server from asking the rules between fields.
    if (api.isCutShort) return [];
    const told = new Set(api.complaints.map(({ path }) => path));
    const heard = new Set(api.complaints.map(({ says }) => adviceOf(says)));
    const untold = own.complaints.filter(
      ({ path, says }) => !told.has(path) && !heard.has(adviceOf(says)),
    );
    return untold.length === 0 ? [] : [{ name, untold, api: api.complaints }];
  });
  expect(differing).toEqual([]);
});

test('rules between fields are told in the same sentence', () => {
  let compared = 0;
  const differing = judged.flatMap(({ name, own, api }) =>
    api.complaints.flatMap(({ path, says }) => {
      if (!isSentence(says)) return [];
      const same = own.complaints.filter((each) => each.path === path).map((each) => each.says);
      compared += 1;
      const wanted = same.map(withoutGuess);
      return wanted.includes(says) || wanted.includes(withoutGuess(says))
        ? []
        : [{ name, path, says, same }];
    }),
  );
  expect(differing).toEqual([]);
  expect(compared).toBeGreaterThan(60);
});

/** What to do, which tells the rule: the API server says of each the first place only. */
function adviceOf(says: string): string {
  return withoutGuess(says).split(/[;,] /).at(-1) ?? '';
}

/** CEL cannot tell what a name was most likely meant to be, and says what else would help. */
function withoutGuess(says: string): string {
  return says.replace(/; (did you mean \S+\?|add it there with its privateIP)$/, '; add it');
}

/** Ours, and not one of OpenAPI's own (`Required value`, `"x": spec.a in body should match …`). */
function isSentence(says: string): boolean {
  return !/^(Required value|Unsupported value|Duplicate value|Too (long|many|few)|"|-?[0-9.]+: spec|unknown field|null|\{|\[)|in body (should|must)|valid value|Checked value/.test(
    says,
  );
}
