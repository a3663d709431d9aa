import { stringify } from 'yaml';

/** Some settings of a file that belong together, and why they stand there. */
export interface Section {
  readonly why: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Returns a commented YAML mapping; a section without settings is left out. */
export function renderSections(heading: string, sections: readonly Section[]): string {
  const parts = sections.flatMap(({ why, settings }) =>
    Object.keys(settings).length === 0
      ? []
      : [`${commentOf(why)}\n${stringify(settings, { singleQuote: true, lineWidth: 0 })}`],
  );
  return `${commentOf(heading)}\n\n${parts.join('\n')}`;
}

/** Returns `text` as comment lines. */
export function commentOf(text: string): string {
  return text
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n');
}
