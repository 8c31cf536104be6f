#pragma once

#include "proxy/server/exchange_layer.hpp"

#include <string>
#include <utility>

namespace paravent::server {

/// An exchange whose request goes to another path of the same host than the client wrote.
class Retargeted final : public ExchangeLayer {
public:
    Retargeted(Exchange& behind, std::string path) : ExchangeLayer(behind), path_(std::move(path)), head_(behind.head())
    {
        head_.target.path = path_;
    }
    Retargeted(const Retargeted&) = delete;
    Retargeted& operator=(const Retargeted&) = delete;

    const Head& head() const noexcept override { return head_; }

private:
    const std::string path_;
    Head head_;
};

} // namespace paravent::server
