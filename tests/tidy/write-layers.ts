/** Writes the layer table into ARCHITECTURE.md, between its markers. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '#pkg/base';
import { replaceLayers } from './layers.ts';

const file = join(import.meta.dirname, '../../ARCHITECTURE.md');
const text = replaceLayers(await readFile(file, 'utf8'));
await writeFile(file, required(text, 'ARCHITECTURE.md has the markers of the layer table'));
