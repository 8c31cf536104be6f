#include "tests/unit/dashboard_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

BOOST_AUTO_TEST_CASE(every_path_served_is_described_and_every_described_one_served)
{
    Desk desk;
    const auto document = desk.get("/api/v1/openapi.json");
    BOOST_TEST(document.at("openapi").as_string() == "3.1.0");
    std::set<std::string> described;
    for (const auto& [path, methods] : document.at("paths").as_object())
        for (const auto& [method, operation] : methods.as_object()) {
            std::string upper(method);
            for (auto& c : upper)
                c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            described.insert(upper + " " + std::string(path));
        }
    const auto served = paravent::dashboard::served_paths();
    BOOST_TEST((described == std::set<std::string>(served.begin(), served.end())));
}
