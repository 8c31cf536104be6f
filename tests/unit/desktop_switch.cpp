#include "proxy/desktop/switch.hpp"
#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent;
using namespace paravent::desktop;

namespace {

/// A desktop's store: what stands in it, and whether it takes something new.
struct Store {
    Values values{{"mode", std::nullopt}, {"url", std::nullopt}, {"host", std::nullopt}, {"tls host", std::nullopt}};
    bool here = true, broken = false;
};

class Place final : public Setting {
public:
    explicit Place(Store& store) : store_(store) {}
    std::string name() const override { return "place"; }
    std::string title() const override { return "Place"; }
    Reading read() const override { return {store_.here, {}, store_.values}; }
    std::optional<Values> wanted(const Target& target) const override
    {
        return target.fixed ? Values{{"mode", "manual"}, {"host", address_of(target)}, {"tls host", address_of(target)}}
                            : Values{{"mode", "auto"}, {"url", target.pac}};
    }
    std::string_view deciding() const override { return "mode"; }
    std::string leads(const Values& values, std::string_view key) const override
    {
        return key == "mode" ? "" : place_in(value_at(values, key));
    }
    std::string write(const Values& values) override
    {
        if (store_.broken)
            return "nobody answers";
        for (const auto& [key, value] : values)
            store_.values[key] = value;
        return {};
    }
    std::string describe(const Values& values) const override { return std::string(value_at(values, "mode")); }

private:
    Store& store_;
};

struct Computer {
    Store store;
    Settings settings;
    Memory memory;
    int kept = 0;

    Computer() { settings.push_back(std::make_unique<Place>(store)); }
    std::vector<Line> on(const Target& target)
    {
        return switch_on(settings, target, memory, [&](const Memory&) { ++kept; });
    }
    std::vector<Line> off()
    {
        return switch_off(settings, memory, [&](const Memory&) { ++kept; });
    }
};

const Target pac{"http://127.0.0.1:8481/proxy.pac", "127.0.0.1", 8480, false};
const Target fixed{"http://127.0.0.1:8481/proxy.pac", "127.0.0.1", 8480, true};

} // namespace

BOOST_AUTO_TEST_CASE(off_puts_back_what_on_found_also_after_two_of_them)
{
    for (const auto& mode : {std::optional<std::string>{}, std::optional<std::string>{"manual"}}) {
        Computer computer;
        computer.store.values["mode"] = mode;
        computer.store.values["url"] = "http://office.example/pac";
        const auto before = computer.store.values;
        computer.on(pac);
        const auto once = computer.store.values;
        computer.on(pac);
        BOOST_TEST((computer.store.values == once));
        BOOST_TEST(computer.store.values["mode"].value() == "auto");
        computer.off();
        BOOST_TEST((computer.store.values == before));
        BOOST_TEST(computer.memory.places.empty());
    }
}

BOOST_AUTO_TEST_CASE(the_memory_is_kept_before_anything_is_changed)
{
    Computer computer;
    Values seen;
    switch_on(computer.settings, pac, computer.memory, [&](const Memory& memory) {
        seen = computer.store.values;
        BOOST_TEST(memory.places.contains("place"));
    });
    BOOST_TEST(!seen["mode"].has_value());
}

BOOST_AUTO_TEST_CASE(another_kind_of_on_takes_back_what_the_first_one_set)
{
    Computer computer;
    const auto before = computer.store.values;
    computer.on(fixed);
    BOOST_TEST(computer.store.values["host"].value() == "127.0.0.1:8480");
    computer.on(pac);
    BOOST_TEST(!computer.store.values["host"].has_value());
    computer.off();
    BOOST_TEST((computer.store.values == before));
}

BOOST_AUTO_TEST_CASE(another_address_set_since_is_left_alone_and_not_switched_off)
{
    Computer computer;
    computer.on(pac);
    computer.store.values["url"] = "http://office.example/pac";
    const auto since = computer.store.values;
    const auto lines = computer.off();
    BOOST_TEST((computer.store.values == since));
    BOOST_TEST(lines.at(0).text.find("changed since") != std::string::npos);
    BOOST_TEST(!lines.at(0).failed);
    BOOST_TEST(computer.memory.places.empty());
}

BOOST_AUTO_TEST_CASE(our_address_written_anew_since_is_ours_all_the_same)
{
    for (const auto* address : {"http://127.0.0.1:8480", "localhost 8480", "127.0.0.1:8480/"}) {
        Computer computer;
        computer.on(fixed);
        computer.store.values["tls host"] = address;
        computer.off();
        BOOST_TEST((computer.store.values == Store{}.values), address);
        BOOST_TEST(computer.memory.places.empty());
    }
}

BOOST_AUTO_TEST_CASE(of_two_addresses_the_one_that_somebody_changed_stays_and_stays_on)
{
    Computer computer;
    computer.on(fixed);
    computer.store.values["tls host"] = "office.example:3128";
    const auto lines = computer.off();
    BOOST_TEST(computer.store.values["mode"].value() == "manual");
    BOOST_TEST(!computer.store.values["host"].has_value());
    BOOST_TEST(computer.store.values["tls host"].value() == "office.example:3128");
    BOOST_TEST(lines.at(0).text.find("changed since") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(our_address_that_somebody_removed_since_leaves_nothing_of_ours)
{
    Computer computer;
    computer.on(fixed);
    computer.store.values["tls host"].reset();
    computer.off();
    BOOST_TEST((computer.store.values == Store{}.values));
}

BOOST_AUTO_TEST_CASE(our_address_written_anew_between_two_ons_is_not_what_was_before)
{
    Computer computer;
    computer.store.values["mode"] = "manual";
    const auto before = computer.store.values;
    computer.on(fixed);
    computer.store.values["tls host"] = "localhost:8480";
    computer.on(fixed);
    computer.off();
    BOOST_TEST((computer.store.values == before));
}

BOOST_AUTO_TEST_CASE(switched_to_something_else_since_loses_our_address_alone)
{
    Computer computer;
    computer.on(pac);
    computer.store.values["mode"] = "manual";
    const auto lines = computer.off();
    BOOST_TEST(computer.store.values["mode"].value() == "manual");
    BOOST_TEST(!computer.store.values["url"].has_value());
    BOOST_TEST(lines.at(0).text.find("changed since") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_somebody_set_between_two_ons_is_what_was_before)
{
    Computer computer;
    computer.on(pac);
    computer.store.values["mode"] = "manual";
    computer.on(pac);
    computer.off();
    BOOST_TEST(computer.store.values["mode"].value() == "manual");
    BOOST_TEST(!computer.store.values["url"].has_value());
}

BOOST_AUTO_TEST_CASE(our_address_typed_by_hand_goes_back_to_the_default)
{
    Computer computer;
    computer.store.values["mode"] = "auto";
    computer.store.values["url"] = pac.pac;
    computer.on(pac);
    computer.off();
    BOOST_TEST((computer.store.values == Store{}.values));
}

BOOST_AUTO_TEST_CASE(a_place_that_takes_nothing_is_said_and_not_remembered)
{
    Computer computer;
    computer.store.broken = true;
    const auto lines = computer.on(pac);
    BOOST_TEST(lines.at(0).failed);
    BOOST_TEST(lines.at(0).text == "nobody answers");
    BOOST_TEST(computer.memory.places.empty());
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_put_back_stays_remembered)
{
    Computer computer;
    computer.on(pac);
    computer.store.broken = true;
    BOOST_TEST(computer.off().at(0).failed);
    BOOST_TEST(computer.memory.places.size() == 1);
    computer.store.broken = false;
    computer.off();
    BOOST_TEST((computer.store.values == Store{}.values));
}

BOOST_AUTO_TEST_CASE(a_place_that_is_gone_is_forgotten)
{
    Computer computer;
    computer.on(pac);
    computer.store.here = false;
    BOOST_TEST(computer.off().at(0).text.find("no more") != std::string::npos);
    BOOST_TEST(computer.memory.places.empty());
}

BOOST_AUTO_TEST_CASE(the_memory_comes_back_as_it_was_written)
{
    const Folder folder;
    Computer computer;
    computer.memory.asked = Asked{true, false, true, false};
    computer.on(pac);
    write_memory(folder.path / "new", computer.memory);
    const auto again = read_memory(folder.path / "new");
    BOOST_TEST((again.asked == computer.memory.asked));
    BOOST_TEST((again.places.at("place").before == computer.memory.places.at("place").before));
    BOOST_TEST((again.places.at("place").ours == computer.memory.places.at("place").ours));
    write_memory(folder.path / "new", {});
    BOOST_TEST(!std::filesystem::exists(folder.path / "new/system-proxy.json"));
    BOOST_TEST(!read_memory(folder.path / "new").asked.has_value());
}

BOOST_AUTO_TEST_CASE(a_memory_that_is_not_in_order_is_said_and_kept)
{
    const Folder folder;
    for (const char* text : {"", "[]", "{\"version\":2,\"asked\":null,\"places\":{}}", "{\"version\":1,\"places\":{}}",
                             "{\"version\":1,\"asked\":null,\"places\":{\"gnome\":7}}"}) {
        write(folder.path / "system-proxy.json", text);
        BOOST_CHECK_EXCEPTION(read_memory(folder.path), std::runtime_error, [](const std::exception& error) {
            return std::string(error.what()).find("is not in order") != std::string::npos;
        });
    }
}
