import { createSystemRandom } from '#pkg/base';
import { openFleetReader } from '#pkg/local';
import { createSilentLogger } from '#pkg/observability';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import type { StateOptions } from '../verbs/fleet-verbs.ts';
import { requireRuntime } from './state.ts';
import { untilAnswered } from './until-answered.ts';

/** `kraite web-password [NAME]`: 0 with a new password on stdout, 1 when nobody has that name. */
export async function runWebPassword(
  context: CliContext,
  name: string,
  options: StateOptions,
): Promise<number> {
  const runtime = requireRuntime(context, options.state);
  const { clock } = context;
  const { resetOperatorPassword } = await import('#pkg/web');
  const opening = openFleetReader(runtime, { clock, logger: createSilentLogger() });
  const reader = await untilAnswered(context, opening);
  try {
    const reset = resetOperatorPassword(reader.store, createSystemRandom(), name);
    const issued = await untilAnswered(context, reset);
    if (issued === undefined) {
      writeLine(context.stderr, `kraite: the admin site has no operator ${name}; nothing changed`);
      return EXIT_FAILED;
    }
    writeLine(context.stderr, `new password of ${issued.name} (shown only now; sessions ended):`);
    writeLine(context.stdout, issued.password);
    return EXIT_OK;
  } finally {
    // Not waited for: with servers that are away it ends late or never, and the process ends now.
    void Promise.allSettled([reader[Symbol.asyncDispose]()]);
  }
}
