import { describe, expect, it } from 'vitest';

import { readDocs, renderDocs } from './docs-tree.ts';

const FILES = ['index.md', 'reference/kraitefleet.md', 'internals/glossary.md'];

describe('renderDocs', () => {
  it('leads links to other files to their pages and keeps their fragment', () => {
    const page = renderDocs('index.md', '[object](reference/kraitefleet.md#spec-core)', FILES);
    expect(page.html).toContain('<a href="/reference/kraitefleet#spec-core">object</a>');
    const inner = renderDocs('internals/glossary.md', '[start](../index.md)', FILES);
    expect(inner.html).toContain('<a href="/">start</a>');
  });

  it('shows links that lead out of the docs, or run code, as plain text', () => {
    const page = renderDocs('index.md', '[readme](../README.md) [x](javascript:alert)', FILES);
    expect(page.html).toBe('<p>readme x</p>\n');
  });

  it('gives each heading an address of its own', () => {
    const page = renderDocs('a.md', '# T\n## Same\n## Same\n', FILES);
    expect(page.headings.map(({ id }) => id)).toEqual(['same', 'same-2']);
    expect(page.title).toBe('T');
  });
});

describe('the project’s own docs', () => {
  it('have no link that leads nowhere', () => {
    const pages = readDocs();
    const broken = [...pages.values()].flatMap((page) =>
      [...page.html.matchAll(/href="(\/[^"#]*)(?:#([^"]*))?"/g)]
        .filter(([, path = '', fragment]) => {
          const target = pages.get(path);
          return (
            target === undefined ||
            !(fragment === undefined || target.html.includes(`id="${fragment}"`))
          );
        })
        .map(([link]) => `${page.path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
