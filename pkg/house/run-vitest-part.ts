import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, type Environment } from './run-tool.ts';

/** What a part came to. `failures` is the text a person needs to act on, empty when nothing failed. */
export interface PartResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: string;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Runs one project of vitest.config.ts to its end. */
export async function runVitestPart(
  name: string,
  options: { readonly root: string; readonly environment: Environment },
): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'kraite-report-'));
  const file = join(folder, 'report.json');
  try {
    const result = await runTool(
      [
        'vitest',
        'run',
        '--project',
        name,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
      ],
      options,
    );
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const report = text === undefined ? undefined : (JSON.parse(text) as VitestReport);
    return countReport(report, result.status, result.output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Counts tests, and one failure for each file (or run) that broke without a failed test of its own. */
export function countReport(
  report: VitestReport | undefined,
  status: number,
  output: string,
): PartResult {
  if (report === undefined) {
    return status === 0 && /no test files found/i.test(output)
      ? { passed: 0, failed: 0, skipped: 0, failures: '' }
      : { passed: 0, failed: 1, skipped: 0, failures: output };
  }
  const brokenFiles = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const counted = report.numFailedTests + brokenFiles;
  const failed = counted === 0 && (status !== 0 || !report.success) ? 1 : counted;
  return {
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: failed === 0 ? '' : output,
  };
}
