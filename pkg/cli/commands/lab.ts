import type { KraiteFleet } from '#pkg/fleet-spec';
import {
  cutNodes,
  downLab,
  execInLab,
  freezeNodes,
  healNodes,
  killNodes,
  loadImages,
  slowNodes,
  statusOfLab,
  upLab,
  type NodeStatus,
} from '#pkg/lab';
import { EXIT_FAILED, EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import { formatRows, type OutputFormat } from '../format/output.ts';
import type { Column } from '../format/table.ts';
import { parseNames } from '../verb-options.ts';
import { checkObjectFile, readObjectFile } from './object-file.ts';
import { readRelease } from './version.ts';

export interface LabUpOptions {
  readonly filename?: string;
  readonly servers?: string;
  readonly only?: string;
}

export interface CutOptions {
  readonly from?: string;
  readonly oneWay?: true;
}

export interface SlowOptions {
  readonly rate?: string;
  readonly delay?: number;
  readonly loss?: number;
}

/** `kraite lab up`: 0 once every box is Ready. */
export async function runLabUp(context: CliContext, options: LabUpOptions): Promise<number> {
  const fleet = checkObjectFile(context, readObjectFile(context, options.filename));
  if (fleet === undefined) return EXIT_FAILED;
  await upLab({
    ...placeOf(context),
    fleet: withServers(fleet, options.servers),
    ...(options.only === undefined ? {} : { only: [...parseNames(options.only)] }),
  });
  for (const line of [
    '',
    'kraite lab status                        how the boxes are',
    'kraite lab exec desk kubectl get nodes   kubectl and helm stand at the desk',
    'kraite lab load                          bring the image of this clone to the boxes',
    'kraite lab down                          take everything away',
  ]) {
    writeLine(context.stdout, line);
  }
  return EXIT_OK;
}

function withServers(fleet: KraiteFleet, servers: string | undefined): KraiteFleet {
  if (servers === undefined) return fleet;
  const boxes = parseNames(servers);
  const known = fleet.spec.network.boxes.map(({ name }) => name);
  const unknown = boxes.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `--servers: the fleet has no box ${unknown.join(', ')}; boxes are ${known.join(', ')}`,
    );
  }
  return {
    ...fleet,
    spec: { ...fleet.spec, controlPlane: { ...fleet.spec.controlPlane, boxes: [...boxes] } },
  };
}

/** `kraite lab load`: 0 once the images are on the boxes. */
export async function runLabLoad(context: CliContext): Promise<number> {
  await loadImages({ ...placeOf(context), version: readRelease(context.installFolder) });
  return EXIT_OK;
}

const COLUMNS: readonly Column<NodeStatus>[] = [
  { header: 'BOX', value: ({ name }) => name },
  { header: 'POWER', value: ({ power }) => power },
  { header: 'KUBERNETES', value: ({ kubernetes }) => kubernetes },
  { header: 'API SERVER', value: ({ isServer }) => (isServer ? 'yes' : '-') },
  { header: 'PRIVATE', value: ({ privateIP }) => privateIP },
  { header: 'PUBLIC', value: ({ publicIP }) => publicIP },
  { header: 'NOTES', value: ({ notes }) => (notes.length === 0 ? '-' : notes.join('; ')) },
];

/** `kraite lab status`: 0 when every box is Ready, else 1. */
export async function runLabStatus(context: CliContext, output: OutputFormat): Promise<number> {
  const rows = await statusOfLab(context.environment);
  writeLine(context.stdout, formatRows(rows, COLUMNS, output, { whenEmpty: 'no boxes' }));
  return rows.every(({ kubernetes }) => kubernetes === 'Ready') ? EXIT_OK : EXIT_FAILED;
}

/** `kraite lab exec PLACE COMMAND…`: the command's own exit code. */
export function runLabExec(
  context: CliContext,
  place: string,
  command: readonly string[],
): Promise<number> {
  // The habit of other tools; options of the command are its own here anyway.
  const [first, ...others] = command;
  const own = first === '--' ? others : command;
  return execInLab(place, own, context.environment);
}

/** `kraite lab kill BOXES`. */
export async function runLabKill(context: CliContext, boxes: string): Promise<number> {
  await killNodes(parseNames(boxes), context.environment);
  return EXIT_OK;
}

/** `kraite lab freeze BOXES`. */
export async function runLabFreeze(context: CliContext, boxes: string): Promise<number> {
  await freezeNodes(parseNames(boxes), context.environment);
  return EXIT_OK;
}

/** `kraite lab cut BOXES`. */
export async function runLabCut(
  context: CliContext,
  boxes: string,
  { from, oneWay }: CutOptions,
): Promise<number> {
  const how = { from, isOneWay: oneWay === true };
  await cutNodes(parseNames(boxes), how, context.environment);
  return EXIT_OK;
}

/** `kraite lab slow BOXES`. */
export async function runLabSlow(
  context: CliContext,
  boxes: string,
  { rate, delay, loss }: SlowOptions,
): Promise<number> {
  if (rate === undefined && delay === undefined && loss === undefined) {
    throw new UsageError('say how slow: --rate 1mbit, --delay 100 or --loss 5');
  }
  if (rate !== undefined && !/^[1-9]\d*(k|m|g)?bit$/.test(rate)) {
    throw new UsageError(`--rate: ${rate} is no rate; write it as 256kbit or 1mbit`);
  }
  const slowness = { rate, delayMs: delay, lossPercent: loss };
  await slowNodes(parseNames(boxes), slowness, context.environment);
  return EXIT_OK;
}

/** `kraite lab heal [BOXES]`. */
export async function runLabHeal(context: CliContext, boxes: string | undefined): Promise<number> {
  const names = boxes === undefined ? [] : parseNames(boxes);
  const booted = await healNodes(names, context.environment);
  if (booted.length > 0) writeLine(context.stdout, `booted: ${booted.join(', ')}`);
  return EXIT_OK;
}

/** `kraite lab down`: 0 also when there was none. */
export async function runLabDown(context: CliContext): Promise<number> {
  const { wasUp } = await downLab();
  writeLine(context.stdout, wasUp ? 'the lab is gone' : 'there was no lab');
  return EXIT_OK;
}

function placeOf({ clock, environment, installFolder, stdout }: CliContext) {
  return {
    clock,
    environment,
    root: installFolder,
    report: (line: string) => writeLine(stdout, line),
  };
}
