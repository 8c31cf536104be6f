#include "proxy/wire/error.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace paravent::wire {
namespace {

class WireCategory final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "wire"; }

    std::string message(int value) const override { return sentence(static_cast<Error>(value)); }

private:
    static const char* sentence(Error error) noexcept
    {
        switch (error) {
        case Error::bad_request:
            return "the request is not proper HTTP/1.1";
        case Error::target_too_long:
            return "the address in the request is longer than 63 KiB";
        case Error::head_too_large:
            return "the request's header is larger than 64 KiB";
        case Error::too_many_fields:
            return "the request has more than 200 header fields";
        case Error::not_implemented:
            return "the request's body is coded in a way other than chunked";
        case Error::version_not_supported:
            return "the request speaks another version than HTTP/1.0 or HTTP/1.1";
        case Error::bad_response:
            return "the server's answer is not proper HTTP/1.1";
        case Error::bad_chunk:
            return "a chunked body is malformed";
        case Error::bad_socks:
            return "the conversation is not SOCKS version 5";
        case Error::http2_malformed:
            return "the connection does not speak proper HTTP/2";
        case Error::http2_flood:
            return "the HTTP/2 connection makes more work than it gets done";
        case Error::http2_full:
            return "the HTTP/2 connection takes no further requests";
        }
        return "malformed bytes";
    }
};

} // namespace

boost::system::error_code make_error_code(Error error) noexcept
{
    static const WireCategory category;
    return {static_cast<int>(error), category};
}

unsigned status_of(Error error) noexcept
{
    switch (error) {
    case Error::target_too_long:
        return 414;
    case Error::head_too_large:
    case Error::too_many_fields:
        return 431;
    case Error::not_implemented:
        return 501;
    case Error::bad_response:
    case Error::http2_full:
        return 502;
    case Error::bad_request:
    case Error::version_not_supported:
    case Error::bad_chunk:
    case Error::bad_socks:
    case Error::http2_malformed:
    case Error::http2_flood:
        break;
    }
    return 400;
}

} // namespace paravent::wire
