/** Markup that is safe to send: made by `html` only, which escapes whatever is put into it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Insertable = Markup | string | number | readonly Markup[];

/** Returns markup in which every inserted text is escaped; markup and lists of markup go in as they are. */
export function html(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  const texts = parts.map((part, index) => part + insert(values[index]));
  return new Markup(texts.join(''));
}

/** Marks `text` as markup; for text that another trusted renderer made. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function insert(value: Insertable | undefined): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map((each) => each.text).join('');
  return escapeText(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
