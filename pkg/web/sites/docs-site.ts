import type { FastifyInstance } from 'fastify';

import { readDocs, type DocsPage } from '../docs-tree.ts';
import { html, trusted, type Markup } from '../html.ts';
import { BRAND, renderNotice, renderPage } from '../pages/layout.ts';
import { sitePrefix } from '../site-routing.ts';

const PREFIX = sitePrefix('docs');
const OPEN = { config: { isOpen: true } };
const STYLES = ['syntax.css'];

/** Folders in the order in which a reader needs them; others follow by name. */
const FOLDERS: Readonly<Record<string, string>> = {
  '': 'Start',
  operating: 'Operating',
  reference: 'Reference',
  internals: 'Internals',
  adr: 'Decisions',
};

/** Serves `syntax`: the project's own docs, rendered once at the start. */
export function serveDocs(server: FastifyInstance): void {
  const pages = readDocs();
  for (const page of pages.values()) {
    const text = renderPage(
      { title: `${page.title} · Kraite syntax`, styles: STYLES, bodyClass: 'docs-page' },
      renderDocsBody(page, [...pages.values()]),
    );
    server.get(`${PREFIX}${page.path}`, OPEN, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(text),
    );
  }
  server.get(`${PREFIX}/*`, OPEN, async (_request, reply) =>
    reply
      .code(404)
      .type('text/html; charset=utf-8')
      .send(
        renderNotice(
          { styles: STYLES },
          { title: 'Not found', sentence: 'There is no page at this address.' },
        ),
      ),
  );
}

function renderDocsBody(page: DocsPage, pages: readonly DocsPage[]): Markup {
  const contents =
    page.headings.length < 3
      ? html``
      : html`<nav class="contents" aria-label="On this page">
          <h2>On this page</h2>
          <ul>
            ${page.headings.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
          </ul>
        </nav>`;
  return html`<header class="bar">
      <a class="home" href="/">${BRAND}</a>
      <p>syntax: how it works and how to run it</p>
    </header>
    <div class="docs">
      <details class="menu">
        <summary>All pages</summary>
        ${renderNavigation(page, pages)}
      </details>
      <div class="side">${renderNavigation(page, pages)}</div>
      <main id="main" class="prose">${trusted(page.html)}</main>
      ${contents}
    </div>`;
}

function renderNavigation(current: DocsPage, pages: readonly DocsPage[]): Markup {
  const known = Object.keys(FOLDERS);
  const others = pages.map((page) => page.folder).filter((folder) => !known.includes(folder));
  const groups = [...known, ...new Set(others)].flatMap((folder) => {
    const inside = pages.filter((page) => page.folder === folder);
    return inside.length === 0 ? [] : [{ folder, inside }];
  });
  return html`<nav aria-label="Pages">
    ${groups.map(
      ({ folder, inside }) =>
        html`<h2>${FOLDERS[folder] ?? folder}</h2>
          <ul>
            ${inside.map((page) =>
              page.path === current.path
                ? html`<li><a href="${page.path}" aria-current="page">${page.title}</a></li>`
                : html`<li><a href="${page.path}">${page.title}</a></li>`,
            )}
          </ul>`,
    )}
  </nav>`;
}
