/**
 * redis: connections to Redis; the only importer of ioredis.
 *
 * It is not a cache and not a store: nothing that matters lives only in Redis, and losing it loses no step. A command
 * connection fails fast while Redis is away; a blocking one waits.
 */
export { connectRedis, type RedisConnection, type RedisOptions } from './connection.ts';
