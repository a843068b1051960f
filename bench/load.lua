-- The load of one round, for wrk. The mode is the first argument after `--`: get, upload or routes.
-- Prints one line of JSON at the end, because wrk's own report is meant for eyes.

local routes = 10000

function init(args)
  local mode = args[1]
  if mode == "upload" then
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.body = string.rep("x", 1048576)
  elseif mode == "routes" then
    local requests = {}
    for i = 0, routes - 1 do
      requests[i] = wrk.format("GET", string.format("/s%d/r%d/%d", i % 100, i, i * 7))
    end
    local at = 0
    -- A stride that is coprime with the number of routes visits them all, and neighbours are far apart.
    function request()
      at = (at + 7919) % routes
      return requests[at]
    end
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
