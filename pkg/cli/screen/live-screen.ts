import { toError } from '#pkg/base';
import type { LocalEvent, LocalFleet } from '#pkg/local';
import type { CliContext } from '../context.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './glyphs.ts';
import type { ScreenEvent } from './model.ts';
import { readScreenModel } from './read-model.ts';
import { renderScreen, type ScreenLook } from './render.ts';

const REDRAW_MS = 500;
const EVENTS_KEPT = 50;
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

const ENTER = '\u001B[?1049h\u001B[?25l';
const LEAVE = '\u001B[?25h\u001B[?1049l';
const HOME = '\u001B[H';
const CLEAR_LINE_END = '\u001B[K';
const CLEAR_SCREEN_END = '\u001B[J';

/** Events that say nothing to a person who sees the screen. */
const QUIET_KINDS: ReadonlySet<string> = new Set(['ProcessReady']);

/**
 * The live screen of a running fleet: drawn in place on the terminal's second screen, twice a second and only
 * where a line changed. `stop` gives the terminal back as it was.
 */
export class LiveScreen {
  readonly #context: CliContext;
  readonly #fleet: LocalFleet;
  readonly #ended = new AbortController();
  #events: readonly ScreenEvent[] = [];
  #waitsFor: string | undefined;
  #drawn: readonly string[] = [];

  constructor(context: CliContext, fleet: LocalFleet) {
    this.#context = context;
    this.#fleet = fleet;
  }

  start(): void {
    this.#context.stdout.write(ENTER);
    this.#context.stdout.on?.('resize', this.#onResize);
    void this.#run();
  }

  event(event: LocalEvent): void {
    if (event.kind === 'DrainWaiting') this.#waitsFor = event.message;
    if (QUIET_KINDS.has(event.kind)) return;
    const { atMs, kind, message, reason } = event;
    this.#events = [...this.#events, { atMs, kind, message, reason }].slice(-EVENTS_KEPT);
  }

  stop(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#context.stdout.off?.('resize', this.#onResize);
    this.#context.stdout.write(LEAVE);
  }

  readonly #onResize = (): void => {
    this.#drawn = [];
  };

  async #run(): Promise<void> {
    const { clock } = this.#context;
    while (!this.#ended.signal.aborted) {
      await this.#redraw();
      await clock.sleep(REDRAW_MS, this.#ended.signal);
    }
  }

  async #redraw(): Promise<void> {
    try {
      const model = await readScreenModel(this.#fleet, {
        nowMs: this.#context.clock.nowMs(),
        events: this.#events,
        waitsFor: this.#waitsFor,
      });
      if (!this.#ended.signal.aborted) this.#draw(renderScreen(model, this.#look()));
    } catch (error) {
      // The database may be the box that was killed: the last picture stays, with this under it.
      const message = `the picture stands still: ${toError(error).message}`;
      const atMs = this.#context.clock.nowMs();
      if (this.#events.at(-1)?.message !== message) {
        this.#events = [
          ...this.#events,
          { atMs, kind: 'ScreenFailed', message, reason: undefined },
        ];
      }
    }
  }

  #look(): ScreenLook {
    const { stdout, environment } = this.#context;
    const locale =
      environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || 'C.UTF-8';
    return {
      columns: stdout.columns ?? COLUMNS_DEFAULT,
      rows: stdout.rows ?? ROWS_DEFAULT,
      hasColour: (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
      glyphs: /utf-?8/i.test(locale) ? UNICODE_GLYPHS : ASCII_GLYPHS,
    };
  }

  /** Writes only the lines that differ from what stands there. */
  #draw(lines: readonly string[]): void {
    const changes = lines.flatMap((line, index) =>
      this.#drawn[index] === line ? [] : [`\u001B[${index + 1};1H${line}${CLEAR_LINE_END}`],
    );
    const isAnew = this.#drawn.length !== lines.length;
    if (changes.length === 0) return;
    this.#context.stdout.write((isAnew ? HOME + CLEAR_SCREEN_END : '') + changes.join(''));
    this.#drawn = lines;
  }
}
