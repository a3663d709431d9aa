/** The flags of `kraite exchange-sim`: parsed by commander, checked here, with every mistake named. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Decimal, toError } from '#pkg/base';
import { InvalidArgumentError, type Command } from 'commander';
import { checkFaultRequest, type FaultRequest } from './faults/fault-request.ts';
import { SYMBOLS_MAX } from './market/symbols.ts';
import type { ListenAddress } from './server/listen.ts';
import type { SimulatedVenueOptions } from './start.ts';
import type { RequestWindow } from './taapi/request-log.ts';
import type { VenueAccount } from './venue/venue.ts';

const TLS_NAMES = ['localhost', '127.0.0.1'];

interface Flags {
  readonly listen: readonly ListenAddress[];
  readonly account: readonly VenueAccount[];
  readonly adminListen?: ListenAddress;
  readonly taapiListen?: ListenAddress;
  readonly taapiSecret: string;
  readonly taapiWindow: RequestWindow;
  readonly seed?: string;
  readonly state?: string;
  readonly symbols?: number;
  readonly tls?: true | readonly string[];
  readonly faults?: FaultRequest;
  readonly market: 'lively' | 'regimes';
  readonly replay?: string;
  readonly output: 'text' | 'json';
}

/** What `exchange-sim` was asked to do. */
export interface ExchangeSimOptions {
  readonly venue: SimulatedVenueOptions;
  readonly output: 'text' | 'json';
}

/** Adds the flags of exchange-sim to `command`; `run` gets them checked. Bad flags end in a CommanderError. */
export function configureExchangeSim(
  command: Command,
  run: (options: ExchangeSimOptions) => Promise<void>,
): Command {
  return command
    .description('run the simulated exchange and indicator provider alone')
    .option(
      '--listen <host:port>',
      'REST and WebSocket; may be repeated (default 127.0.0.1:9090)',
      collect(parseListen),
      [],
    )
    .requiredOption(
      '--account <key:secret:usdt>',
      'an API key and its first deposit; may be repeated',
      collect(parseAccount),
      [],
    )
    .option('--seed <seed>', 'names the market; the same seed gives the same prices')
    .option('--state <folder>', 'where the venue keeps its journal; it forgets without one')
    .option('--symbols <count>', 'how many symbols are listed (default 26)', parseSymbolCount)
    .option(
      '--tls [names]',
      'HTTPS and WSS with a certificate made for these names and addresses, which is printed (default localhost,127.0.0.1)',
      parseNames,
    )
    .option(
      '--faults <file>',
      'faults from the start, as JSON: what the admin port takes',
      parseFaults,
    )
    .option('--market <kind>', 'how prices move: lively or regimes', parseMarket, 'lively')
    .option('--replay <folder>', 'replay public kline files (SYMBOL-1h-….csv) instead')
    .option('--admin-listen <host:port>', 'figures and faults; loopback only', parseLoopback)
    .option('--taapi-listen <host:port>', 'indicator provider; none without it', parseListen)
    .option('--taapi-secret <secret>', 'secret that the indicator provider accepts', 'simulated')
    .option('--taapi-window <window>', 'sliding or fixed', parseWindow, 'sliding')
    .option('-o, --output <format>', 'form of the ready line: text or json', parseOutput, 'text')
    .addHelpText(
      'after',
      `
Examples:
  kraite exchange-sim --listen 127.0.0.1:9090 --account KEY:SECRET:10000
  kraite exchange-sim --account KEY:SECRET:10000 --seed 7 --state ./venue --taapi-listen 127.0.0.1:9091 -o json
  kraite exchange-sim --account KEY:SECRET:10000 --tls exchange.local,192.0.2.7
  kraite exchange-sim --account KEY:SECRET:10000 --faults faults.json

A file of faults, here a seeded plan with a flash crash after a minute:
  { "plan": { "seed": "7", "loseReplies": 0.02, "frames": { "duplicate": 0.01 } },
    "script": [{ "afterMs": 60000, "order": { "movePrice":
      { "symbol": "*", "ratio": 0.8, "rampMs": 3000, "holdMs": 5000, "recoverMs": 60000 } } }] }`,
    )
    .action((flags: Flags) => run(toOptions(flags)));
}

function toOptions(flags: Flags): ExchangeSimOptions {
  const listen = flags.listen.length === 0 ? [{ host: '127.0.0.1', port: 9090 }] : flags.listen;
  return {
    output: flags.output,
    venue: {
      listen,
      accounts: flags.account,
      ...(flags.adminListen === undefined ? {} : { adminListen: flags.adminListen }),
      ...(flags.taapiListen === undefined
        ? {}
        : {
            taapi: {
              listen: flags.taapiListen,
              secret: flags.taapiSecret,
              window: flags.taapiWindow,
            },
          }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.symbols === undefined ? {} : { symbolCount: flags.symbols }),
      market: flags.market,
      ...(flags.replay === undefined ? {} : { replayFolder: flags.replay }),
      ...(flags.state === undefined ? {} : { stateFolder: flags.state }),
      ...(flags.tls === undefined
        ? {}
        : { tls: { hosts: flags.tls === true ? TLS_NAMES : flags.tls } }),
      ...(flags.faults === undefined ? {} : { faults: flags.faults }),
    },
  };
}

function collect<Value>(
  parse: (text: string) => Value,
): (text: string, before: readonly Value[]) => readonly Value[] {
  return (text, before) => [...before, parse(text)];
}

function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new InvalidArgumentError(`"${text}" is not HOST:PORT, for example 127.0.0.1:9090.`);
  }
  return { host: (match[1] ?? '127.0.0.1').replaceAll(/[[\]]/g, ''), port };
}

function parseLoopback(text: string): ListenAddress {
  const address = parseListen(text);
  const isLoopback =
    address.host.startsWith('127.') || address.host === '::1' || address.host === 'localhost';
  if (!isLoopback) {
    throw new InvalidArgumentError(
      `The admin port is bound to loopback only, not ${address.host}.`,
    );
  }
  return address;
}

/** Labels of letters, digits and inner hyphens, the last not all digits: RFC 1123, 2.1. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

function parseNames(text: string): readonly string[] {
  const names = text.split(',');
  for (const name of names) {
    if (isIP(name) !== 0 || HOST_NAME.test(name)) continue;
    throw new InvalidArgumentError(
      `"${name}" is neither a host name nor an address; write them like localhost,192.0.2.7.`,
    );
  }
  return names;
}

function parseFaults(file: string): FaultRequest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new InvalidArgumentError(`${file} cannot be read as JSON: ${toError(thrown).message}.`);
  }
  const checked = checkFaultRequest(value);
  if ('mistake' in checked) throw new InvalidArgumentError(`in ${file}, ${checked.mistake}.`);
  return checked.request;
}

function parseMarket(text: string): 'lively' | 'regimes' {
  if (text !== 'lively' && text !== 'regimes') {
    throw new InvalidArgumentError(`"${text}" is neither lively nor regimes.`);
  }
  return text;
}

function parseSymbolCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2 || count > SYMBOLS_MAX) {
    throw new InvalidArgumentError(`"${text}" is not a whole number from 2 to ${SYMBOLS_MAX}.`);
  }
  return count;
}

function parseAccount(text: string): VenueAccount {
  const [key = '', secret = '', balance = '', ...rest] = text.split(':');
  const isAmount = /^\d+(\.\d+)?$/.test(balance) && new Decimal(balance).gt(0);
  if (key === '' || secret === '' || !isAmount || rest.length > 0) {
    throw new InvalidArgumentError(`"${text}" is not KEY:SECRET:USDT, for example k1:s1:10000.`);
  }
  return { key, secret, balance };
}

function parseWindow(text: string): RequestWindow {
  if (text !== 'sliding' && text !== 'fixed') {
    throw new InvalidArgumentError(`"${text}" is neither sliding nor fixed.`);
  }
  return text;
}

function parseOutput(text: string): 'text' | 'json' {
  if (text !== 'text' && text !== 'json') {
    throw new InvalidArgumentError(`"${text}" is neither text nor json.`);
  }
  return text;
}
