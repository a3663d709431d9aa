import type { LiveSession } from '../sessions.ts';
import { html } from '../html.ts';
import { BRAND, renderPage } from './layout.ts';

/** Returns the login page; `mistake` is the sentence shown after a failed try. */
export function renderLogin(options: { readonly mistake?: string } = {}): string {
  const mistake =
    options.mistake === undefined
      ? html``
      : html`<p class="mistake" role="alert">${options.mistake}</p>`;
  return renderPage(
    { title: 'Log in · Kraite', styles: ['admin.css'], bodyClass: 'login-page' },
    html`<main id="main" class="login">
      ${BRAND}
      <h1>Log in to the fleet</h1>
      ${mistake}
      <form method="post" action="/login">
        <label for="name">Name</label>
        <input
          id="name"
          name="name"
          autocomplete="username"
          autocapitalize="none"
          required
          maxlength="64"
          autofocus
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxlength="200"
        />
        <button type="submit">Log in</button>
      </form>
      <p class="hint">
        The first password was printed once, when the fleet was first started;
        <code>kraite web-password</code> issues a new one.
      </p>
    </main>`,
  );
}

/** Returns the frame of the fleet's page; admin.js fills it from the stream. */
export function renderFleet({ user, session }: LiveSession): string {
  return renderPage(
    {
      title: 'Fleet · Kraite',
      styles: ['admin.css'],
      scripts: ['admin.js'],
      bodyClass: 'fleet-page',
    },
    html`<header class="bar">
        ${BRAND}
        <p class="fleet">
          <span id="fleet-name">…</span> <span id="fleet-mode" class="tag" hidden></span>
        </p>
        <p id="link" class="link" role="status" data-state="waiting">
          <span class="dot" aria-hidden="true"></span><span id="link-text">Connecting</span>
        </p>
        <form method="post" action="/logout" class="logout">
          <input type="hidden" name="csrf" value="${session.csrfToken}" />
          <span class="user">${user.name}</span>
          <button type="submit" class="quiet">Log out</button>
        </form>
      </header>
      <main id="main">
        <noscript
          ><p class="mistake">
            This page shows the fleet live and needs JavaScript. Without it, use
            <code>kraite status -w</code>.
          </p></noscript
        >
        <section id="summary" class="summary" aria-label="Summary"></section>
        <section aria-labelledby="h-positions">
          <h2 id="h-positions">Open positions</h2>
          <p class="legend">
            Each bar runs from the stop to the profit; prices stand at equal steps, the mark in
            proportion between them.
          </p>
          <div id="positions" class="positions">
            <p class="empty">Waiting for the first reading.</p>
          </div>
        </section>
        <section aria-labelledby="h-boxes">
          <h2 id="h-boxes">Boxes</h2>
          <div id="boxes" class="boxes"></div>
        </section>
        <section aria-labelledby="h-lanes">
          <h2 id="h-lanes">Lanes</h2>
          <div id="lanes" class="scroll" tabindex="0" role="region" aria-labelledby="h-lanes"></div>
        </section>
        <div class="columns">
          <section aria-labelledby="h-waits">
            <h2 id="h-waits">Pauses and refusals</h2>
            <div id="waits"></div>
          </section>
          <section aria-labelledby="h-events">
            <h2 id="h-events">Newest events</h2>
            <ol id="events" class="events"></ol>
          </section>
        </div>
      </main>`,
  );
}
