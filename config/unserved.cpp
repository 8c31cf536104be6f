#include "config/unserved.hpp"

namespace paravent::config {

std::vector<std::string> unserved(const Settings& settings)
{
    std::vector<std::string> sentences;
    const auto say = [&](bool asked, const std::string& key, const std::string& effect) {
        if (asked)
            sentences.push_back(key + " is read but not served by this version: " + effect);
    };
    const std::string nothing_arrives = "nobody listens there";
    say(!settings.proxy.steered.empty(), "proxy.steered", nothing_arrives);
    say(!settings.proxy.redirected.empty(), "proxy.redirected", nothing_arrives);
    return sentences;
}

} // namespace paravent::config
