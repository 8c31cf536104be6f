#pragma once

#include "proxy/cli/place.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace paravent::cli {

/// Nothing listens at the service's address.
class NotRunning : public Failure {
public:
    using Failure::Failure;
};

/// Something listens there, but its answer does not come.
class NoAnswer : public Failure {
public:
    using Failure::Failure;
};

/// The service would not do it.
class Refused : public Failure {
public:
    Refused(int exit_status, const std::string& line, unsigned answered)
        : Failure(exit_status, line), http_status(answered)
    {
    }
    const unsigned http_status;
};

/// "name=value&…" with everything escaped that needs it; pairs without a value are left out.
std::string query_of(std::initializer_list<std::pair<std::string_view, std::string_view>> parameters);
std::string escaped(std::string_view text);

/// A conversation with the running service, one request at a time, each with a deadline.
class Client {
public:
    /// A backup is made before its first byte comes; the stream's heartbeat comes every 15 s.
    static constexpr std::chrono::seconds usual_patience{60};

    /// Finds address and token. `patience`: how long an answer may take. @throws Failure
    explicit Client(const Place& place, std::chrono::seconds patience = usual_patience);
    ~Client();

    struct Answer {
        std::string body;
        std::string link; ///< target of the Link field, empty where there is none
    };
    /// `path` begins behind /api/v1. @throws Refused for every status that is no success: wrong usage for 400, 404,
    /// 409 and 422, with the problem's own sentence
    /// `passphrase` goes into a field of its own, for a body that is no JSON.
    Answer ask(std::string_view method, const std::string& path, std::string body = {},
               std::string_view type = "application/json", std::string_view passphrase = {});
    /// The same, with the body read as JSON.
    boost::json::value get(const std::string& path);
    boost::json::value send(std::string_view method, const std::string& path, const boost::json::value& body);

    /// Reads server-sent events until `on_event` (name, data) says false. @throws Failure where the service goes
    void follow(const std::string& path, const std::function<bool(std::string_view, std::string_view)>& on_event);
    /// Writes the answer's body, of any size, into a file that is the user's own (0600). `wish`: what is asked with
    /// POST; null: GET.
    void download(const std::string& path, const boost::json::value& wish, const std::filesystem::path& file);

    /// Sends a file of any size as the body; `progress` is told how many of its bytes are on their way.
    boost::json::value upload(const std::string& path, const std::filesystem::path& file,
                              const std::function<void(std::uint64_t sent, std::uint64_t all)>& progress);

private:
    struct Connection;
    std::unique_ptr<Connection> open();
    template <class Request>
    void describe(Request& request, std::string_view type, const std::string& address) const;
    static void read_head(Connection& connection);
    std::unique_ptr<Connection> connect(std::string_view method, const std::string& path, std::string body,
                                        std::string_view type, std::string_view passphrase = {});
    config::Endpoint endpoint_;
    std::string token_;
    std::chrono::seconds patience_;
};

} // namespace paravent::cli
