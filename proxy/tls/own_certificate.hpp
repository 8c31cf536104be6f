#pragma once

#include "proxy/tls/error.hpp"
#include "proxy/tls/session.hpp"
#include "proxy/tls/signing.hpp"

#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace paravent::tls {

/// The box's certificate for its own https where no authority vouches for it: before there is one, and for clients that
/// come by an address, which no authority of a home may sign for. Signed by itself, so a browser asks its owner once;
/// that it was taken proves nothing about any authority. Kept in a file (0600). Calls may come from any thread.
class OwnCertificate {
public:
    explicit OwnCertificate(std::filesystem::path file) : file_(std::move(file)) {}

    /// A session that answers with it, for all of `names` and `addresses` (numeric); what it was for before stays in
    /// it. Made where there is none, where it lacks one of them, and 30 days before its end, but not by a clock that is
    /// before the day of the build (Error::clock_before_build where there is none then). `transport` must outlive it.
    result<std::unique_ptr<Session>> session(std::span<const std::string> names, std::span<const std::string> addresses,
                                             Transport& transport, Seconds now);
    /// Whether `session` would have one.
    bool is_there(Seconds now);

private:
    void load();
    bool serves(std::span<const std::string> names, std::span<const std::string> addresses, Seconds now) const;
    void make(std::span<const std::string> names, std::span<const std::string> addresses, Seconds now);
    void put(Certificate certificate, Key key);

    const std::filesystem::path file_;
    std::mutex mutex_;
    bool loaded_ = false;
    Certificate certificate_; ///< null: none
    Context context_;
};

} // namespace paravent::tls
