import { execFile } from 'node:child_process';
import { toError, type Clock } from '#pkg/base';
import { ensurePrograms } from '#pkg/local';
import { PART_NAMES, PARTS, STATIC_CHECKS, type Part } from './parts.ts';
import { runTool, type Environment } from './run-tool.ts';
import { runVitestPart, type PartResult } from './run-vitest-part.ts';

export interface RunTestsOptions {
  /** The clone: where package.json is. */
  readonly root: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly write: (text: string) => void;
}

interface PartReport {
  readonly part: Part;
  readonly durationMs: number;
  readonly result: PartResult;
  /** Why it did not run, when it did not. */
  readonly unrunBecause?: string;
}

const NOTHING: PartResult = { passed: 0, failed: 0, skipped: 0, failures: '' };

/**
 * Runs the named parts (when none is named, all that do not run by name only) and prints what each came to, ending with `N passed, N failed`.
 *
 * Returns the exit code: 0; 1 when something failed; 2 for a name that is no part; 3 when nothing failed but
 * something was left unrun.
 */
export async function runTests(
  names: readonly string[],
  options: RunTestsOptions,
): Promise<0 | 1 | 2 | 3> {
  const unknown = names.filter((name) => !PART_NAMES.some((known) => known === name));
  if (unknown.length > 0) {
    options.write(`unknown part: ${unknown.join(', ')}; parts are ${PART_NAMES.join(', ')}\n`);
    return 2;
  }
  const chosen = (PARTS as readonly Part[]).filter((part) =>
    names.length === 0 ? part.isByName !== true : names.includes(part.name),
  );
  const reports: PartReport[] = [];
  for (const part of chosen) {
    options.write(`${part.name}: ${part.summary} ...\n`);
    const report = await runPart(part, options);
    reports.push(report);
    if (report.result.failures !== '') options.write(`${report.result.failures.trimEnd()}\n`);
    options.write(`${formatReport(report)}\n`);
  }
  return conclude(reports, options);
}

async function runPart(part: Part, options: RunTestsOptions): Promise<PartReport> {
  const startedMs = options.clock.monotonicMs();
  const finish = (result: PartResult, unrunBecause?: string): PartReport => ({
    part,
    durationMs: options.clock.monotonicMs() - startedMs,
    result,
    ...(unrunBecause === undefined ? {} : { unrunBecause }),
  });
  if (part.needsNetworkNamespaces === true && !(await canUnshare('--net'))) {
    return finish(
      NOTHING,
      `it makes network namespaces, which needs root: sudo ./kraite test ${part.name}`,
    );
  }
  if (part.needsMounts === true && !(await canUnshare('--mount'))) {
    return finish(NOTHING, `it runs containers, which needs root: sudo ./kraite test ${part.name}`);
  }
  try {
    await ensurePrograms(part.programs, {
      environment: options.environment,
      report: (line) => options.write(`  ${line}\n`),
    });
  } catch (error) {
    return finish(NOTHING, toError(error).message);
  }
  return finish(
    part.kind === 'static' ? await runStaticPart(options) : await runVitestPart(part.name, options),
  );
}

/** Root alone does not tell: a container's root may lack the capability. */
function canUnshare(what: '--net' | '--mount'): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('unshare', [what, 'true'], (error) => resolve(error === null));
  });
}

async function runStaticPart(options: RunTestsOptions): Promise<PartResult> {
  const results = await Promise.all(
    STATIC_CHECKS.map(async (check) => ({ check, ...(await runTool(check.command, options)) })),
  );
  const failed = results.filter(({ status }) => status !== 0);
  return {
    passed: results.length - failed.length,
    failed: failed.length,
    skipped: 0,
    failures: failed
      .map(({ check, output }) => `  ${check.name} (${check.command.join(' ')}):\n${output}`)
      .join('\n'),
  };
}

function formatReport({ part, durationMs, result, unrunBecause }: PartReport): string {
  const outcome =
    unrunBecause === undefined ? `${result.passed} passed, ${result.failed} failed` : 'not run';
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  return `  ${part.name.padEnd(12)}${outcome.padEnd(26)}${seconds.padStart(8)}   (budget ${part.budgetMinutes} min)`;
}

function conclude(reports: readonly PartReport[], options: RunTestsOptions): 0 | 1 | 3 {
  const total = (count: (result: PartResult) => number): number =>
    reports.reduce((sum, { result }) => sum + count(result), 0);
  const [passed, failed] = [total((each) => each.passed), total((each) => each.failed)];
  const unrun = reports.flatMap(({ part, result, unrunBecause }) => {
    if (unrunBecause !== undefined) return [`${part.name} (${unrunBecause})`];
    return result.skipped > 0 ? [`${result.skipped} skipped in ${part.name}`] : [];
  });
  options.write('\n');
  for (const report of reports) options.write(`${formatReport(report)}\n`);
  if (unrun.length > 0) options.write(`not run: ${unrun.join('; ')}\n`);
  options.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) return 1;
  return unrun.length > 0 ? 3 : 0;
}
