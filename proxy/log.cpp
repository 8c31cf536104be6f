#include "proxy/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <string>

namespace paravent::log {
namespace {

std::atomic<bool> as_json{false};

spdlog::logger& logger()
{
    static const auto made = [] {
        auto one = std::make_shared<spdlog::logger>("paravent", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        one->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
        one->flush_on(spdlog::level::trace);
        return one;
    }();
    return *made;
}

/// Control bytes would let a name in a message forge further lines.
std::string safe(std::string_view sentence)
{
    std::string out;
    for (const char c : sentence) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += ' ';
        else if (as_json && (c == '"' || c == '\\'))
            out.append("\\").append(1, c);
        else
            out += c;
    }
    return out;
}

} // namespace

void configure(const config::Settings& settings)
{
    as_json = settings.log.format == "json";
    logger().set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S%z","level":"%l","text":"%v"})"
                                 : "%Y-%m-%dT%H:%M:%S%z %l %v");
    logger().set_level(spdlog::level::from_str(settings.log.level == "error" ? "err" : settings.log.level));
}

void info(std::string_view sentence)
{
    logger().info("{}", safe(sentence));
}

void warn(std::string_view sentence)
{
    logger().warn("{}", safe(sentence));
}

void error(std::string_view sentence)
{
    logger().error("{}", safe(sentence));
}

} // namespace paravent::log
