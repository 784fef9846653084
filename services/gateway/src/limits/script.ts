/**
 * The Redis script that decides about requests of one key, and how to read its answer.
 *
 * What Redis holds of a key is one string: its hourly window and its window for bursts, each as six numbers
 * (width of a sub-window in ms; number of the newest sub-window, and of the first that holds something; sum of
 * all counters; sub-window of the last notice that the limit is near; counter of the newest sub-window) and a
 * ring of counters of the others. Of a user it is one hourly window. See `domain/sliding-window.ts` for the arithmetic.
 */
import { createHash } from 'node:crypto';

/**
 * The clock of the script. Redis's own, so that gateways need not agree on the time; each window keeps it from
 * running backwards, as it may after a failover.
 */
const REDIS_CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Nearly always no window has moved on since the last call: then only numbers at the beginning of a string change,
 * and the rings behind them are copied in one piece. Strings are what costs time here.
 */
const DECISION = `
local HEAD, HEAD_BYTES = '>I6I6I6I6I6I4', 34
local HOUR_SLOTS, HOUR_WIDTH, BURST_SLOTS = 61, 60000, 11
local HOUR_RING_BYTES, BURST_RING_BYTES = 4 * HOUR_SLOTS, 4 * BURST_SLOTS

local function clear(window, index)
  window.newest, window.oldest, window.sum, window.current = index, index, 0, 0
  window.ring = string.rep('\\0', 4 * window.slots)
end

local function format(window)
  return '>' .. string.rep('I4', window.slots)
end

-- All counters, the one that is filling up among them; that of sub-window i is number i % slots + 1.
local function counts_of(window)
  local counts = { struct.unpack(format(window), window.ring or window.text, window.ring and 1 or window.ring_at) }
  counts[window.newest % window.slots + 1] = window.current
  return counts
end

local function move(window)
  local slots, index = window.slots, math.floor(now / window.width)
  local steps = index - window.newest
  if steps == 0 then return end
  if window.sum == 0 or steps < -slots or steps >= slots then return clear(window, index) end
  if steps < 0 then return end
  local counts = counts_of(window)
  for at = window.newest + 1, index do
    local slot = at % slots + 1
    window.sum = window.sum - counts[slot]
    counts[slot] = 0
  end
  local oldest = math.max(window.oldest, index - slots + 1)
  while oldest < index and counts[oldest % slots + 1] == 0 do oldest = oldest + 1 end
  window.newest, window.oldest, window.current = index, oldest, 0
  window.ring = struct.pack(format(window), unpack(counts, 1, slots))
end

local function add(window, count)
  if window.sum == 0 then window.oldest = window.newest end
  window.current = window.current + count
  window.sum = window.sum + count
end

local function open(text, head_at, ring_at, slots, width)
  local window = { slots = slots, width = width, near = 0 }
  if not text then
    clear(window, math.floor(now / width))
    return window
  end
  local held_width
  held_width, window.newest, window.oldest, window.sum, window.near, window.current =
    struct.unpack(HEAD, text, head_at)
  window.width, window.text, window.ring_at = held_width, text, ring_at
  move(window)
  if held_width ~= width then
    -- The window's length was changed: what the former one holds counts on as if it had come now.
    local held = window.sum
    window.width = width
    clear(window, math.floor(now / width))
    add(window, held)
  end
  return window
end

local function read(key, bytes)
  local text = redis.call('GET', key)
  return text and #text == bytes and text
end

local function head(window)
  return struct.pack(HEAD, window.width, window.newest, window.oldest, window.sum, window.near, window.current)
end

local function ring(window)
  return window.ring or string.sub(window.text, window.ring_at, window.ring_at + 4 * window.slots - 1)
end

local function reset(window, limit)
  local excess = window.sum + 1 - limit
  local at = window.oldest
  if excess > 1 then
    local counts = counts_of(window)
    while at < window.newest do
      excess = excess - counts[at % window.slots + 1]
      if excess <= 0 then break end
      at = at + 1
    end
  end
  return (at + window.slots) * window.width
end

-- Four fifths are used, and that was not said within the last hour.
local function comes_near(window, limit)
  if window.sum * 5 < limit * 4 or window.newest - window.near < HOUR_SLOTS then return false end
  window.near = window.newest
  return true
end

local count, hour_limit, burst_limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local burst_width, user_limit = tonumber(ARGV[4]), tonumber(ARGV[5])
local owed, burst_owed = tonumber(ARGV[6]), tonumber(ARGV[7])

-- Of a key: both heads, then both rings. Of a user: head and ring.
local text = read(KEYS[1], 2 * HEAD_BYTES + HOUR_RING_BYTES + BURST_RING_BYTES)
local hour = open(text, 1, 2 * HEAD_BYTES + 1, HOUR_SLOTS, HOUR_WIDTH)
local burst = open(text, HEAD_BYTES + 1, 2 * HEAD_BYTES + HOUR_RING_BYTES + 1, BURST_SLOTS, burst_width)
local user = KEYS[2]
  and open(read(KEYS[2], HEAD_BYTES + HOUR_RING_BYTES), 1, HEAD_BYTES + 1, HOUR_SLOTS, HOUR_WIDTH)

local admitted = math.min(count, hour_limit - hour.sum - owed, burst_limit - burst.sum - burst_owed)
if user then admitted = math.min(admitted, user_limit - user.sum - owed) end
admitted = math.max(admitted, 0)

local near = 0
if admitted + owed + burst_owed > 0 then
  add(hour, owed + admitted)
  add(burst, burst_owed + admitted)
  if comes_near(hour, hour_limit) then near = 1 end
  local lifetime = math.max(HOUR_SLOTS * HOUR_WIDTH, BURST_SLOTS * burst_width)
  local rings = (hour.ring or burst.ring) and ring(hour) .. ring(burst) or string.sub(text, 2 * HEAD_BYTES + 1)
  redis.call('SET', KEYS[1], head(hour) .. head(burst) .. rings, 'PX', lifetime)
  if user then
    add(user, owed + admitted)
    if comes_near(user, user_limit) then near = near + 2 end
    redis.call('SET', KEYS[2], head(user) .. ring(user), 'PX', HOUR_SLOTS * HOUR_WIDTH)
  end
end

-- As one text: each number by itself costs the gateway more to read.
return string.format('%d %.0f %d %d %.0f %.0f %.0f %.0f %.0f %.0f',
  admitted, now, text and 1 or 0, near,
  hour.sum, reset(hour, hour_limit), burst.sum, reset(burst, burst_limit),
  user and user.sum or 0, user and reset(user, user_limit) or 0)
`;

export interface Script {
  text: string;
  /** SHA-1 in hex, by which Redis knows it. */
  sha: string;
}

/** The script of the service. */
export const decisionScript: Script = scriptOf(REDIS_CLOCK + DECISION);

/** For tests: the last argument is the time, in ms since the epoch. */
export const decisionScriptAt: Script = scriptOf(`local now = tonumber(ARGV[8])${DECISION}`);

export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** A record that is there no longer without a charge; longer for long windows of bursts. */
export const RECORD_LIFETIME_MS = 61 * 60_000;

/** What the script answers, by position. */
export type Reply = readonly [
  /** Of the requests asked about, the first so many are admitted, and charged. */
  admitted: number,
  /** Redis's clock, ms since the epoch. */
  nowMs: number,
  /** 1 if Redis held something of the key. */
  existed: number,
  /** 1: the key's hourly limit has come near, 2: the user's, 3: both. */
  near: number,
  hourUsed: number,
  hourResetAtMs: number,
  burstUsed: number,
  burstResetAtMs: number,
  /** 0 where the user has no limit. */
  userUsed: number,
  userResetAtMs: number,
];

/** @param text what the script returned */
export function readReply(text: unknown): Reply {
  return String(text).split(' ').map(Number) as unknown as Reply;
}

/** Redis keys of a key, and of its owner's limit: with the owner as hash tag, so that a script gets at both. */
export function recordNames(userId: string, keyId: string): { key: string; user: string } {
  return { key: `hokusai:limit:{${userId}}:key:${keyId}`, user: `hokusai:limit:{${userId}}:user` };
}
