// What it costs to know what was told: a decision and the decoding of one request, on one core.
#include "proxy/activity/event.hpp"
#include "rules/ruleset.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

using namespace paravent;

namespace {

using Clock = std::chrono::steady_clock;
const rules::Rulings block_all = rules::Rulings::all(rules::Action::block);

std::shared_ptr<const rules::Ruleset> own_rules()
{
    std::vector<rules::ListSource> own;
    for (const auto& list : rules::own_lists())
        own.push_back({std::string{list.name}, std::string{list.name}, true, true, list.text});
    return rules::Ruleset::compile(own);
}

/// The median of some runs, in ns for one call.
double measure(unsigned calls, const std::function<void()>& call)
{
    std::vector<double> runs;
    for (int run = 0; run < 9; ++run) {
        const auto begun = Clock::now();
        for (unsigned i = 0; i < calls; ++i)
            call();
        runs.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begun).count() / calls);
    }
    std::sort(runs.begin(), runs.end());
    return runs[runs.size() / 2];
}

std::string sha256_like(char c)
{
    return std::string(64, c);
}

/// A body for the Conversions API as a shop's server sends it, of about so many bytes.
std::string conversions(std::size_t bytes)
{
    const std::string user = R"(,"user_data":{"em":[")" + sha256_like('a') + R"("],"ph":[")" + sha256_like('b') +
                             R"("],"client_ip_address":"192.0.2.7","client_user_agent":"Mozilla/5.0"})";
    const std::string bought =
        R"(,"custom_data":{"value":59.9,"currency":"EUR","contents":[{"id":"4711","quantity":1,"item_price":59.9}]}})";
    std::string body = R"({"data":[)";
    for (unsigned n = 0; body.size() < bytes; ++n) {
        const auto order = std::to_string(n);
        body += n > 0 ? "," : "";
        body +=
            R"({"event_name":"Purchase","event_time":1795511564,"action_source":"website","event_id":"order.)" + order;
        body += R"(","event_source_url":"https://shop.example/checkout/done?order=)" + order + "\"" + user + bought;
    }
    return body + R"(],"access_token":"x"})";
}

std::string app_reports()
{
    std::string body = "event=CUSTOM_APP_EVENTS&application_package_name=com.example&custom_events=%5B";
    for (int n = 0; n < 50; ++n)
        body +=
            (n ? "%2C" : "") + std::string("%7B%22_eventName%22%3A%22fb_mobile_purchase%22%2C%22_valueToSum%22%3A59%2C"
                                           "%22fb_currency%22%3A%22EUR%22%2C%22_logTime%22%3A1795511564%7D");
    return body + "%5D";
}

void row(const char* what, const rules::Ruleset& ruleset, activity::Seen seen, rules::Type type, unsigned calls)
{
    std::size_t events = 0;
    const auto mean = measure(calls, [&] {
        rules::Request request;
        request.url = seen.url;
        request.host = seen.host;
        request.page_host = "shop.example";
        request.type = type;
        request.method = seen.method;
        request.intercepted = true;
        request.rulings = &block_all;
        const auto verdict = ruleset.decide(request);
        seen.category = verdict.rule ? rules::name_of(verdict.rule.category) : std::string_view{};
        events = activity::events_of(seen).size();
    });
    std::printf("%-46s %10.1f us  %4zu events  %7zu bytes\n", what, mean / 1000, events, seen.body.size());
}

} // namespace

int main()
{
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024); // as proxy/service.cpp has it
    ::mallopt(M_TRIM_THRESHOLD, 512 * 1024);
    const auto rules = own_rules();
    const std::string pixel = "https://www.facebook.com/tr/"
                              "?id=1472749159700779&ev=Purchase&dl=https%3A%2F%2Fshop.example%2Fcart&rl=&if=false&ts="
                              "1795511564001&cd[value]=59.00&cd[currency]=EUR&cd[contents]=%5B%7B%22id%22%3A%224711%22%"
                              "2C%22quantity%22%3A1%7D%5D&ud[em]=" +
                              sha256_like('a') + "&ud[ph]=" + sha256_like('b') +
                              "&sw=1920&sh=1080&v=2.9.170&r=stable&ec=1&o=4126&fbp=fb.1.1795511500000.1234567890&it="
                              "1795511563900&coo=false&eid=order.1&rqm=GET";
    activity::Seen seen{.method = "GET",
                        .url = pixel,
                        .host = "www.facebook.com",
                        .page = "https://shop.example/cart",
                        .full = true,
                        .category = {}};
    row("pixel GET", *rules, seen, rules::Type::image, 20'000);

    seen.method = "POST";
    seen.host = "graph.facebook.com";
    seen.url = "https://graph.facebook.com/v19.0/1472749159700779/events";
    seen.content_type = "application/json";
    for (const std::size_t bytes : {std::size_t{1'000}, std::size_t{100'000}, std::size_t{1'000'000}}) {
        const auto body = conversions(bytes);
        seen.body = body;
        row("Conversions API", *rules, seen, rules::Type::xmlhttprequest, bytes > 10'000 ? 50 : 2'000);
    }
    const auto reports = app_reports();
    seen.url = "https://graph.facebook.com/v19.0/1472749159700779/activities";
    seen.content_type = "application/x-www-form-urlencoded";
    seen.body = reports;
    row("app events", *rules, seen, rules::Type::xmlhttprequest, 500);
    return 0;
}
