/**
 * The arithmetic of `window-count.ts` in Lua, so that one round trip decides over several keys at once.
 *
 * KEYS[1] is the hash of published limits; each further key is the hash of one budget key, with fields
 * `blocked`, `born` and, for each window, `<ms>:start|seen|loose|loose_at|out|carried|before|tail`. All times are the
 * provider's, in ms, but two: `born`, the Redis time at which the hash was made, which tells one life of a count from the
 * next, and `loose_at`. Tickets are Redis' time in µs: one script runs after the other.
 */
const COMMON = `
local function limits_of(name, fallback)
  local text = redis.call('HGET', KEYS[1], name)
  return cjson.decode(text or fallback)
end
local function number_at(key, field)
  return tonumber(redis.call('HGET', key, field) or '0')
end
local fields = { 'start', 'seen', 'loose', 'loose_at', 'out', 'carried', 'before', 'tail' }
local function names_of(window)
  local names = {}
  for i, field in ipairs(fields) do names[i] = window .. ':' .. field end
  return names
end
local function counted(c) return c.seen + c.loose + c.out + c.carried end
local function roll(key, window, now)
  local start = math.floor(now / window) * window
  local stored = redis.call('HMGET', key, unpack(names_of(window)))
  local c = {}
  for i, field in ipairs(fields) do c[field] = tonumber(stored[i] or '0') end
  if stored[1] and start <= c.start then return c end
  local fresh = { start = start, seen = 0, loose = 0, loose_at = 0, out = 0, carried = 0, before = 0, tail = 0 }
  if stored[1] and start == c.start + window then
    fresh.carried, fresh.before, fresh.loose, fresh.loose_at = c.out, counted(c), c.tail, 0
  end
  return fresh
end
local function store(key, window, c)
  local pairs_of = {}
  for i, name in ipairs(names_of(window)) do
    pairs_of[i * 2 - 1], pairs_of[i * 2] = name, string.format('%.3f', c[fields[i]])
  end
  redis.call('HSET', key, unpack(pairs_of))
end
local function ticket()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local function keep(key, now)
  local left = number_at(key, 'blocked') - now
  redis.call('PEXPIRE', key, string.format('%.0f', math.max(600000, left + 60000)))
end
`;

/** Arguments before those of the first key, and arguments of each key. */
const HEAD = 3;
const EACH = 5;

/**
 * ARGV: now (or '' where the provider's time is not known yet), share of a window that is allowed, clock guard ms, then
 * for each key: scope name, fallback limits (JSON), weight, the birth that the caller knows, what it counted in that
 * life (JSON: [window, start, counted], …).
 *
 * Returns {'granted', 0, ticket, views…} or {'blocked'|'spent', index of the key, until ms, views…}; the view of a key is
 * {birth, window, start, counted, window, start, counted, …}.
 */
export const RESERVE_SCRIPT = `${COMMON}
local share, guard = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local redis_now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local untimed = ARGV[1] == ''
local function arg(i, n) return ARGV[${HEAD} + (i - 2) * ${EACH} + n] end
local function now_for(key, window)
  if not untimed then return tonumber(ARGV[1]) end
  return tonumber(redis.call('HGET', key, window .. ':start') or redis_now)
end
local function recall(c, window, known)
  for _, view in ipairs(known) do
    if view[1] == window and view[2] == c.start then
      c.seen = c.seen + math.max(0, view[3] - counted(c))
    elseif view[1] == window and view[2] == c.start - window then
      c.before = math.max(c.before, view[3])
    end
  end
end
local views, rolled = {}, {}
for i = 2, #KEYS do
  local birth = redis.call('HGET', KEYS[i], 'born')
  if not birth then
    birth = time[1] .. '.' .. time[2]
    redis.call('HSET', KEYS[i], 'born', birth)
    keep(KEYS[i], redis_now)
  end
  local known = {}
  if arg(i, 4) ~= birth and arg(i, 5) ~= '' then known = cjson.decode(arg(i, 5)) end
  local view = { birth }
  rolled[i] = {}
  for _, limit in ipairs(limits_of(arg(i, 1), arg(i, 2))) do
    local window = limit[1]
    local c = roll(KEYS[i], window, now_for(KEYS[i], window))
    if #known > 0 then
      recall(c, window, known)
      store(KEYS[i], window, c)
    end
    rolled[i][#rolled[i] + 1] = { window, c, limit[2] }
  end
  views[i - 1] = view
end
local function answer(word, index, until_ms)
  local reply = { word, index, string.format('%.0f', until_ms) }
  for i = 2, #KEYS do
    local view = views[i - 1]
    for _, entry in ipairs(rolled[i]) do
      view[#view + 1] = tostring(entry[1])
      view[#view + 1] = string.format('%.0f', entry[2].start)
      view[#view + 1] = tostring(counted(entry[2]))
    end
    reply[#reply + 1] = view
  end
  return reply
end
for i = 2, #KEYS do
  local blocked = number_at(KEYS[i], 'blocked')
  if blocked > now_for(KEYS[i], rolled[i][1] and rolled[i][1][1] or 0) then
    return answer('blocked', i - 1, blocked)
  end
end
for i = 2, #KEYS do
  local weight = tonumber(arg(i, 3))
  local until_ms = 0
  for _, entry in ipairs(rolled[i]) do
    local window, c, allowed = entry[1], entry[2], entry[3]
    if share < 1 then allowed = math.floor(allowed * share) end
    if weight > 0 then
      if counted(c) + weight > allowed then
        until_ms = math.max(until_ms, c.start + window)
      elseif now_for(KEYS[i], window) < c.start + guard and c.before + counted(c) - c.carried + weight > allowed then
        until_ms = math.max(until_ms, c.start + guard)
      end
    end
  end
  if until_ms > 0 then return answer('spent', i - 1, until_ms) end
end
for i = 2, #KEYS do
  local weight = tonumber(arg(i, 3))
  for _, entry in ipairs(rolled[i]) do
    local c = entry[2]
    if untimed then
      c.loose, c.loose_at = c.loose + weight, ticket()
    else
      c.out = c.out + weight
    end
    store(KEYS[i], entry[1], c)
  end
  keep(KEYS[i], untimed and redis_now or tonumber(ARGV[1]))
end
return answer('granted', 0, ticket())
`;

/** ARGV: scope name, fallback limits, weight, reserved at, answered at, clock guard ms, ticket of the reservation, then pairs of window ms and weight used. */
export const SETTLE_SCRIPT = `${COMMON}
local key = KEYS[2]
local weight, reserved, answered, guard = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local of_reservation, now = tonumber(ARGV[7]), ticket()
local used = {}
for i = 8, #ARGV, 2 do used[tonumber(ARGV[i])] = tonumber(ARGV[i + 1]) end
for _, limit in ipairs(limits_of(ARGV[1], ARGV[2])) do
  local window = limit[1]
  local c = roll(key, window, answered)
  local ours = reserved >= c.start
  local carried = (not ours) and reserved >= c.start - window
  local reading = used[window]
  if ours then c.out = math.max(0, c.out - weight) end
  if ours and answered >= c.start + window - guard then c.tail = c.tail + weight end
  if carried then c.carried = math.max(0, c.carried - weight) end
  if reading and reserved >= c.start + guard and answered < c.start + window then
    c.seen = math.max(c.seen, reading)
    if of_reservation > c.loose_at then c.loose = 0 end
  elseif ours or carried then
    c.loose = c.loose + weight
    c.loose_at = now
  end
  store(key, window, c)
end
keep(key, answered)
return 1
`;

/** ARGV: until ms. The longer block wins. */
export const BLOCK_SCRIPT = `
local blocked = tonumber(redis.call('HGET', KEYS[1], 'blocked') or '0')
if tonumber(ARGV[1]) > blocked then redis.call('HSET', KEYS[1], 'blocked', ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;

/** ARGV: scope name, fallback limits, now. Returns {blocked until, window, max, used, window, max, used, …}. */
export const READ_SCRIPT = `${COMMON}
local now = tonumber(ARGV[3])
local reply = { string.format('%.0f', number_at(KEYS[2], 'blocked')) }
for _, limit in ipairs(limits_of(ARGV[1], ARGV[2])) do
  local c = roll(KEYS[2], limit[1], now)
  reply[#reply + 1] = tostring(limit[1])
  reply[#reply + 1] = tostring(limit[2])
  reply[#reply + 1] = tostring(counted(c))
end
return reply
`;
