#pragma once

#include "proxy/dashboard/api.hpp"
#include "proxy/policy/neighbours.hpp"
#include "tests/unit/folder.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

/// A neighbour table without anybody in it.
class NoNeighbours : public paravent::policy::Neighbours {
public:
    std::string mac_of(std::string_view) override { return {}; }
};

/// The API over real statistics and policy in a folder of their own, asked without a socket.
class Desk {
public:
    Desk()
    {
        settings = std::make_shared<paravent::config::Settings>();
        paravent::statistics::Options options;
        options.database = folder / "statistics.db";
        options.retention = std::chrono::days{3650};
        options.flush = std::chrono::hours{24};
        recorder = std::make_unique<paravent::statistics::Recorder>(options);
        policy = std::make_unique<paravent::policy::Policy>(folder, *settings, std::make_unique<NoNeighbours>());
        interception = std::make_unique<paravent::tls::Interception>(folder, std::filesystem::path{});
        imports = std::make_unique<paravent::reconcile::Imports>(folder);
        door = std::make_unique<paravent::dashboard::Door>(folder, "secret", [this] { return now; });
        std::vector<paravent::rules::ListSource> sources;
        for (const auto& list : paravent::rules::own_lists())
            if (list.on_by_default)
                sources.push_back({std::string(list.name), std::string(list.name), true, true, list.text});
        ruleset = paravent::rules::Ruleset::compile(sources);
        rows.push_back({"pixel-event", "built in", "pixel-event", true, 3, 1, {{"cosmetic", 1}}, 0, {}, {}});
        api = std::make_unique<paravent::dashboard::Api>(paravent::dashboard::Parts{
            *policy, *recorder, *interception,
            [] {
                paravent::dashboard::ServerStatus status;
                status.version = "0.1.0";
                status.workers = 2;
                return status;
            },
            [this] { return rows; }, [this] { return ruleset; },
            [this]() -> std::shared_ptr<const paravent::config::Settings> { return settings; },
            [this] {
                ++reloads;
                if (!reload_problem.empty())
                    throw std::runtime_error(reload_problem);
            },
            [this] { ++retentions; }, [this](std::function<void()> done) { fetched = std::move(done); },
            [this](const paravent::dashboard::Restored& backup) {
                restored = backup.policy;
                std::ifstream in(backup.database, std::ios::binary);
                restored_database.assign(std::istreambuf_iterator<char>(in), {});
            },
            *door, folder, *imports, folder / "no-such-program"});
    }
    ~Desk()
    {
        api.reset();
        policy.reset();
        recorder.reset();
    }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    static paravent::server::LocalRequest request(const std::string& method, const std::string& target)
    {
        paravent::server::LocalRequest request;
        request.method = method;
        request.target = target;
        request.host = "127.0.0.1";
        request.port = 8481;
        request.client = "127.0.0.1";
        request.loopback = true;
        return request;
    }
    /// The owner's own request.
    paravent::server::LocalReply ask(const std::string& method, const std::string& target, const std::string& body = {})
    {
        auto asked = request(method, target);
        asked.fields.emplace_back("Authorization", "Bearer secret");
        asked.body = body;
        return api->answers(asked);
    }
    boost::json::value get(const std::string& target) { return boost::json::parse(ask("GET", target).body); }

    /// A pixel's event, seen whole.
    std::int64_t record(const std::string& name, const std::string& site, const std::string& device = "aaaa",
                        std::int64_t time_ms = 1'790'000'000'000)
    {
        paravent::activity::Event event;
        event.time_ms = time_ms;
        event.device = device;
        event.address = "192.168.1.20";
        event.site = site;
        event.destination = "www.facebook.com";
        event.product = paravent::activity::Product::pixel;
        event.account = "1472749159700779";
        event.name = name;
        event.value = 59.5;
        event.currency = "EUR";
        event.identifiers = {"em", "ph"};
        event.verdict = paravent::rules::Action::answer;
        event.rule = "meta/pixel-event";
        event.seen_full = true;
        return recorder->record(std::move(event), paravent::config::Privacy::events);
    }

    const Folder own;
    const std::filesystem::path folder = own.path;
    std::shared_ptr<paravent::config::Settings> settings;
    std::unique_ptr<paravent::statistics::Recorder> recorder;
    std::unique_ptr<paravent::policy::Policy> policy;
    std::unique_ptr<paravent::reconcile::Imports> imports;
    std::unique_ptr<paravent::tls::Interception> interception;
    std::int64_t now = 1'790'000'000'000; ///< the door's clock
    std::unique_ptr<paravent::dashboard::Door> door;
    std::shared_ptr<const paravent::rules::Ruleset> ruleset;
    std::vector<paravent::dashboard::ListRow> rows;
    std::unique_ptr<paravent::dashboard::Api> api;
    unsigned reloads = 0, retentions = 0;
    std::function<void()> fetched; ///< what waits until the lists were fetched
    std::string reload_problem, restored, restored_database;
};
