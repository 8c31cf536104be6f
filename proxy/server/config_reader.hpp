#pragma once

#include "proxy/server/body_stage.hpp"
#include "proxy/server/exchange_layer.hpp"
#include "proxy/server/judge.hpp"

#include <string>

namespace paravent::server {

/// Whether it asks for what Meta lets a pixel do on the pages of a site that the owner observes.
bool asks_for_config(const Asked& asked, const Judgement& judgement) noexcept;

/// An exchange whose answer passes as it came, and is read on its way for the gateways that it names: at most
/// activity::max_signals_config bytes of it are held. The origin is asked for all of it, in a coding that is read here.
class ConfigReader final : public ExchangeLayer {
public:
    /// `page_host`: of the page that asks.
    ConfigReader(Exchange& behind, Connection& connection, std::string page_host);
    ConfigReader(const ConfigReader&) = delete;
    ConfigReader& operator=(const ConfigReader&) = delete;

    const Head& head() const noexcept override { return head_; }
    void write_head(const Reply& reply) override;
    net::awaitable<net::error_code> write_body(std::string_view bytes) override;
    net::awaitable<net::error_code> finish(std::string_view trailer) override;

private:
    void read();

    Fields fields_; ///< of the request; its views are those of the exchange behind
    Head head_;
    policy::Policy& policy_;
    const std::string page_host_;
    HeldBytes held_;
    std::string bytes_, coding_;
    bool reads_ = false;
};

} // namespace paravent::server
