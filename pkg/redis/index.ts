/** redis: connections to Redis; the only importer of ioredis. Not a cache: nothing that matters lives only there. */
export { connectRedis, type RedisConnection, type RedisOptions } from './connection.ts';
