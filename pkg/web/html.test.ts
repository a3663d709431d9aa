import { expect, it } from 'vitest';

import { html } from './html.ts';

it('escapes what is inserted as text', () => {
  expect(html`<a title="${'"><script>'}">${"<b>&'"}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</a>',
  );
});

it('inserts markup and lists of markup as they are', () => {
  const items = ['a', '<'].map((text) => html`<i>${text}</i>`);
  expect(html`<b>${items}${html`!`}</b>`.text).toBe('<b><i>a</i><i>&lt;</i>!</b>');
});
