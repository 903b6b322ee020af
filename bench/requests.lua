-- wrk ... -s requests.lua URL -- METHOD FILE PREFIX [once]
-- Each line of FILE is a request: path, token, body and a precondition, separated by tabs. They are sent
-- in a random order, or each once in the order of the file until none is left. Every change has an
-- Idempotency-Key of its own. The outcome is written as one line of JSON.

local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds, micros; } moment; int gettimeofday(moment *, void *);")
ffi.cdef("int getpid(void); int kill(int, int);")
local INTERRUPT = 2

local threads = {}
local lines = {}
local method, prefix
local sent = 0

local function now()
    local moment = ffi.new("moment")
    ffi.C.gettimeofday(moment, nil)
    return tonumber(moment.seconds) + tonumber(moment.micros) / 1e6
end

function setup(thread)
    threads[#threads + 1] = thread
end

local function each_once()
    local granted = 0
    sent, answered = -1, 0 -- wrk asks for one request to look at it, and does not send that
    function delay() -- asked before each request, of one connection after the other
        granted = granted + 1
        return granted <= #lines and 0 or 3600000
    end
    function response()
        answered, last = answered + 1, now()
        if answered == #lines then
            ffi.C.kill(ffi.C.getpid(), INTERRUPT) -- or it would sit out its time
        end
    end
end

function init(args)
    method, prefix = args[1], args[3]
    for line in io.lines(args[2]) do
        local path, token, body, precondition = line:match("^([^\t]*)\t([^\t]*)\t?([^\t]*)\t?(.*)$")
        local name, value = precondition:match("^(.-): (.*)$")
        lines[#lines + 1] =
            { path = path, token = "Bearer " .. token, body = body, name = name, value = value }
    end
    math.randomseed(os.time() + #prefix)
    if args[4] == "once" then
        each_once()
    end
end

function request()
    sent = sent + 1
    local line = answered and lines[math.max(sent, 1)] or lines[math.random(#lines)]
    local headers = { ["Authorization"] = line.token }
    if method == "GET" then
        return wrk.format("GET", line.path, headers)
    end
    first = sent == 1 and now() or first
    headers["Content-Type"] = "application/json"
    headers["Idempotency-Key"] = prefix .. "-" .. sent
    if line.name then
        headers[line.name] = line.value
    end
    return wrk.format(method, line.path, headers, line.body)
end

function done(summary, latency, _)
    local errors = summary.errors
    local first, last = threads[1]:get("first"), threads[1]:get("last")
    local seconds = last and last - first or summary.duration / 1e6
    io.write(string.format(
        '{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"failed":%d}\n',
        summary.requests, seconds,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout
    ))
end
