import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One archive of the machine's package sources. */
export interface AptEntry {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

const COMPONENTS: readonly string[] = ['main', 'universe'];

/** Returns the archives under `folder` (/etc/apt) that belong to the release itself; third parties are left out. */
export async function aptEntriesOf(folder: string, codename: string): Promise<readonly AptEntry[]> {
  const names = await readdir(join(folder, 'sources.list.d')).catch(() => []);
  const files = [
    join(folder, 'sources.list'),
    ...names.toSorted().map((name) => join(folder, 'sources.list.d', name)),
  ];
  const suites = ['', '-updates', '-security', '/updates'].map((suffix) => `${codename}${suffix}`);
  const entries: AptEntry[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    entries.push(...(file.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text)));
  }
  return entries
    .filter((entry) => suites.includes(entry.suite) && !entry.uri.startsWith('cdrom:'))
    .map((entry) => ({
      ...entry,
      components: entry.components.filter((component) => COMPONENTS.includes(component)),
    }))
    .filter((entry) => entry.components.length > 0);
}

/** Reads the one-line style: `deb [options] uri suite components`. */
export function parseOneLine(text: string): readonly AptEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, options = '', uri = '', suite = '', components = ''] =
      /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line.trim()) ?? [];
    if (uri === '') return [];
    const signedBy = /signed-by=(\S+)/.exec(options)?.[1];
    return [{ uri, suite, components: components.trim().split(/\s+/), signedBy }];
  });
}

/** Reads the deb822 style: stanzas of `Field: value`. */
export function parseDeb822(text: string): readonly AptEntry[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map(
      stanza.split('\n').flatMap((line) => {
        const [, name, value] = /^([A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name.toLowerCase(), (value ?? '').trim()] as const];
      }),
    );
    const words = (name: string): readonly string[] =>
      (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    if (!words('types').includes('deb') || fields.get('enabled') === 'no') return [];
    const signedBy = fields.get('signed-by');
    return words('uris').flatMap((uri) =>
      words('suites').map((suite) => ({
        uri,
        suite,
        components: words('components'),
        // A key written into the file itself cannot be named; the trusted keys then apply.
        signedBy: signedBy?.startsWith('/') === true ? signedBy : undefined,
      })),
    );
  });
}
