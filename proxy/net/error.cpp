#include "proxy/net/error.hpp"

#include <string>

namespace paravent::net {
namespace {

class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "network"; }
    std::string message(int value) const override
    {
        switch (static_cast<Error>(value)) {
        case Error::timeout:
            return "nothing came within the time allowed";
        case Error::dns:
            return "the name could not be resolved";
        case Error::connect:
            return "none of its addresses took the connection";
        case Error::refused_port:
            return "this port is not among [proxy] ports";
        case Error::refused_destination:
            return "this address lies inside the home; [proxy] private_destinations can allow it";
        case Error::loop:
            return "this address is the proxy itself";
        case Error::parent:
            return "the parent proxy ([upstream] proxy) did not open the way";
        case Error::tls:
            return "its certificate or its TLS is not in order";
        case Error::closed:
            return "the other side closed the connection";
        }
        return "unknown";
    }
};

} // namespace

boost::system::error_code make_error_code(Error error) noexcept
{
    static const Category category;
    return {static_cast<int>(error), category};
}

} // namespace paravent::net
