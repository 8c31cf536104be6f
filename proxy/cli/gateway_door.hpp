#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

// How `paravent gateway off` reaches the process that keeps the rules: by a socket, of which each network namespace has
// one of its own, as it has its rules. Only a process of root's, or of the same user's, is believed to be that one.
namespace paravent::cli {

class GatewayDoor {
public:
    /// @throws Failure where another process keeps the rules already
    GatewayDoor();
    ~GatewayDoor();
    GatewayDoor(const GatewayDoor&) = delete;
    GatewayDoor& operator=(const GatewayDoor&) = delete;

    int fd() const noexcept { return listening_; }
    /// To be called when `fd` can be read: whether somebody who may asks for the end. He is answered by `say_done`, or
    /// by nothing when this process ends.
    bool asked_to_end();
    void say_done() noexcept;

private:
    int listening_ = -1, asker_ = -1;
    std::string file_; ///< of the socket; empty where it has none
};

} // namespace paravent::cli
