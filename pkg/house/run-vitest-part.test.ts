import { expect, test } from 'vitest';
import { countReport } from './run-vitest-part.ts';

const report = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  success: true,
  testResults: [],
};

test('a green run counts its tests and shows no output', () => {
  expect(countReport(report, 0, 'noise')).toEqual({
    passed: 3,
    failed: 0,
    skipped: 0,
    failures: '',
  });
});

test('a file that breaks before its first test is one failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }];
  const counted = countReport({ ...report, success: false, testResults }, 1, 'why');
  expect(counted).toMatchObject({ passed: 3, failed: 1, failures: 'why' });
});

test('a run that breaks around green tests is not green', () => {
  expect(countReport(report, 1, 'an unhandled rejection')).toMatchObject({ failed: 1 });
});

test('a run with no report is one failure', () => {
  expect(countReport(undefined, 1, 'boom')).toMatchObject({ passed: 0, failed: 1 });
});

test('skipped tests are told apart from passed ones', () => {
  expect(countReport({ ...report, numPendingTests: 2 }, 0, '')).toMatchObject({ skipped: 2 });
});
