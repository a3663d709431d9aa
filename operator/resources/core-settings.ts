/** Settings files of the two servers, beside what their images say. A change of them acts when the server starts next. */

/** Where the images of MySQL and Redis keep data; each is the root of a claim. */
export const DATA_FOLDERS = { mysql: '/var/lib/mysql', redis: '/data' } as const;

/** Bytes of the servers' containers; the sizes in the files below leave room inside the limits. */
export const CORE_SIZES = {
  mysql: { cpu: '500m', memory: '3Gi', memoryMax: '4Gi' },
  redis: { cpu: '200m', memory: '512Mi', memoryMax: '2Gi' },
} as const;

/** What `/etc/mysql/conf.d/kraite.cnf` says. */
export const MYSQL_SETTINGS = `[mysqld]
# A folder below the mount, for the server begins in an empty folder only and file systems have a lost+found.
datadir = ${DATA_FOLDERS.mysql}/data

# Durable: a committed step survives the loss of power.
innodb_flush_log_at_trx_commit = 1
sync_binlog = 1
innodb_flush_method = O_DIRECT

# The log is what replicas and restores to a moment are made of.
server_id = 1
gtid_mode = ON
enforce_gtid_consistency = ON
binlog_expire_logs_seconds = 259200

# As the processes ask for on each connection; here for whoever comes by hand.
character_set_server = utf8mb4
collation_server = utf8mb4_bin
default_time_zone = '+00:00'
transaction_isolation = READ-COMMITTED

innodb_buffer_pool_size = 2G
innodb_redo_log_capacity = 1G
# 128 boxes of four lanes, twelve connections each, and some for people.
max_connections = 6400

# Names are never looked up, so a slow resolver delays nobody and no host is counted out.
skip_name_resolve = ON
host_cache_size = 0
mysqlx = OFF
local_infile = OFF
secure_file_priv = NULL
`;

/**
 * What `redis.conf` says; the password follows on standard input, so it stands in no file and no argument.
 *
 * Losing the last second loses nothing that matters: every lane is filled again from the rows.
 */
export const REDIS_SETTINGS = `dir ${DATA_FOLDERS.redis}
bind * -::*
port 6379
protected-mode yes
databases 16

appendonly yes
appendfsync everysec
save ""

# A full server refuses; it never forgets a job.
maxmemory 1gb
maxmemory-policy noeviction

maxclients 10000
tcp-keepalive 60
timeout 0
`;
