import { callSupervisor, findRuntimeRecord, type ApplyReport } from '#pkg/local';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import type { BoxVerbOptions } from '../verbs/box-verbs.ts';
import type { FileOptions, StateOptions } from '../verbs/fleet-verbs.ts';
import { checkObjectFile, readObjectFile } from './object-file.ts';
import { findStatePaths, requireRuntime } from './state.ts';

/** `kraite down`: drains, stops, and is content when nothing runs. */
export async function runDown(context: CliContext, options: StateOptions): Promise<number> {
  const paths = findStatePaths(context, options.state);
  const runtime = findRuntimeRecord(paths);
  if (runtime === undefined) {
    writeLine(context.stdout, `no fleet runs on ${paths.root}`);
    return EXIT_OK;
  }
  await callSupervisor(runtime, { verb: 'down', onSay: (line) => writeLine(context.stdout, line) });
  return EXIT_OK;
}

/** `kraite kill-box` and `kraite start-box`. */
export async function runBoxVerb(
  context: CliContext,
  command: { readonly verb: 'kill-box' | 'start-box'; readonly boxes: readonly string[] },
  options: BoxVerbOptions,
): Promise<number> {
  const runtime = requireRuntime(context, options.state);
  await callSupervisor(runtime, {
    verb: command.verb,
    argument: { boxes: command.boxes, only: options.only },
    onSay: (line) => writeLine(context.stdout, line),
  });
  return EXIT_OK;
}

/** `kraite apply -f FILE`: 0 when the fleet follows it, 1 when the object or the change is refused. */
export async function runApply(context: CliContext, options: FileOptions): Promise<number> {
  const file = readObjectFile(context, options.filename);
  if (checkObjectFile(context, file) === undefined) return EXIT_FAILED;
  const runtime = requireRuntime(context, options.state);
  const report = (await callSupervisor(runtime, {
    verb: 'apply',
    argument: { text: file.text },
    onSay: (line) => writeLine(context.stderr, line),
  })) as ApplyReport;
  const text = formatObject(report, options.output, () => describeApply(report));
  writeLine(report.isRefused ? context.stderr : context.stdout, text);
  return report.isRefused ? EXIT_FAILED : EXIT_OK;
}

function describeApply(report: ApplyReport): string {
  const lines = report.changes.map(({ effect, path, message }) => {
    const how = message === undefined ? '' : `: ${message}`;
    return `${effect.padEnd(9)} ${path}${how}`;
  });
  if (report.isRefused) return [...lines, 'refused: nothing was changed'].join('\n');
  return lines.length === 0
    ? `${report.fleet} unchanged`
    : [...lines, `${report.fleet} configured`].join('\n');
}
