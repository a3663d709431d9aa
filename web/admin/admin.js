/**
 * The fleet's page: takes snapshots from /api/stream and draws them.
 *
 * All text goes in as text, never as markup. Ages and reasons come from the server, so this file keeps no clock.
 */

const SVG = 'http://www.w3.org/2000/svg';
const EVENTS_MAX = 40;

const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
  return node;
}

const percent = (share) => `${(share * 100).toFixed(2)}%`;

/** Digits in groups of three, as many decimals as the venue said. */
function number(text) {
  if (text === null || text === undefined) return '–';
  const [whole, decimals] = String(text).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

function age(ms) {
  if (ms === null) return 'never';
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** UTC, as everywhere in the fleet. */
function timeOfDay(atMs) {
  const seconds = Math.floor(atMs / 1000) % 86_400;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

function pair(label, value, className) {
  return element('div', { class: className }, element('dt', {}, label), element('dd', {}, value));
}

function drawSummary(snapshot) {
  const ready = snapshot.boxes.filter((box) => box.state === 'ready').length;
  const bare = snapshot.positions.filter((position) => isBare(position)).length;
  const slots = snapshot.lanes.reduce((sum, lane) => sum + lane.slots, 0);
  const busy = snapshot.lanes.reduce((sum, lane) => sum + lane.busy, 0);
  const gain = snapshot.positions.reduce((sum, each) => sum + Number(each.unrealizedUsdt ?? 0), 0);
  byId('summary').replaceChildren(
    element(
      'dl',
      { class: 'summary' },
      pair(
        'Boxes ready',
        `${ready} of ${snapshot.boxes.length}`,
        ready < snapshot.boxes.length ? 'bad' : '',
      ),
      pair('Open positions', String(snapshot.positions.length)),
      pair('Without a stop', String(bare), bare > 0 ? 'bad' : ''),
      pair('Unrealized, USDT', number(gain.toFixed(2))),
      pair('Slots busy', `${busy} of ${slots}`),
    ),
  );
}

/** Something is held and no stop stands at the venue. */
function isBare(position) {
  const holds = position.quantity !== null && Number(position.quantity) > 0;
  return holds && !position.hasStop && position.status !== 'closing';
}

function drawPositions(positions) {
  byId('positions').replaceChildren(
    ...(positions.length === 0
      ? [
          element(
            'p',
            { class: 'empty' },
            'No position is open. Why, stands under “Pauses and refusals”.',
          ),
        ]
      : positions.map((position) => drawPosition(position))),
  );
}

function drawPosition(position) {
  const gain = position.unrealizedUsdt;
  const gainClass = gain === null ? '' : Number(gain) < 0 ? 'bad' : 'good';
  const facts = [
    position.status,
    position.leverage === null ? undefined : `${position.leverage}×`,
    `${position.rungsFilled}/${position.rungs} rungs`,
    `open ${age(position.ageMs)}`,
    position.account,
  ];
  return element(
    'article',
    { class: 'position', 'data-symbol': position.symbol },
    element(
      'div',
      { class: 'top' },
      element('h3', {}, `${position.symbol} ${position.direction}`),
      element('span', { class: 'soft' }, facts.filter(Boolean).join(' · ')),
      gain === null
        ? undefined
        : element('span', { class: `gain ${gainClass}` }, `${number(gain)} USDT`),
    ),
    drawCorridor(position),
    element(
      'dl',
      { class: 'prices' },
      pair('stop', number(position.stopPrice)),
      pair('next rung', number(position.nextRungPrice)),
      pair('mark', number(position.markPrice)),
      pair('profit', number(position.profitPrice)),
    ),
    isBare(position)
      ? element('p', { class: 'note bad' }, 'No stop stands at the venue.')
      : undefined,
    position.reason === null
      ? undefined
      : element(
          'p',
          { class: 'note' },
          element('strong', {}, position.reason.word),
          ` ${position.reason.sentence}`,
        ),
  );
}

function drawCorridor(position) {
  const { corridor } = position;
  if (corridor === null) return element('p', { class: 'soft' }, 'No prices yet.');
  const words = [
    ...corridor.knots.map((knot) => `${knot.label} ${knot.price}`),
    corridor.mark ? `mark ${corridor.mark.price}` : 'mark unknown',
  ];
  const held = corridor.knots.find((knot) => knot.kind === 'entry' || knot.kind === 'average');
  return shape(
    'svg',
    { class: 'corridor', role: 'img', 'aria-label': `Price corridor: ${words.join(', ')}` },
    shape('line', { class: 'track', x1: '0%', x2: '100%', y1: 22, y2: 22 }),
    held && corridor.mark
      ? shape('line', {
          class: 'way',
          x1: percent(held.at),
          x2: percent(corridor.mark.at),
          y1: 22,
          y2: 22,
        })
      : undefined,
    corridor.knots.map((knot) => {
      const reach = knot.kind === 'stop' || knot.kind === 'profit' ? 16 : 10;
      return shape(
        'line',
        {
          class: `knot ${knot.kind}${knot.isFilled && knot.kind === 'rung' ? ' filled' : ''}`,
          x1: percent(knot.at),
          x2: percent(knot.at),
          y1: 22 - reach,
          y2: 22 + reach,
        },
        shape('title', {}, `${knot.label} ${knot.price}`),
      );
    }),
    corridor.mark
      ? shape(
          'circle',
          { class: 'mark', cx: percent(corridor.mark.at), cy: 22, r: 7 },
          shape('title', {}, `mark ${corridor.mark.price}`),
        )
      : undefined,
  );
}

function drawBoxes(boxes) {
  byId('boxes').replaceChildren(...boxes.map((box) => drawBox(box)));
}

function drawBox(box) {
  const rows = [
    ['address', box.egressAddress ?? 'private only'],
    ['leaves from', box.bindAddress],
    ['private', box.privateIP],
    [
      'heartbeat',
      box.role === 'core'
        ? 'answers'
        : box.beatAgeMs === null
          ? 'none'
          : `${age(box.beatAgeMs)} ago`,
    ],
    ['version', box.version],
    [
      'weight',
      box.budget === null
        ? null
        : `${number(box.budget.used)} of ${number(box.budget.max)} this minute`,
    ],
  ];
  return element(
    'article',
    { class: 'box', 'data-box': box.name },
    element(
      'h3',
      { 'data-state': box.state },
      element('span', { class: 'dot', 'aria-hidden': 'true' }),
      box.name,
      element('span', { class: 'state' }, `${box.role} · ${box.state}`),
    ),
    element(
      'dl',
      {},
      rows
        .filter(([, value]) => value !== null)
        .map(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]),
    ),
    box.budget === null ? undefined : drawMeter(box.budget),
    box.budget?.blockedUntilMs
      ? element('p', { class: 'note bad' }, 'The venue refuses this address now.')
      : undefined,
    box.reason === null
      ? undefined
      : element(
          'p',
          { class: 'note' },
          element('strong', {}, box.reason.word),
          ` ${box.reason.sentence}`,
        ),
  );
}

function drawMeter({ used, max }) {
  const share = max > 0 ? Math.min(1, used / max) : 0;
  const level = share >= 0.95 ? ' full' : share >= 0.75 ? ' high' : '';
  return shape(
    'svg',
    {
      class: 'meter',
      role: 'img',
      'aria-label': `${Math.round(share * 100)} % of the request weight used`,
    },
    shape('rect', { class: 'ground', width: '100%', height: 8, rx: 4 }),
    shape('rect', { class: `used${level}`, width: percent(share), height: 8, rx: 4 }),
  );
}

function drawLanes(lanes, boxes) {
  const names = boxes
    .map((box) => box.name)
    .filter((name) => lanes.some((lane) => lane.boxes.some((each) => each.box === name)));
  const head = ['lane', 'busy', ...names].map((name) => element('th', { scope: 'col' }, name));
  const rows = lanes.map((lane) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, lane.lane),
      element('td', { class: 'total' }, `${lane.busy}/${lane.slots}`),
      names.map((name) => drawLaneCell(lane.boxes.find((each) => each.box === name))),
    ),
  );
  byId('lanes').replaceChildren(
    element('table', {}, element('thead', {}, element('tr', {}, head)), element('tbody', {}, rows)),
  );
}

function drawLaneCell(cell) {
  if (cell === undefined) return element('td', { class: 'none' }, '·');
  if (!cell.isServed) return element('td', { class: 'unserved' }, 'away');
  return element('td', { class: cell.busy > 0 ? 'busy' : '' }, `${cell.busy}/${cell.slots}`);
}

const WHO = {
  account: (who) => `Account ${who}`,
  box: (who) => `Box ${who}`,
  engine: (who) => who,
  fleet: (who) => who,
  hold: (who) => `Held: ${who}`,
  position: (who) => `Position ${who}`,
  schedule: (who) => `Timetable ${who}`,
  symbols: (who) => `${who} ${who === '1' ? 'symbol' : 'symbols'}`,
};

function drawWaits(waits) {
  byId('waits').replaceChildren(
    waits.length === 0
      ? element('p', { class: 'empty' }, 'Nothing is paused and nothing was refused.')
      : element(
          'ul',
          { class: 'waits' },
          waits.map((wait) =>
            element(
              'li',
              {},
              element('strong', {}, wait.reason.word),
              ` ${wait.reason.sentence} `,
              element('span', { class: 'soft' }, (WHO[wait.what] ?? String)(wait.who)),
            ),
          ),
        ),
  );
}

let events = [];

function drawEvents() {
  byId('events').replaceChildren(
    ...(events.length === 0
      ? [element('li', { class: 'empty' }, 'Nothing has happened yet.')]
      : events.map((event) => {
          return element(
            'li',
            {},
            element('time', {}, `${timeOfDay(event.atMs)} UTC`),
            element('strong', {}, event.kind),
            ` ${event.message} `,
            event.box ? element('span', { class: 'soft' }, event.box) : undefined,
          );
        })),
  );
}

function addEvent(event) {
  if (events.some((known) => known.sequence === event.sequence)) return;
  events = [event, ...events].toSorted((a, b) => b.sequence - a.sequence).slice(0, EVENTS_MAX);
  drawEvents();
}

function drawSnapshot(snapshot) {
  byId('fleet-name').textContent = snapshot.fleet;
  const mode = byId('fleet-mode');
  mode.textContent = snapshot.mode;
  mode.dataset.mode = snapshot.mode;
  mode.hidden = false;
  drawSummary(snapshot);
  drawPositions(snapshot.positions);
  drawBoxes(snapshot.boxes);
  drawLanes(snapshot.lanes, snapshot.boxes);
  drawWaits(snapshot.waits);
  ({ events } = snapshot);
  drawEvents();
}

function showLink(state, text) {
  byId('link').dataset.state = state;
  if (byId('link-text').textContent !== text) byId('link-text').textContent = text;
}

const source = new EventSource('/api/stream');
source.addEventListener('snapshot', ({ data }) => {
  showLink('live', 'Live');
  drawSnapshot(JSON.parse(data));
});
source.addEventListener('event', ({ data }) => addEvent(JSON.parse(data)));
source.addEventListener('trouble', ({ data }) => showLink('lost', JSON.parse(data)));
source.addEventListener('error', () => {
  showLink(
    'lost',
    source.readyState === EventSource.CLOSED ? 'Ended; reload to log in' : 'Away; reconnecting',
  );
});
