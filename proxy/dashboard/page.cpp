#include "proxy/dashboard/calls.hpp"

namespace paravent::dashboard {

server::LocalReply get_page(const Parts&, const Call&)
{
    auto reply = text_reply("text/html; charset=utf-8", R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Paravent</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 38rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark; }
pre { padding: .6rem 1rem; border: 1px solid; overflow-x: auto; }
</style>
</head>
<body>
<main>
<h1>Paravent is running</h1>
<p>Paravent is a folding screen between this home and Meta: a proxy that stops what websites and apps tell Meta
about the people here, and counts what they tried to tell.</p>
<p>The dashboard with its charts comes with a later version. Until then the command line shows everything:</p>
<pre>paravent events --follow
paravent stats --since 7d
paravent status</pre>
<p>Programs find the same numbers under <code>/api/v1</code>, described by <code>/api/v1/openapi.json</code>.
They need the token that stands in the state directory.</p>
</main>
</body>
</html>
)");
    // Nothing but this page's own style: no script, no picture, no frame.
    reply.fields.emplace_back("Content-Security-Policy",
                              "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
                              "base-uri 'none'; form-action 'none'");
    return reply;
}

server::LocalReply get_health(const Parts&, const Call&)
{
    return text_reply("text/plain; charset=utf-8", "ok\n");
}

} // namespace paravent::dashboard
