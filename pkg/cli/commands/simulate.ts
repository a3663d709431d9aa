import { findNearest } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { foreseeLoss, type KraiteFleet, type LossForecast } from '#pkg/fleet-spec';
import {
  EXIT_FAILED,
  EXIT_OK,
  isPlugin,
  UsageError,
  writeLine,
  type CliContext,
} from '../context.ts';
import { formatObject, type OutputFormat } from '../format/output.ts';
import { formatTable, type Column } from '../format/table.ts';
import { checkObjectFile, readObjectFile } from './object-file.ts';

export interface SimulateOptions {
  readonly filename?: string;
  readonly lose?: readonly string[];
  readonly output: OutputFormat;
}

/** `kraite simulate -f FILE --lose BOX…`: what the fleet still does with those boxes away. Starts nothing. */
export function runSimulate(context: CliContext, options: SimulateOptions): number {
  const file = readObjectFile(context, options.filename);
  const fleet = checkObjectFile(context, file, isPlugin(context) ? 'cluster' : 'local');
  if (fleet === undefined) return EXIT_FAILED;
  const lost = (options.lose ?? []).map((name) => requireBox(fleet, name));
  const forecast = foreseeLoss(fleet.spec, { fleet: fleet.metadata.name, lost });
  writeLine(
    context.stdout,
    formatObject(forecast, options.output, () => describe(forecast)),
  );
  return EXIT_OK;
}

function requireBox({ spec }: KraiteFleet, name: string): BoxName {
  const { core, brain, trading, indicators } = spec;
  const names = [core.box, brain.box, ...trading.boxes.map((box) => box.name), indicators.box];
  if (names.includes(name)) return id<BoxName>(name);
  const close = findNearest(name, names);
  const hint = close === undefined ? `its boxes: ${names.join(', ')}` : `did you mean ${close}?`;
  throw new UsageError(`--lose: no box is called ${name} (${hint})`);
}

type LaneRow = LossForecast['lanes'][number];

const LANE_COLUMNS: readonly Column<LaneRow>[] = [
  { header: 'LANE', value: ({ lane }) => lane },
  { header: 'SLOTS', value: ({ slotsLeft, slots }) => `${slotsLeft}/${slots}`, align: 'right' },
  {
    header: 'CAPACITY',
    value: ({ capacityRatio }) => `${Math.round(capacityRatio * 100)} %`,
    align: 'right',
  },
  { header: 'OUTCOME', value: ({ outcome }) => outcome },
  { header: 'REASON', value: ({ reason }) => reason ?? '' },
];

type EffectRow = LossForecast['effects'][number];

const EFFECT_COLUMNS: readonly Column<EffectRow>[] = [
  { header: 'WHAT', value: ({ what }) => what },
  { header: 'STATE', value: ({ isHeld, reason }) => (isHeld ? (reason ?? 'away') : 'goes on') },
  { header: 'SO', value: ({ says }) => says },
];

function describe({ fleet, lost, lanes, tradingAddresses, effects }: LossForecast): string {
  const away = lost.length === 0 ? 'every box' : `${lost.join(', ')} away`;
  const { left, all } = tradingAddresses;
  return [
    `${fleet} with ${away}: ${left} of ${all} trading addresses, each metered by the venue on its own`,
    '',
    ...formatTable(LANE_COLUMNS, lanes, { isWide: false }),
    '',
    ...formatTable(EFFECT_COLUMNS, effects, { isWide: false }),
  ].join('\n');
}
