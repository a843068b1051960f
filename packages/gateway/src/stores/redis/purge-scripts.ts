import { hash } from 'node:crypto';
import type { Script } from './redis-link.ts';

/** Purges that gateways can hear of later. Who has missed more forgets everything. */
export const LOG_LENGTH = 1024;

/** No number of ours: it came from somebody else. */
const TOO_HIGH = 9_000_000_000_000_000;

const FRESH = `
local function fresh(least)
  local time = redis.call('TIME')
  return string.format('%.0f', math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), least + 1))
end
`;

/**
 * Purges, and tells everybody.
 *
 * KEYS are the board and the log. ARGV: the channel, what to tell, and then fields of the board. Every field gets the number of
 * the purge. The answer is that number. A message is the number, the one before, and what to tell.
 */
export const PURGE_SCRIPT: Script = script(`${FRESH}
local before = tonumber(redis.call('HGET', KEYS[1], 'last') or '') or 0
local number = fresh(before)
if before == 0 then redis.call('HSET', KEYS[1], 'base', number) end
redis.call('HSET', KEYS[1], 'last', number)
for i = 3, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], number) end
local message = string.format('%s %.0f %s', number, before, ARGV[2])
redis.call('LPUSH', KEYS[2], message)
redis.call('LTRIM', KEYS[2], 0, ${LOG_LENGTH - 1})
redis.call('PUBLISH', ARGV[1], message)
return number
`);

/**
 * What happened since a purge of which somebody knows.
 *
 * KEYS are the board and the log, ARGV is the number of that purge, or 0. The answer is the number of the last one and
 * the messages since, latest first; or only the number, if they are not known: then everything counts as purged.
 *
 * Redis may have lost purges of which it had told: by a failover, or a restart from an old file. Then the log does not go on
 * from the one that is known, and the board begins anew, by which everything that is stored counts as purged. So it
 * does if it is not there, or is no board.
 */
export const MISSED_SCRIPT: Script = script(`${FRESH}
local known = tonumber(ARGV[1])
local stand = redis.pcall('HMGET', KEYS[1], 'base', 'last')
local base, last = tonumber(stand[1] or ''), tonumber(stand[2] or '')

local function beginAnew()
  local number = fresh(math.max(known, last or 0))
  redis.call('UNLINK', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'base', number, 'last', number)
  return { number }
end

if last and last > ${TOO_HIGH} then last = nil end
if not base or not last or base > last or known > last then return beginAnew() end
local reply = { string.format('%.0f', last) }
if known == 0 then return reply end
local before = last
while before > known do
  local message = redis.pcall('LINDEX', KEYS[2], #reply - 1)
  if type(message) == 'table' then return beginAnew() end
  -- It was so long ago that the log does not go back to it.
  if not message then return { reply[1] } end
  before = tonumber(string.match(message, '^%d+ (%d+) ') or '')
  if not before or #reply > ${LOG_LENGTH} then return beginAnew() end
  reply[#reply + 1] = message
end
if before < known then return beginAnew() end
return reply
`);

function script(text: string): Script {
  return { text, sha: hash('sha1', text) };
}
