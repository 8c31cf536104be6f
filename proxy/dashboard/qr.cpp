#include "proxy/dashboard/qr.hpp"

#include <memory>
#include <qrencode.h>
#include <stdexcept>

namespace paravent::dashboard {

std::string qr_svg(std::string_view text)
{
    constexpr int quiet = 4; // modules around it that a reader needs
    const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
        QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_M), QRcode_free);
    if (!code)
        throw std::runtime_error("the text is too long for a QR code");
    const auto side = std::to_string(code->width + 2 * quiet);
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                      "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" + side + "v" + side +
                      "H0z\"/><path d=\"";
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x)
            if ((code->data[y * code->width + x] & 1) != 0)
                out += "M" + std::to_string(x + quiet) + " " + std::to_string(y + quiet) + "h1v1h-1z";
    return out + "\"/></svg>\n";
}

} // namespace paravent::dashboard
