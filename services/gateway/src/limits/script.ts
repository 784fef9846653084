/**
 * The Redis script that decides about requests of one key, and how to read its answer.
 *
 * What Redis holds of a key is one string: its hourly window and its window for bursts, each as five numbers
 * (width of a sub-window in ms; number of the newest sub-window, and of the first that holds something; sum of
 * all counters; sub-window of the last notice that the limit is near) and a ring of counters. Of a user it is
 * one hourly window. See `domain/sliding-window.ts` for the arithmetic.
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

const DECISION = `
local HEAD, HEAD_BYTES = '>I6I6I6I6I6', 30
local HOUR_SLOTS, HOUR_WIDTH, BURST_SLOTS = 61, 60000, 11
local HOUR_BYTES = HEAD_BYTES + 4 * HOUR_SLOTS
local KEY_BYTES = HOUR_BYTES + HEAD_BYTES + 4 * BURST_SLOTS

local function clear(window, index)
  window.newest, window.oldest, window.sum = index, index, 0
  window.counts = string.rep('\\0', 4 * window.slots)
end

local function counts_of(window)
  return { struct.unpack('>' .. string.rep('I4', window.slots), window.counts) }
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
  window.newest, window.oldest = index, oldest
  window.counts = struct.pack('>' .. string.rep('I4', slots), unpack(counts, 1, slots))
end

local function add(window, count)
  if window.sum == 0 then window.oldest = window.newest end
  local at = window.newest % window.slots * 4 + 1
  local held = struct.unpack('>I4', window.counts, at)
  window.counts = string.sub(window.counts, 1, at - 1) .. struct.pack('>I4', held + count)
    .. string.sub(window.counts, at + 4)
  window.sum = window.sum + count
end

local function open(text, start, slots, width)
  local window = { slots = slots, width = width, near = 0 }
  clear(window, math.floor(now / width))
  if not text then return window end
  local held = { slots = slots }
  held.width, held.newest, held.oldest, held.sum, held.near = struct.unpack(HEAD, text, start)
  held.counts = string.sub(text, start + HEAD_BYTES, start + HEAD_BYTES + 4 * slots - 1)
  move(held)
  if held.width == width then return held end
  -- The window's length was changed: what the former one holds counts on as if it had come now.
  add(window, held.sum)
  return window
end

local function read(key, bytes)
  local text = redis.call('GET', key)
  return text and #text == bytes and text
end

local function packed(window)
  return struct.pack(HEAD, window.width, window.newest, window.oldest, window.sum, window.near) .. window.counts
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

local text = read(KEYS[1], KEY_BYTES)
local hour = open(text, 1, HOUR_SLOTS, HOUR_WIDTH)
local burst = open(text, HOUR_BYTES + 1, BURST_SLOTS, burst_width)
local user = KEYS[2] and open(read(KEYS[2], HOUR_BYTES), 1, HOUR_SLOTS, HOUR_WIDTH)

local admitted = math.min(count, hour_limit - hour.sum - owed, burst_limit - burst.sum - burst_owed)
if user then admitted = math.min(admitted, user_limit - user.sum - owed) end
admitted = math.max(admitted, 0)

local near = 0
if admitted + owed + burst_owed > 0 then
  add(hour, owed + admitted)
  add(burst, burst_owed + admitted)
  if comes_near(hour, hour_limit) then near = 1 end
  local lifetime = math.max(HOUR_SLOTS * HOUR_WIDTH, BURST_SLOTS * burst_width)
  redis.call('SET', KEYS[1], packed(hour) .. packed(burst), 'PX', lifetime)
  if user then
    add(user, owed + admitted)
    if comes_near(user, user_limit) then near = near + 2 end
    redis.call('SET', KEYS[2], packed(user), 'PX', HOUR_SLOTS * HOUR_WIDTH)
  end
end

return {
  admitted, now, text and 1 or 0, near,
  hour.sum, reset(hour, hour_limit), burst.sum, reset(burst, burst_limit),
  user and user.sum or 0, user and reset(user, user_limit) or 0
}
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

/** Redis keys of a key, and of its owner's limit: with the owner as hash tag, so that a script gets at both. */
export function recordNames(userId: string, keyId: string): { key: string; user: string } {
  return { key: `hokusai:limit:{${userId}}:key:${keyId}`, user: `hokusai:limit:{${userId}}:user` };
}
