/**
 * What Redis decides in one step. An entry is one string, `revision LF deadline LF groups LF value`: deadline in
 * milliseconds since the epoch on the hand of the clock that decides (`now` is passed in), groups and value as JSON.
 * Each group is a set of keys; who reads it checks with the entry, since an entry may have been written anew without it.
 */

/** Writes ARGV[1] under KEYS[1] for ARGV[2] ms and enters it in the groups KEYS[2..]. */
const write = `
local function write(raw, ttl)
  redis.call('SET', KEYS[1], raw, 'PX', ttl)
  for i = 2, #KEYS do
    redis.call('SADD', KEYS[i], KEYS[1])
    if redis.call('PTTL', KEYS[i]) < tonumber(ttl) then redis.call('PEXPIRE', KEYS[i], ttl) end
  end
end
local function alive(raw, now)
  return raw and tonumber(string.match(raw, '^[^\\n]*\\n([^\\n]*)\\n')) > tonumber(now)
end
`

export const scripts = {
  /** KEYS: entry, groups. ARGV: raw, ttl. */
  claveSet: `${write} write(ARGV[1], ARGV[2])`,
  /** KEYS: entry, groups. ARGV: raw, ttl, now. Answers 1 when it wrote. */
  claveAdd: `${write}
if alive(redis.call('GET', KEYS[1]), ARGV[3]) then return 0 end
write(ARGV[1], ARGV[2])
return 1`,
  /**
   * KEYS: entry. ARGV: expected revision, now, new revision and deadline (with LF), new value, ttl, prefix of groups.
   * The groups stay those that the entry has. Answers 1 when it wrote.
   */
  claveSwap: `${write}
local raw = redis.call('GET', KEYS[1])
if not alive(raw, ARGV[2]) then return 0 end
local revision, groups = string.match(raw, '^([^\\n]*)\\n[^\\n]*\\n([^\\n]*)\\n')
if revision ~= ARGV[1] then return 0 end
if groups ~= '[]' then
  for i, group in ipairs(cjson.decode(groups)) do KEYS[i + 1] = ARGV[6] .. group end
end
write(ARGV[3] .. groups .. '\\n' .. ARGV[4], ARGV[5])
return 1`,
  /** KEYS: group. ARGV: the group's name. */
  claveDeleteGroup: `
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local raw = redis.call('GET', key)
  if raw then
    for _, group in ipairs(cjson.decode((string.match(raw, '^[^\\n]*\\n[^\\n]*\\n([^\\n]*)\\n')))) do
      if group == ARGV[1] then redis.call('DEL', key) end
    end
  end
end
redis.call('DEL', KEYS[1])`,
  /** KEYS: group. Answers key, raw, key, raw …, and forgets members that are gone. */
  claveListGroup: `
local found = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local raw = redis.call('GET', key)
  if raw then
    found[#found + 1] = key
    found[#found + 1] = raw
  else
    redis.call('SREM', KEYS[1], key)
  end
end
return found`,
  /** KEYS: window. ARGV: now, end of a window that begins now, ttl. Answers count and end. */
  claveCount: `
local raw = redis.call('GET', KEYS[1])
if raw then
  local count, ends = string.match(raw, '^(%d+) (%d+)$')
  if tonumber(ends) > tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], (count + 1) .. ' ' .. ends, 'KEEPTTL')
    return {count + 1, ends}
  end
end
redis.call('SET', KEYS[1], '1 ' .. ARGV[2], 'PX', ARGV[3])
return {1, ARGV[2]}`,
} as const
