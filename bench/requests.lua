-- wrk ... -s requests.lua URL -- METHOD FILE PREFIX
-- Each line of FILE is a request: path, token and body, separated by tabs. They are sent in a random
-- order; every POST has an Idempotency-Key of its own. The outcome is written as one line of JSON.

local lines = {}
local method, prefix
local sent = 0

function init(args)
    method, prefix = args[1], args[3]
    for line in io.lines(args[2]) do
        local path, token, body = line:match("^([^\t]*)\t([^\t]*)\t?(.*)$")
        lines[#lines + 1] = { path = path, token = "Bearer " .. token, body = body }
    end
    math.randomseed(os.time() + #prefix)
end

function request()
    local line = lines[math.random(#lines)]
    local headers = { ["Authorization"] = line.token }
    if method == "GET" then
        return wrk.format("GET", line.path, headers)
    end
    sent = sent + 1
    headers["Content-Type"] = "application/json"
    headers["Idempotency-Key"] = prefix .. "-" .. sent
    return wrk.format(method, line.path, headers, line.body)
end

function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"failed":%d}\n',
        summary.requests, summary.duration / 1e6,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout
    ))
end
