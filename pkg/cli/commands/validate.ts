import { formatMistake, parseFleet } from '#pkg/fleet-spec';
import { EXIT_FAILED, EXIT_OK, isPlugin, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import type { FileOptions } from '../verbs/fleet-verbs.ts';
import { checkObjectFile, readObjectFile } from './object-file.ts';

/** `kraite validate -f FILE`: 0 when the object can be applied, 1 with every mistake when not. */
export async function runValidate(context: CliContext, options: FileOptions): Promise<number> {
  const file = readObjectFile(context, options.filename);
  const target = options.cluster === true || isPlugin(context) ? 'cluster' : 'local';
  const parsed = parseFleet(file.text, { file: file.path, target });
  if (options.output === 'text') {
    if (parsed.kind === 'invalid') {
      checkObjectFile(context, file, target);
      return EXIT_FAILED;
    }
    for (const note of parsed.warnings) {
      writeLine(context.stderr, `note: ${formatMistake(note)}`);
    }
    writeLine(context.stdout, `${file.path} is valid: fleet ${parsed.fleet.metadata.name}`);
    return EXIT_OK;
  }
  const report =
    parsed.kind === 'valid'
      ? { valid: true, warnings: parsed.warnings }
      : { valid: false, mistakes: parsed.mistakes };
  writeLine(
    context.stdout,
    formatObject(report, options.output, () => ''),
  );
  return parsed.kind === 'valid' ? EXIT_OK : EXIT_FAILED;
}
