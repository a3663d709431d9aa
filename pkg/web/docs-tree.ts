import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

import { Marked, type Tokens } from 'marked';

import { escapeText } from './html.ts';

export interface DocsPage {
  /** Address on the site: `/`, `/reference/kraitefleet`. */
  readonly path: string;
  readonly title: string;
  /** Folder that it stands in; empty at the top. */
  readonly folder: string;
  readonly html: string;
  readonly headings: readonly { readonly id: string; readonly text: string }[];
}

const DOCS_FOLDER = join(import.meta.dirname, '..', '..', 'docs');

/** Reads and renders every Markdown file under the folder of the project's own docs. */
export function readDocs(folder: string = DOCS_FOLDER): ReadonlyMap<string, DocsPage> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.split(sep).join('/'))
    .toSorted();
  const pages = files.map((file) =>
    renderDocs(file, readFileSync(join(folder, file), 'utf8'), files),
  );
  return new Map(pages.map((page) => [page.path, page]));
}

/** Renders one file; `file` and `files` are relative to the folder of the docs. */
export function renderDocs(file: string, source: string, files: readonly string[]): DocsPage {
  const headings: { readonly id: string; readonly text: string }[] = [];
  const seen = new Set<string>();
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ depth, tokens, text }: Tokens.Heading): string {
        const id = slugOf(text, seen);
        if (depth === 2) headings.push({ id, text: text.replaceAll('`', '') });
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        const inner = this.parser.parseInline(tokens);
        const target = resolveLink(file, href, files);
        return target === undefined ? inner : `<a href="${escapeText(target)}">${inner}</a>`;
      },
      table(token: Tokens.Table): string {
        const row = (cells: readonly Tokens.TableCell[], tag: 'td' | 'th'): string =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="scroll" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>`;
      },
    },
  });
  const rendered = marked.parse(source, { async: false });
  const title = /^# (.+)$/m.exec(source)?.[1]?.replaceAll('`', '') ?? file;
  const folder = posix.dirname(file) === '.' ? '' : posix.dirname(file);
  return { path: pathOf(file), title, folder, html: rendered, headings };
}

function pathOf(file: string): string {
  const path = file.replace(/\.md$/, '').replace(/(^|\/)index$/, '');
  return `/${path}`;
}

/** Where a link of the sources leads on the site; undefined when it leads out of the docs into the repository. */
function resolveLink(file: string, href: string, files: readonly string[]): string | undefined {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [path = '', fragment] = href.split('#');
  const target = relative('/', posix.join('/', posix.dirname(file), path));
  if (!files.includes(target)) return undefined;
  return fragment === undefined ? pathOf(target) : `${pathOf(target)}#${fragment}`;
}

function slugOf(text: string, seen: Set<string>): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  let slug = plain;
  for (let count = 2; seen.has(slug); count += 1) slug = `${plain}-${count}`;
  seen.add(slug);
  return slug;
}
