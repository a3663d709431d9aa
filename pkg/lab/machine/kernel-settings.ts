import { readFile, writeFile } from 'node:fs/promises';

/** Settings that all boxes share with this machine, with what stood there before. */
export type ChangedSettings = Readonly<Record<string, string>>;

function fileOf(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

/** Sets what the boxes' `90-kraite.conf` asks for; returns what it changed, so that it can be put back. */
export async function changeSettings(
  wanted: ReadonlyMap<string, string>,
): Promise<ChangedSettings> {
  const changed: Record<string, string> = {};
  for (const [key, value] of wanted) {
    const before = (await readFile(fileOf(key), 'utf8')).trim();
    // More watches than asked for are as good.
    const isEnough = key.startsWith('fs.') ? Number(before) >= Number(value) : before === value;
    if (isEnough) continue;
    await writeFile(fileOf(key), value);
    changed[key] = before;
  }
  return changed;
}

export async function restoreSettings(changed: ChangedSettings): Promise<void> {
  for (const [key, value] of Object.entries(changed)) await writeFile(fileOf(key), value);
}
