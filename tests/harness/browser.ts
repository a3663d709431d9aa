import { chromium, type Browser } from 'playwright-core';
import { ensurePrograms } from '#pkg/local';

/** Starts Chromium: the machine's own, or one unpacked into the cache folder. */
export async function launchTestBrowser(browserArguments: readonly string[]): Promise<Browser> {
  const programs = await ensurePrograms(['chromium'], {
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const [executablePath] = programs.chromium.command;
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', ...browserArguments],
    env: { ...process.env, ...programs.chromium.environment },
  });
}
