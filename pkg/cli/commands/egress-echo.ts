import { toError } from '#pkg/base';
import { startEchoServer } from '#operator/egress-probe';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';

export interface EgressEchoOptions {
  /** `HOST:PORT`; an IPv6 host stands in brackets. */
  readonly listen: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** `kraite egress-echo`: serves until it is interrupted. */
export async function runEgressEcho(
  context: CliContext,
  { listen, tlsCert, tlsKey }: EgressEchoOptions,
): Promise<number> {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? [];
  if (port === '' || Number(port) > 65_535)
    throw new UsageError(`--listen ${listen}: write HOST:PORT, as 0.0.0.0:8080`);
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError('--tls-cert and --tls-key belong together: give both, or neither');
  }
  const { requested } = context.interrupt;
  try {
    await using server = await startEchoServer({
      host: host === '' ? '0.0.0.0' : host.replaceAll(/[[\]]/g, ''),
      port: Number(port),
      ...(tlsCert === undefined || tlsKey === undefined
        ? {}
        : { tls: { certificateFile: tlsCert, keyFile: tlsKey } }),
    });
    writeLine(context.stdout, `answering with the address it sees on ${server.url}`);
    if (!requested.aborted) {
      await new Promise((resolve) => {
        requested.addEventListener('abort', resolve, { once: true });
      });
    }
    return EXIT_OK;
  } catch (error) {
    writeLine(context.stderr, `kraite: cannot serve on ${listen}: ${toError(error).message}`);
    return EXIT_FAILED;
  }
}
