#include "proxy/dashboard/profile.hpp"

#include "proxy/dashboard/password.hpp"
#include "proxy/dashboard/text.hpp"

#include <openssl/evp.h>

#include <vector>

namespace paravent::dashboard {
namespace {

/// Text within XML 1.0; control characters, which it cannot hold, are left out.
std::string xml_text(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = next_code_point(text, at);
        if (code == '&')
            out += "&amp;";
        else if (code == '<')
            out += "&lt;";
        else if (code == '>')
            out += "&gt;";
        else if (code == replacement)
            out += "\xEF\xBF\xBD";
        else if (code >= 0x20)
            out += text.substr(at, size);
        at += size;
    }
    return out;
}

std::string base64(const std::string& bytes)
{
    std::vector<unsigned char> out(4 * ((bytes.size() + 2) / 3) + 1);
    const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    return {out.begin(), out.begin() + size};
}

/// A UUID that follows from what it names.
std::string uuid_of(const std::string& what)
{
    auto hex = digest_of(what).substr(0, 32);
    hex[12] = '8'; // version 8: made by rules of our own (RFC 9562)
    hex[16] = "89ab"[hex[16] % 4];
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20);
}

std::string entry(std::string_view key, std::string_view text)
{
    return "<key>" + std::string(key) + "</key><string>" + xml_text(text) + "</string>\n";
}

std::string head_of(std::string_view type, const std::string& name, const std::string& shown, const std::string& id)
{
    return entry("PayloadType", type) + entry("PayloadIdentifier", "local.paravent." + name) +
           entry("PayloadUUID", uuid_of(id)) + entry("PayloadDisplayName", shown) +
           "<key>PayloadVersion</key><integer>1</integer>\n";
}

} // namespace

std::string text_of(const Profile& profile)
{
    std::string payloads;
    if (!profile.certificate.empty())
        payloads += "<dict>\n" +
                    head_of("com.apple.security.root", "certificate", profile.certificate_name, profile.certificate) +
                    "<key>PayloadContent</key><data>" + base64(profile.certificate) + "</data>\n</dict>\n";
    if (!profile.ssid.empty() && !profile.pac.empty())
        payloads += "<dict>\n" +
                    head_of("com.apple.wifi.managed", "wifi", "Wi-Fi " + profile.ssid + " with Paravent",
                            profile.ssid + "\n" + profile.pac) +
                    entry("SSID_STR", profile.ssid) + entry("EncryptionType", "Any") + entry("ProxyType", "Auto") +
                    entry("ProxyPACURL", profile.pac) +
                    // Where the box is off, the device goes straight out.
                    "<key>ProxyPACFallbackAllowed</key><true/>\n<key>AutoJoin</key><true/>\n</dict>\n";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
           "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
           "<plist version=\"1.0\">\n<dict>\n" +
           head_of("Configuration", "profile", "Paravent", payloads) +
           entry("PayloadDescription", "Lets this home's Paravent stop and show what sites and apps tell Meta.") +
           "<key>PayloadContent</key>\n<array>\n" + payloads + "</array>\n</dict>\n</plist>\n";
}

} // namespace paravent::dashboard
