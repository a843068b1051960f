-- The load of one round, for wrk. The mode is the first argument after `--`: get, upload, routes or callers.
-- Prints one line of JSON at the end, because wrk's own report is meant for eyes.

local routes = 10000

-- All of them in turn; neighbours are far apart, because the stride is coprime with their number.
local function inTurn(requests, stride)
  local at = 0
  function request()
    at = (at + stride) % #requests
    return requests[at + 1]
  end
end

function init(args)
  local mode = args[1]
  if mode == "upload" then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.body = string.rep("x", 1048576)
  elseif mode == "routes" then
    local requests = {}
    for i = 0, routes - 1 do
      requests[i + 1] = wrk.format("GET", string.format("/s%d/r%d/%d", i % 100, i, i * 7))
    end
    inTurn(requests, 7919)
  elseif mode == "callers" then
    local requests = {}
    for token in io.lines("tokens.txt") do
      wrk.headers["Authorization"] = "Bearer " .. token
      requests[#requests + 1] = wrk.format("GET")
    end
    inTurn(requests, 7919)
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  print(string.format(
    '{"requests":%.0f,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,' ..
    '"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect, e.read, e.write, e.timeout, e.status))
end
