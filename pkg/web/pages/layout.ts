import { html, type Markup } from '../html.ts';

export interface PageOptions {
  readonly title: string;
  /** Names of files under /assets/, after those that all pages share. */
  readonly styles: readonly string[];
  readonly scripts?: readonly string[];
  readonly description?: string;
  readonly bodyClass: string;
}

/** Returns a whole page. */
export function renderPage(options: PageOptions, body: Markup): string {
  const styles = ['base.css', ...options.styles].map(
    (name) => html`<link rel="stylesheet" href="/assets/${name}" />`,
  );
  const scripts = (options.scripts ?? []).map(
    (name) => html`<script type="module" src="/assets/${name}"></script>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content="${options.description ?? options.title}" />
        <title>${options.title}</title>
        <link rel="icon" href="/assets/kraite.svg" type="image/svg+xml" />
        ${styles} ${scripts}
      </head>
      <body class="${options.bodyClass}">
        <a class="skip" href="#main">Skip to the content</a>
        ${body}
      </body>
    </html> `.text;
}

export const BRAND = html`<span class="brand"
  ><img src="/assets/kraite.svg" alt="" width="24" height="24" />Kraite</span
>`;

/** Returns a page with one sentence: what happened and where to go on. */
export function renderNotice(
  options: Pick<PageOptions, 'styles'>,
  notice: { readonly title: string; readonly sentence: string },
): string {
  return renderPage(
    { title: `${notice.title} · Kraite`, styles: options.styles, bodyClass: 'notice-page' },
    html`<main id="main" class="notice">
      ${BRAND}
      <h1>${notice.title}</h1>
      <p>${notice.sentence}</p>
      <p><a href="/">Go to the start</a></p>
    </main>`,
  );
}
