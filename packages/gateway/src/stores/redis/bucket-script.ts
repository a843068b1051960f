import { hash } from 'node:crypto';

/**
 * Decides and counts, inside of Redis and by its clock. One call serves many requests; of each it takes everything or nothing.
 *
 * KEYS are the buckets. ARGV has seven words for each of them — algorithm (1 GCRA, 2 sliding window), limit, window in µs,
 * burst, units that come back, units to book, units wanted for a lease — and then the requests: how many charges, and for
 * each of them the number of its bucket and its cost.
 *
 * The answer is a list of integers: for each charge the µs until there would be room, 0 if there was, so a request was let
 * through if all of its charges say 0; then for each bucket the units of the lease, the units that are left (rounded down,
 * negative for debt) and the µs until there is one more.
 *
 * All keys are read before the first is written, so nothing is counted by halves. Every key that is written expires as soon
 * as it says no more than one that is not there.
 */
export const BUCKET_SCRIPT = `
local EPOCH_S = 1700000000  -- so that microseconds since then have enough digits after the point
local SLACK_MS = 1000       -- a key outlives its meaning by this
local HARDLY = 1e-6         -- of a unit: what is lost to rounding does not deny anybody
local RETURN_US = 600000    -- what comes back was hardly taken longer ago

local time = redis.call('TIME')
local now = (tonumber(time[1]) - EPOCH_S) * 1000000 + tonumber(time[2])

local at = 0
local function word()
  at = at + 1
  return tonumber(ARGV[at])
end

-- GCRA keeps one time: when the bucket is full again.
local gcra = {}

function gcra.load(b, kept)
  local used = math.max((tonumber(kept) or now) - now, 0) / b.interval
  -- More than that was never lent: the clock went back.
  b.level = b.burst - math.min(used, b.burst + b.limit)
end

function gcra.take(b, units)
  b.level = b.level - units
end

function gcra.give(b, units)
  b.level = math.min(b.level + units, b.burst)
end

function gcra.wait(b, cost)
  return (cost - b.level) * b.interval
end

function gcra.save(b)
  local left = (b.burst - b.level) * b.interval
  return left, string.format('%.17g', now + left)
end

-- The sliding window keeps which window it was, what was used in it, and what in the one before, which weighs the less
-- the more of this one is over.
local sliding = {}

function sliding.load(b, kept)
  local window = math.floor(now / b.window)
  b.elapsed = now - window * b.window
  local was, current, before = string.match(kept or '', '^(%S+) (%S+) (%S+)$')
  was = tonumber(was) or window - 2
  b.current, b.before = tonumber(current) or 0, tonumber(before) or 0
  if was == window - 1 then
    b.current, b.before = 0, b.current
  elseif was < window then
    b.current, b.before = 0, 0
  end
  b.id = window
  b.level = b.limit - b.before * (1 - b.elapsed / b.window) - b.current
end

function sliding.take(b, units)
  b.current = b.current + units
  b.level = b.level - units
end

-- What may have been taken in the window before goes back there, where it is worth less.
function sliding.give(b, units)
  local weight = 1 - b.elapsed / b.window
  local toBefore = 0
  if b.elapsed < RETURN_US then toBefore = math.min(units, b.before) end
  local toCurrent = math.min(units - toBefore, b.current)
  b.before = b.before - toBefore
  b.current = b.current - toCurrent
  b.level = b.level + toBefore * weight + toCurrent
end

function sliding.wait(b, cost)
  local room = b.limit - cost - b.current
  if room >= 0 then return (1 - room / b.before) * b.window - b.elapsed end
  -- Only in the next window, in which this one fades.
  return (2 - (b.limit - cost) / b.current) * b.window - b.elapsed
end

function sliding.save(b)
  if b.current <= 0 and b.before <= 0 then return 0, '' end
  return 2 * b.window - b.elapsed, string.format('%d %.17g %.17g', b.id, b.current, b.before)
end

local algorithms = { gcra, sliding }
local buckets = {}
for i, key in ipairs(KEYS) do
  local b = { algorithm = algorithms[word()], limit = word(), window = word(), burst = word() }
  b.interval = b.window / b.limit
  b.algorithm.load(b, redis.call('GET', key))
  local returned, booked = word(), word()
  b.want = word()
  if returned > 0 then b.algorithm.give(b, returned) end
  if booked < 0 then b.algorithm.give(b, -booked) end
  -- Debt goes no deeper than one window.
  if booked > 0 then b.algorithm.take(b, math.max(0, math.min(booked, b.level + b.limit))) end
  b.isChanged = returned ~= 0 or booked ~= 0
  buckets[i] = b
end

local reply = {}
while at < #ARGV do
  local taken, hasRoom = {}, true
  for i = 1, word() do
    local b, cost = buckets[word()], word()
    if b.level + HARDLY >= cost then
      reply[#reply + 1] = 0
      b.algorithm.take(b, cost)
      taken[#taken + 1] = { b, cost }
    else
      reply[#reply + 1] = math.max(1, math.ceil(b.algorithm.wait(b, cost)))
      hasRoom = false
    end
  end
  for _, charge in ipairs(taken) do
    if hasRoom then
      charge[1].isChanged = true
    else
      charge[1].algorithm.take(charge[1], -charge[2])
    end
  end
end

for i, key in ipairs(KEYS) do
  local b = buckets[i]
  local leased = math.max(0, math.min(b.want, math.floor((b.level + HARDLY) / 2)))
  if leased > 0 then b.algorithm.take(b, leased) end
  if b.isChanged or leased > 0 then
    local left, kept = b.algorithm.save(b)
    if left > 0 then
      redis.call('SET', key, kept, 'PX', math.ceil(left / 1000) + SLACK_MS)
    else
      redis.call('DEL', key)
    end
  end
  local level, more = math.floor(b.level + HARDLY), 0
  if b.level + HARDLY < b.burst then
    more = math.ceil(b.algorithm.wait(b, math.min(math.max(level, 0) + 1, b.burst)))
  end
  reply[#reply + 1] = leased
  reply[#reply + 1] = level
  reply[#reply + 1] = math.max(0, more)
end
return reply
`;

/** By which name Redis knows the script (`EVALSHA`). */
export const BUCKET_SCRIPT_SHA = hash('sha1', BUCKET_SCRIPT);

/** The algorithms by their number in the script. */
export const ALGORITHM_NUMBERS = { gcra: 1, sliding: 2 } as const;
