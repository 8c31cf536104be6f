#pragma once

#include "proxy/activity/export.hpp"
#include "proxy/helper/process.hpp"
#include "proxy/server/local_site.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace paravent::dashboard {

/// One file of Meta's on its way through the helper program: the request's body goes into its input, a thread reads
/// what it makes of it. Without `end` nothing is kept; its destructor ends the program.
class Importing final : public server::Intake {
public:
    /// `keep` is called on the reading thread where all went well; its reply is the request's.
    Importing(std::filesystem::path program, std::function<server::LocalReply(activity::MetaExport&&)> keep);
    ~Importing() override;

    /// A sentence where it cannot be begun.
    std::string start();

    int descriptor() const noexcept override { return input_.writing.get(); }
    void end(std::function<void(server::LocalReply)> reply) override;

private:
    void read(const std::stop_token& stop);
    server::LocalReply outcome(const std::stop_token& stop);

    const std::filesystem::path program_;
    const std::function<server::LocalReply(activity::MetaExport&&)> keep_;
    helper::Pipe input_, output_;
    helper::Process process_;

    std::mutex mutex_;
    std::condition_variable_any ending_;
    bool ended_ = false; ///< the body is whole: what it was may be kept
    std::function<void(server::LocalReply)> reply_;
    std::jthread reading_; ///< last: it uses all of the above
};

} // namespace paravent::dashboard
