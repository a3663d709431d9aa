import { join } from 'node:path';
import { cacheFolder } from '#pkg/local';
import type { Variables } from './shell.ts';

/** Returns the folder below which each box's containerd keeps its images: cached, so that the next lab has them at once. */
export function imagesFolderOf(environment: Variables): string {
  return join(cacheFolder(environment), 'lab', 'images');
}

/** Returns the folder of image archives. */
export function archivesFolderOf(environment: Variables): string {
  return join(cacheFolder(environment), 'lab', 'archives');
}
