#include "proxy/wire/client_hello.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <vector>

using namespace paravent::wire;
using namespace std::string_literals;
using Reading = ClientHelloReader::Reading;

namespace paravent::wire {
std::ostream& operator<<(std::ostream& os, Reading reading)
{
    return os << static_cast<int>(reading);
}
} // namespace paravent::wire

namespace {

std::string number(std::size_t value, std::size_t width)
{
    std::string out;
    while (width-- > 0)
        out += static_cast<char>(value >> (8 * width));
    return out;
}

std::string vector(std::size_t width, const std::string& bytes)
{
    return number(bytes.size(), width) + bytes;
}

std::string extension(std::size_t type, const std::string& bytes)
{
    return number(type, 2) + vector(2, bytes);
}

std::string sni(const std::string& name, char type = 0)
{
    return extension(0, vector(2, type + vector(2, name)));
}

std::string alpn(const std::vector<std::string>& names)
{
    std::string list;
    for (const auto& name : names)
        list += vector(1, name);
    return extension(16, vector(2, list));
}

std::string versions(const std::string& list)
{
    return extension(43, vector(1, list));
}

std::string record(const std::string& payload, char type = 22)
{
    return type + "\x03\x01"s + vector(2, payload);
}

std::string body(const std::string& extensions, const std::string& version = "\x03\x03")
{
    return version + std::string(32, 'r') + vector(1, std::string(32, 's')) + vector(2, "\x13\x01\xc0\x2b") +
           vector(1, "\0"s) + vector(2, extensions);
}

std::string message(const std::string& bytes)
{
    return "\x01" + vector(3, bytes);
}

/// The records of a message, `each` bytes in one.
std::string in_records(const std::string& whole, std::size_t each = 16384)
{
    std::string out;
    for (std::size_t at = 0; at < whole.size(); at += each)
        out += record(whole.substr(at, each));
    return out;
}

std::string hello(const std::string& extensions)
{
    return in_records(message(body(extensions)));
}

struct Case {
    std::string name;
    std::string bytes;
    Reading reading = Reading::hello;
    ClientHello expected = {};
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.name;
}

ClientHello of(const std::string& name, const std::string& protocols = "", std::uint16_t version = 0x0303,
               bool ech = false)
{
    return {name, protocols, version, ech, 0};
}

const std::string tls13 = versions("\x03\x04\x03\x03");
const std::string grease = extension(0x3a3a, "") + extension(0xfafa, "\0"s);
const std::string post_quantum = extension(51, vector(2, "\x11\xec" + vector(2, std::string(1216, 'k'))));

const std::vector<Case> cases = {
    {"plain", hello(sni("www.facebook.com") + tls13), Reading::hello, of("www.facebook.com", "", 0x0304)},
    {"capitals and a dot", hello(sni("WWW.Facebook.COM.")), Reading::hello, of("www.facebook.com")},
    {"no name", hello(tls13), Reading::hello, of("", "", 0x0304)},
    {"no extensions", in_records(message("\x03\x01" + std::string(32, 'r') + "\0"s + vector(2, "\0\x2f"s) + "\1\0"s)),
     Reading::hello, of("", "", 0x0301)},
    {"an address as name", hello(sni("192.0.2.1")), Reading::hello, of("192.0.2.1")},
    {"protocols", hello(alpn({"h2", "http/1.1"})), Reading::hello, of("", "\x02h2\x08http/1.1")},
    {"grease everywhere", hello(grease + alpn({"\x1a\x1a", "h2"}) + versions("\xfa\xfa\x03\x04") + sni("a.example")),
     Reading::hello, of("a.example", "\x02\x1a\x1a\x02h2", 0x0304)},
    {"a version yet to come in the old field", in_records(message(body(sni("a.example"), "\x03\x05"))), Reading::hello,
     of("a.example")},
    {"only old versions", hello(versions("\x03\x01\x03\x02")), Reading::hello, of("", "", 0x0302)},
    {"no version of TLS", hello(versions("\x7f\x1c\xfe\xfd")), Reading::hello, of("", "", 0)},
    {"encrypted", hello(sni("cover.example") + extension(0xfe0d, "\0\0\1\0\1"s)), Reading::hello,
     of("cover.example", "", 0x0303, true)},
    {"post-quantum", hello(post_quantum + sni("a.example")), Reading::hello, of("a.example")},
    {"60,000 bytes", hello(extension(21, std::string(60'000, '\0')) + sni("a.example")), Reading::hello,
     of("a.example")},
    {"1-byte records", in_records(message(body(post_quantum + sni("a.example"))), 1), Reading::hello, of("a.example")},
    {"2-byte records", in_records(message(body(post_quantum + sni("a.example"))), 2), Reading::hello, of("a.example")},

    {"HTTP", "GET / HTTP/1.1\r\n", Reading::not_tls},
    {"SSL 2", "\x80\x2e\x01\x03\x01", Reading::not_tls},
    {"datagrams", "\x16\xfe\xfd", Reading::not_tls},
    {"an alert at first", record("\x02\x28", 21), Reading::not_tls},

    {"an empty record", record(""), Reading::malformed},
    {"an empty record within", record("\x01") + record(""), Reading::malformed},
    {"an alert within", record("\x01") + record("\x02\x28", 21), Reading::malformed},
    {"a record too long", "\x16\x03\x01\x40\x01", Reading::malformed},
    {"another version within", record("\x01") + "\x16\x02", Reading::malformed},
    {"a server's hello", record("\x02" + vector(3, body(""))), Reading::malformed},
    {"more behind it in its record", record(message(body("")) + "\x01"), Reading::malformed},
    {"too large", record("\x01\x01\x00\x00"s), Reading::malformed},
    {"16 MiB", record("\x01\xff\xff\xff"), Reading::malformed},
    {"too large by its records", in_records(message(body(extension(21, std::string(20'000, '\0')))), 1),
     Reading::malformed},
    {"an odd number of cipher bytes",
     in_records(message("\x03\x03" + std::string(32, 'r') + "\0"s + vector(2, "abc") + "\1\0"s)), Reading::malformed},
    {"no ciphers", in_records(message("\x03\x03" + std::string(32, 'r') + "\0"s + vector(2, "") + "\1\0"s)),
     Reading::malformed},
    {"a session id too long",
     in_records(
         message("\x03\x03" + std::string(32, 'r') + vector(1, std::string(33, 's')) + vector(2, "ab") + "\1\0"s)),
     Reading::malformed},
    {"cut short", in_records(message("\x03\x03")), Reading::malformed},
    {"bytes behind the extensions", in_records(message(body("") + "x")), Reading::malformed},
    {"an extension longer than all", in_records(message(body(number(0, 2) + number(9, 2) + "x"))), Reading::malformed},
    {"two names", hello(sni("a.example") + sni("b.example")), Reading::malformed},
    {"two names in one",
     hello(extension(0, vector(2, "\0"s + vector(2, "a.example") + "\0"s + vector(2, "b.example")))),
     Reading::malformed},
    {"twice protocols", hello(alpn({"h2"}) + alpn({"h2"})), Reading::malformed},
    {"twice versions", hello(tls13 + tls13), Reading::malformed},
    {"an empty name", hello(sni("")), Reading::malformed},
    {"no name in the list", hello(extension(0, vector(2, ""))), Reading::malformed},
    {"an empty list of names", hello(extension(0, "")), Reading::malformed},
    {"another kind of name", hello(sni("a.example", 1)), Reading::malformed},
    {"bytes behind the list of names", hello(extension(0, vector(2, "\0"s + vector(2, "a.example")) + "x")),
     Reading::malformed},
    {"NUL in a name", hello(sni("a.example\0b"s)), Reading::malformed},
    {"a blank in a name", hello(sni("a b")), Reading::malformed},
    {"an encoded name", hello(sni("%77ww.facebook.com")), Reading::malformed},
    {"an unencoded name", hello(sni("m\xc3\xbcnchen.example")), Reading::malformed},
    {"a port", hello(sni("a.example:443")), Reading::malformed},
    {"brackets", hello(sni("[::1]")), Reading::malformed},
    {"an empty label", hello(sni("a..example")), Reading::malformed},
    {"an empty protocol", hello(alpn({"h2", ""})), Reading::malformed},
    {"no protocol in the list", hello(extension(16, vector(2, ""))), Reading::malformed},
    {"a protocol beyond the list", hello(extension(16, vector(2, "\x09h2"))), Reading::malformed},
    {"half a version", hello(versions("\x03\x04\x03")), Reading::malformed},
    {"no version", hello(versions("")), Reading::malformed},
};

void check(const ClientHello& got, const ClientHello& expected)
{
    BOOST_TEST(got.server_name == expected.server_name);
    BOOST_TEST(got.alpn == expected.alpn);
    BOOST_TEST(got.highest_version == expected.highest_version);
    BOOST_TEST(got.encrypted_client_hello == expected.encrypted_client_hello);
}

} // namespace

BOOST_DATA_TEST_CASE(a_hello_is_read_whole, cases, c)
{
    ClientHelloReader reader;
    BOOST_TEST(reader.read(c.bytes) == c.reading);
    if (c.reading == Reading::hello) {
        check(reader.hello(), c.expected);
        BOOST_TEST(reader.hello().size == c.bytes.size());
    }
}

BOOST_DATA_TEST_CASE(a_hello_comes_byte_by_byte, cases, c)
{
    ClientHelloReader reader;
    auto reading = Reading::need_more;
    std::size_t n = 0;
    while (reading == Reading::need_more && n < c.bytes.size())
        reading = reader.read(std::string_view(c.bytes).substr(0, ++n));
    BOOST_TEST(reading == c.reading);
    if (c.reading == Reading::hello) {
        check(reader.hello(), c.expected);
        BOOST_TEST(n == c.bytes.size()); // not before its last byte
    }
}

BOOST_DATA_TEST_CASE(a_hello_may_be_cut_anywhere, cases, c)
{
    const std::size_t step = c.bytes.size() > 4096 ? 61 : 1;
    for (std::size_t n = 0; n < c.bytes.size(); n += step) {
        ClientHelloReader reader;
        const auto part = reader.read(std::string_view(c.bytes).substr(0, n));
        if (c.reading == Reading::hello)
            BOOST_TEST(part == Reading::need_more);
        BOOST_TEST(reader.read(c.bytes) == c.reading);
    }
}

BOOST_DATA_TEST_CASE(what_follows_a_hello_is_not_looked_at, cases, c)
{
    if (c.reading != Reading::hello)
        return;
    for (const auto& rest : {record("\x01"), record(std::string(300, 'e'), 23), "\xff\xff\xff"s, "\x16\x03"s}) {
        ClientHelloReader reader;
        BOOST_TEST(reader.read(c.bytes + rest) == Reading::hello);
        BOOST_TEST(reader.hello().size == c.bytes.size());
    }
}

BOOST_AUTO_TEST_CASE(a_reading_is_final)
{
    ClientHelloReader reader;
    BOOST_TEST(reader.read("") == Reading::need_more);
    BOOST_TEST(reader.read("G") == Reading::not_tls);
    BOOST_TEST(reader.read(cases.front().bytes) == Reading::not_tls);
}

BOOST_AUTO_TEST_CASE(a_hello_ends_within_64_kib)
{
    const auto with = [](std::size_t padding) { return hello(extension(21, std::string(padding, '\0'))); };
    const auto fits = 60'000 + ClientHelloReader::most - with(60'000).size();
    ClientHelloReader reader, beyond;
    BOOST_TEST(with(fits).size() == ClientHelloReader::most);
    BOOST_TEST(reader.read(with(fits)) == Reading::hello);
    BOOST_TEST(beyond.read(with(fits + 1)) == Reading::malformed);
}

BOOST_AUTO_TEST_CASE(what_real_clients_say_is_read)
{
    struct {
        const char* file;
        ClientHello expected;
    } const clients[] = {
        {"curl", of("www.facebook.com", "\x02h2\x08http/1.1", 0x0304)},
        {"s_client", of("www.facebook.com", "\x02h2\x08http/1.1", 0x0304)},
        {"s_client_tls12", of("", "", 0x0303)},
        {"gnutls", of("www.facebook.com", "\x02h2", 0x0304)},
        {"chromium", of("www.facebook.com", "\x02h2\x08http/1.1", 0x0304, true)},
    };
    for (const auto& [file, expected] : clients) {
        BOOST_TEST_CONTEXT(file)
        {
            std::ifstream in(PARAVENT_SOURCE "/tests/fuzz/client_hello/"s + file, std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(in), {}};
            ClientHelloReader reader;
            BOOST_TEST(reader.read(bytes) == Reading::hello);
            check(reader.hello(), expected);
            // The same message in records of one byte says the same.
            ClientHelloReader again;
            BOOST_TEST(again.read(in_records(bytes.substr(5), 1)) == Reading::hello);
            check(again.hello(), expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_protocol_is_offered_by_its_whole_name)
{
    const auto list = "\x02h2\x08http/1.1"s;
    BOOST_TEST(offers(list, "h2"));
    BOOST_TEST(offers(list, "http/1.1"));
    BOOST_TEST(!offers(list, "http/1"));
    BOOST_TEST(!offers(list, "h"));
    BOOST_TEST(!offers("", "h2"));
    BOOST_TEST(!offers("\x05h2", "h2"));
}
