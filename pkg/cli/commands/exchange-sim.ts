import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { EXIT_FAILED, type CliContext } from '../context.ts';
import type { ExchangeSimOptions } from '../verbs/tool-verbs.ts';

/** `kraite exchange-sim`: hands the terminal over to the exchange's own program until it ends. */
export function runExchangeSim(context: CliContext, options: ExchangeSimOptions): Promise<number> {
  const args = [
    ...['--listen', options.listen],
    ...options.account.flatMap((account) => ['--account', account]),
    ...(options.seed === undefined ? [] : ['--seed', String(options.seed)]),
    ...(options.taapiListen === undefined ? [] : ['--taapi-listen', options.taapiListen]),
  ];
  const main = join(context.installFolder, 'cmd/exchange-sim/main.ts');
  const child = spawn(process.execPath, [main, ...args], { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(EXIT_FAILED));
    child.once('exit', (code) => resolve(code ?? EXIT_FAILED));
  });
}
