#pragma once
#include "config/settings.hpp"
#include "rules/ruleset.hpp"
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>
namespace paravent::lists {
struct ListStatus { std::string name, source, category; bool enabled = true; rules::ListReport report; std::int64_t updated_ms = 0; std::string error; };
struct Compiled { std::shared_ptr<const rules::Ruleset> rules; std::vector<ListStatus> lists; };
Compiled compile(const config::Settings&, const std::filesystem::path&, const std::function<std::optional<bool>(std::string_view)>&, const Compiled*);
}
