import { html, type Markup } from '../html.ts';
import { BRAND, renderPage } from './layout.ts';

interface Step {
  readonly title: string;
  readonly text: string;
}

const LIFE: readonly Step[] = [
  {
    title: 'Opened small',
    text: 'The whole ladder is checked against the rules of the venue first. Only then a market order of one part in thirty-two is sent.',
  },
  {
    title: 'Protected at once',
    text: 'The stop is placed directly after the fill, before anything else. It stands at the venue, so it holds even when every machine of the fleet is away.',
  },
  {
    title: 'Laddered',
    text: 'Limit orders wait at fixed distances against the position. When one fills, the average moves and the profit order follows it.',
  },
  {
    title: 'Closed, and proved flat',
    text: 'A position counts as closed when the venue says that nothing is left of it, not when an order was sent.',
  },
];

const GUARDS: readonly Step[] = [
  {
    title: 'No order is sent twice',
    text: 'Each order is a committed row with an id of its own before it leaves. A lost reply is an outcome that is looked up at the venue, never a reason to send again.',
  },
  {
    title: 'Nothing is hidden',
    text: 'Each pause and each refusal has one word and one sentence: on the page, in the log and in the metric.',
  },
  {
    title: 'A lost machine loses no work',
    text: 'Any trading box runs any account. When one dies, its steps go on elsewhere, and look at the venue before they act.',
  },
  {
    title: 'Budgets before requests',
    text: 'Each box leaves from an address of its own. The request weight of that address is reserved before a request crosses the wire, so the venue has no reason to shut the door.',
  },
];

const PICTURE = html`<svg
  class="picture"
  viewBox="0 0 720 150"
  role="img"
  aria-label="The price corridor of a position: the stop at one end, four rungs, the entry, and the profit at the other end"
>
  <line class="track" x1="40" y1="70" x2="680" y2="70"></line>
  <rect class="held" x="424" y="64" width="192" height="12" rx="6"></rect>
  <g class="stop">
    <line x1="40" y1="46" x2="40" y2="94"></line>
    <text x="40" y="122">stop</text>
  </g>
  <g class="rung">
    <line x1="168" y1="56" x2="168" y2="84"></line>
    <text x="168" y="122">rung 4</text>
  </g>
  <g class="rung">
    <line x1="264" y1="56" x2="264" y2="84"></line>
    <text x="264" y="122">rung 3</text>
  </g>
  <g class="rung">
    <line x1="344" y1="56" x2="344" y2="84"></line>
    <text x="344" y="122">rung 2</text>
  </g>
  <g class="rung filled">
    <line x1="424" y1="56" x2="424" y2="84"></line>
    <text x="424" y="122">rung 1</text>
  </g>
  <g class="entry">
    <line x1="552" y1="56" x2="552" y2="84"></line>
    <text x="552" y="122">entry</text>
  </g>
  <g class="profit">
    <line x1="680" y1="46" x2="680" y2="94"></line>
    <text x="680" y="122">profit</text>
  </g>
  <g class="mark">
    <circle cx="616" cy="70" r="9"></circle>
    <text x="616" y="36">mark price</text>
  </g>
</svg>`;

/** Returns the front page of the public site. */
export function renderHome({ docsUrl }: { readonly docsUrl: string }): string {
  const card = ({ title, text }: Step) =>
    html`<li>
      <h3>${title}</h3>
      <p>${text}</p>
    </li>`;
  return renderPage(
    {
      title: 'Kraite: a futures trading fleet that protects first',
      description: 'Kraite runs a crypto perpetual-futures trading fleet as one Kubernetes object.',
      styles: ['site.css'],
      bodyClass: 'site-page',
    },
    html`<header class="bar">
        <a class="home" href="/">${BRAND}</a>
        <nav aria-label="Sections">
          <a href="#life">A position</a><a href="#guards">Protection</a
          ><a href="#words">Honest words</a><a href="${docsUrl}">Docs</a>
        </nav>
      </header>
      <main id="main">
        <section class="hero">
          <h1>A trading fleet that protects first and trades second</h1>
          <p class="lead">
            Kraite trades perpetual futures for accounts that you own, from seven boxes that are
            described by one object. It opens small, protects at once, averages by a ladder whose
            worst case is known beforehand, and says why whenever it does nothing.
          </p>
          ${PICTURE}
        </section>
        <section id="life">
          <h2>The life of a position</h2>
          <ol class="cards numbered">
            ${LIFE.map((step) => card(step))}
          </ol>
        </section>
        <section id="guards">
          <h2>How it protects</h2>
          <ul class="cards">
            ${GUARDS.map((guard) => card(guard))}
          </ul>
        </section>
        ${renderWords(docsUrl)}
      </main>
      <footer class="foot">
        <p>Kraite is open source under the Apache License 2.0. It gives no financial advice.</p>
      </footer>`,
  );
}

/** What it cannot promise; the numbers follow from the default settings of an account. */
function renderWords(docsUrl: string): Markup {
  return html`<section id="words" class="words">
    <h2>Honest words</h2>
    <p>
      A ladder wins often and small, and loses seldom and large. When all rungs have filled and the
      stop is hit, a position of the default settings costs about 8.5&nbsp;% of the balance; several
      at once cost several times that. A stop is a market order: in a gap it fills worse than its
      price. Leverage can cost you everything that is in the account.
    </p>
    <p>
      Nobody here promises a return. Past results, simulated or real, say little of the next month.
      Run the fleet against the simulated venue first, then with an amount that you can lose. It
      trades real money only after you armed an account by name.
    </p>
    <p><a class="button" href="${docsUrl}">Read how it works</a></p>
  </section>`;
}
