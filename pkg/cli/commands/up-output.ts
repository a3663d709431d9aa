import type { LocalEvent, LocalFleet, RunSummary } from '#pkg/local';
import { writeLine, type CliContext } from '../context.ts';
import type { OutputFormat } from '../format/output.ts';
import { formatClock } from '../format/words.ts';
import { LiveScreen } from '../screen/live-screen.ts';
import { eventRow } from '../views/events.ts';

/** How a running `kraite up` speaks: JSON lines, plain lines, or the live screen of a terminal. */
export interface UpOutput {
  attach(fleet: LocalFleet): void;
  event(event: LocalEvent): void;
  firstPassword(user: string, password: string): void;
  /** Leaves the terminal as it was and prints the summary, if there is one. */
  end(summary: RunSummary | undefined): void;
}

export function createUpOutput(context: CliContext, format: OutputFormat): UpOutput {
  if (format === 'json') return jsonOutput(context);
  return context.stdout.isTTY === true ? screenOutput(context) : lineOutput(context);
}

function jsonOutput(context: CliContext): UpOutput {
  return {
    attach: () => undefined,
    event: (event) => writeLine(context.stdout, JSON.stringify(eventRow(event))),
    firstPassword: (user, password) => {
      writeLine(context.stderr, describePassword(user, password));
    },
    end: (summary) => {
      if (summary !== undefined) writeLine(context.stdout, JSON.stringify(summary));
    },
  };
}

function lineOutput(context: CliContext): UpOutput {
  let fleet: LocalFleet | undefined;
  return {
    attach: (running) => {
      fleet = running;
    },
    event: (event) => {
      writeLine(context.stdout, describeEvent(event));
      if (event.kind !== 'FleetReady' || fleet === undefined) return;
      for (const { name, url } of fleet.sites) {
        writeLine(context.stdout, `          ${name.padEnd(6)} ${url}`);
      }
    },
    firstPassword: (user, password) => {
      writeLine(context.stdout, describePassword(user, password));
    },
    end: (summary) => printSummary(context, summary),
  };
}

/** Lines while it starts, the screen while it runs, lines again while it stops. */
function screenOutput(context: CliContext): UpOutput {
  const lines = lineOutput(context);
  let screen: LiveScreen | undefined;
  let fleet: LocalFleet | undefined;
  return {
    attach: (running) => {
      fleet = running;
      lines.attach(running);
    },
    event: (event) => {
      if (screen === undefined) lines.event(event);
      else screen.event(event);
      if (event.kind === 'FleetReady' && fleet !== undefined) {
        screen = new LiveScreen(context, fleet);
        screen.start();
      }
    },
    firstPassword: (user, password) => lines.firstPassword(user, password),
    end: (summary) => {
      screen?.stop();
      screen = undefined;
      printSummary(context, summary);
      writeLine(context.stdout, 'the fleet is down');
    },
  };
}

function describeEvent(event: LocalEvent): string {
  const reason = event.reason === undefined ? '' : ` (${event.reason})`;
  return `${formatClock(event.atMs)}  ${event.message}${reason}`;
}

function describePassword(user: string, password: string): string {
  return `admin site: sign in as ${user} with the password ${password}  (shown only now)`;
}

function printSummary(context: CliContext, summary: RunSummary | undefined): void {
  if (summary === undefined) return;
  const { positions, venue, engine } = summary;
  writeLine(context.stdout, '');
  writeLine(
    context.stdout,
    `positions  ${positions.opened} opened, ${positions.closed} closed (${positions.closedInProfit} in profit), ${positions.rungsFilled} rungs filled, ${positions.reaveraged} re-averaged`,
  );
  if (venue !== null) {
    const requests = Object.entries(venue.requestsByAddress).map(
      ([box, count]) => `${box} ${count}`,
    );
    writeLine(
      context.stdout,
      `exchange   ${venue.ordersAccepted} orders, ${venue.status429} × 429, ${venue.status418} × 418; requests: ${requests.join(', ')}`,
    );
  }
  writeLine(
    context.stdout,
    `engine     ${engine.stepsCompleted} steps, hop p50 ${engine.hopMsP50 ?? '-'} ms, p99 ${engine.hopMsP99 ?? '-'} ms`,
  );
}
