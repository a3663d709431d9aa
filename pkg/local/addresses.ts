import type { KraiteFleet } from '#pkg/fleet-spec';
import { choosePort } from './free-port.ts';
import type { LocalFleetOptions } from './fleet-options.ts';
import type { FleetEndpoints } from './process-environment.ts';
import { saveIdentity } from './state-folder.ts';
import type { SiteAddress } from './status.ts';

const LOOPBACK = '127.0.0.1';
const WEB_PORT_DEFAULT = 8_080;
const WEB_PORT_TRIES = 50;
const PROMETHEUS_PORT_DEFAULT = 9_090;

export interface LocalPorts {
  readonly mysql: number;
  readonly redis: number;
  readonly venue: number;
  readonly venueAdmin: number;
  readonly indicators: number;
  readonly web: number;
  readonly prometheus: number;
}

/** Returns the ports of this start: those of the last one where they are still free. Remembers them. */
export async function chooseLocalPorts(options: LocalFleetOptions): Promise<LocalPorts> {
  const { paths, identity } = options.state;
  const remembered = identity.ports;
  const choose = (name: string, option: string): Promise<number> =>
    choosePort({ host: LOOPBACK, preferred: remembered[name], option });
  const web = await choosePort({
    host: LOOPBACK,
    preferred: remembered['web'] ?? WEB_PORT_DEFAULT,
    fixed: options.webPort,
    tries: WEB_PORT_TRIES,
    option: '--web-port',
  });
  const prometheus = await choosePort({
    host: LOOPBACK,
    preferred: remembered['prometheus'] ?? PROMETHEUS_PORT_DEFAULT,
    tries: WEB_PORT_TRIES,
    option: '--observe',
  });
  const [mysql, redis, venue, venueAdmin, indicators] = await Promise.all([
    choose('mysql', '--mysql'),
    choose('redis', '--redis'),
    choose('venue', '--state'),
    choose('venueAdmin', '--state'),
    choose('indicators', '--state'),
  ]);
  const ports = { mysql, redis, venue, venueAdmin, indicators, web, prometheus };
  saveIdentity(paths, { ...identity, ports });
  return ports;
}

/** Returns where every process finds the others. */
export function localEndpoints(options: LocalFleetOptions, ports: LocalPorts): FleetEndpoints {
  const { secrets } = options.state;
  const { exchange, indicators } = options.fleet.spec;
  const isSimulated = exchange.mode === 'simulated';
  const streams = `ws://${LOOPBACK}:${ports.venue}`;
  const provider = `http://${LOOPBACK}:${ports.indicators}`;
  const { endpoints } = exchange;
  return {
    mysqlUrl:
      options.mysqlUrl ??
      `mysql://kraite:${secrets.mysqlPassword}@${LOOPBACK}:${ports.mysql}/kraite`,
    redisUrl: options.redisUrl ?? `redis://:${secrets.redisPassword}@${LOOPBACK}:${ports.redis}/0`,
    mode: exchange.mode,
    venue: isSimulated
      ? {
          restUrl: endpoints.rest || `http://${LOOPBACK}:${ports.venue}`,
          publicStreamUrl: endpoints.publicStream || `${streams}/public`,
          marketStreamUrl: endpoints.marketStream || `${streams}/market`,
          privateStreamUrl: endpoints.privateStream || `${streams}/private`,
        }
      : {
          restUrl: endpoints.rest || undefined,
          publicStreamUrl: endpoints.publicStream || undefined,
          marketStreamUrl: endpoints.marketStream || undefined,
          privateStreamUrl: endpoints.privateStream || undefined,
        },
    indicators: {
      url: indicators.provider.endpoint || (isSimulated ? provider : undefined),
      secret: options.environment['KRAITE_INDICATORS_SECRET'] ?? secrets.indicatorsSecret,
    },
    webPort: ports.web,
  };
}

/** Returns whether this start brings its own exchange: simulated, and no other one named in the object. */
export function bringsOwnVenue(fleet: KraiteFleet): boolean {
  return fleet.spec.exchange.mode === 'simulated' && fleet.spec.exchange.endpoints.rest === '';
}

/** Returns the addresses of the three sites. */
export function siteAddresses(fleet: KraiteFleet, webPort: number): readonly SiteAddress[] {
  const { adminHost, publicHost, docsHost } = fleet.spec.web;
  return [
    { name: 'admin', url: `http://${adminHost}:${webPort}` },
    { name: 'public', url: `http://${publicHost}:${webPort}` },
    { name: 'docs', url: `http://${docsHost}:${webPort}` },
  ];
}
