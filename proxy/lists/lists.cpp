#include "proxy/lists/lists.hpp"
#include <fstream>
#include <sstream>
namespace paravent::lists {
Compiled compile(const config::Settings& s, const std::filesystem::path&, const std::function<std::optional<bool>(std::string_view)>&, const Compiled*)
{
    std::vector<rules::ListSource> src; std::vector<std::string> texts; texts.reserve(100);
    for (auto& o : rules::own_lists()) if (o.on_by_default) src.push_back({std::string(o.name), std::string(o.name), true, true, o.text});
    for (auto& l : s.lists) { std::ifstream in(l.file); std::stringstream t; t << in.rdbuf(); texts.push_back(t.str()); src.push_back({l.name, l.category, false, l.intercept, texts.back()}); }
    Compiled c; std::vector<rules::ListReport> r; c.rules = rules::Ruleset::compile(src, &r); return c;
}
}
