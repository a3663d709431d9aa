import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBaseImages, readCodename } from './base-images.ts';
import { openBuildah, type BuildPlace } from './buildah.ts';

/** Stand-ins of the official images of database and Redis, from Debian's packages: no registry is asked. */
export const SERVER_IMAGES = { mysql: 'kraite.lab/mysql:9', redis: 'kraite.lab/redis:7' } as const;

export type ServerImage = keyof typeof SERVER_IMAGES;

/** Writes the image to `archive`, as `docker save` would. */
export async function buildServerImage(
  server: ServerImage,
  archive: string,
  place: BuildPlace,
): Promise<void> {
  const buildah = await openBuildah(place);
  const { base } = await ensureBaseImages(buildah, place);
  const name = SERVER_IMAGES[server];
  const folder = await mkdtemp(join(tmpdir(), 'kraite-server-image-'));
  try {
    const file = join(folder, 'Dockerfile');
    await writeFile(
      file,
      server === 'mysql' ? mysqlFile(base, await readCodename()) : redisFile(base),
    );
    await writeFile(join(folder, 'entrypoint.sh'), MYSQL_ENTRYPOINT, { mode: 0o755 });
    const options = ['--layers', '--pull-never', ...buildah.isolation, '--file', file];
    await buildah.call('bud', ...options, '--tag', name, folder);
    await buildah.call('push', '--quiet', name, `docker-archive:${archive}:${name}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function redisFile(base: string): string {
  return `FROM ${base}
RUN apt-get update && apt-get install --yes --no-install-recommends redis-server \\
  && rm -rf /var/lib/apt/lists/* /var/cache/apt
USER 999:999
`;
}

/** Debian has MySQL in its newest suite only. All boxes share one disk here, so a sync of the database would wait for everybody's. */
function mysqlFile(base: string, codename: string): string {
  return `FROM ${base}
RUN groupadd --gid 999 mysql && useradd --uid 999 --gid 999 --no-create-home mysql \\
  && sed -i 's/${codename}/sid/' /etc/apt/sources.list && apt-get -o Acquire::Check-Valid-Until=false update \\
  && apt-get install --yes --no-install-recommends mysql-server-core mysql-client-core libeatmydata1 \\
  && mkdir -p /etc/mysql && printf '!includedir /etc/mysql/conf.d/\\n' > /etc/mysql/my.cnf \\
  && rm -rf /var/lib/apt/lists/* /var/cache/apt
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
USER 999:999
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
`;
}

/** Makes what the official image makes of an empty folder: database, user and passwords, named by the same variables. */
const MYSQL_ENTRYPOINT = `#!/bin/sh
set -e
export LD_PRELOAD=$(find /usr/lib -name libeatmydata.so -print -quit)
data=$(mysqld --verbose --help 2>/dev/null | awk '$1 == "datadir" { print $2 }')
if [ ! -e "\${data}mysql" ]; then
  rm -rf "$data"
  umask 077
  cat > /tmp/first.sql <<END
CREATE DATABASE \\\`$MYSQL_DATABASE\\\`;
CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';
GRANT ALL ON \\\`$MYSQL_DATABASE\\\`.* TO '$MYSQL_USER'@'%';
ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
END
  mysqld --initialize-insecure --init-file=/tmp/first.sql
  rm /tmp/first.sql
fi
exec "$@"
`;
