import { LocalError } from './errors.ts';
import { findFreePort, isPortFree } from './servers/free-port.ts';

export interface PortWish {
  readonly host: string;
  /** Taken if it is free. */
  readonly preferred?: number | undefined;
  /** Must be this one: {@link LocalError} PORT_IN_USE otherwise. */
  readonly fixed?: number | undefined;
  /** How many ports after the preferred one are tried before any free one is taken. */
  readonly tries?: number;
  /** Named in the error, for example `--web-port`. */
  readonly option: string;
}

/** Returns a port that is free now: the fixed one, else the preferred one or one after it, else any. */
export async function choosePort(wish: PortWish): Promise<number> {
  if (wish.fixed !== undefined) {
    if (await isPortFree(wish.host, wish.fixed)) return wish.fixed;
    throw new LocalError(
      'PORT_IN_USE',
      `port ${wish.fixed} on ${wish.host} is in use; stop what listens there, or name another with ${wish.option} PORT`,
    );
  }
  if (wish.preferred !== undefined) {
    for (let offset = 0; offset <= (wish.tries ?? 0); offset += 1) {
      if (await isPortFree(wish.host, wish.preferred + offset)) return wish.preferred + offset;
    }
  }
  return findFreePort(wish.host);
}
