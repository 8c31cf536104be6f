// What a certificate, a context, a handshake and an idle pair of sessions cost: bench_tls [pairs]
#include "tests/unit/tls_play.hpp"

#include "proxy/tls/client_side.hpp"
#include "proxy/tls/origin_side.hpp"

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace paravent::tls;

namespace {

template <class Work>
double microseconds_each(int times, Work work)
{
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i)
        work(i);
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / times;
}

std::size_t in_use()
{
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/// The proxy's two sessions of an intercepted connection, with the ends that are not the proxy's.
struct Pair {
    std::unique_ptr<Session> towards_client, towards_origin;
};
struct Others {
    std::unique_ptr<Session> client, origin;
};

const std::string host = "www.facebook.com";

} // namespace

int main(int argc, char** argv)
{
    const int pairs = argc > 1 ? std::atoi(argv[1]) : 500;
    const auto authority = an_authority(now_s());
    const auto name = [](int i) { return "h" + std::to_string(i) + ".facebook.com"; };

    std::printf("leaf                        %8.0f us\n",
                microseconds_each(500, [&](int i) { (void)make_leaf(*authority, name(i), now_s()); }));
    ClientSide many(512);
    Wire nowhere;
    std::printf("session for a new host      %8.0f us\n", microseconds_each(500, [&](int i) {
                    (void)many.session(*authority, "d1", name(i), "h2", nowhere.server, now_s());
                }));
    std::printf("session for a known host    %8.0f us\n", microseconds_each(500, [&](int i) {
                    (void)many.session(*authority, "d1", name(i), "h2", nowhere.server, now_s());
                }));

    const World world;
    const StateFolder folder;
    std::ofstream(folder.path() / "root.pem") << pem_of(world.root.get());
    OriginSide origins(folder.path() / "root.pem");
    Origin origin;
    origin.key = Key{EVP_RSA_gen(2048)};
    origin.certificate = start_certificate(origin.key.get(), {}, {now_s() - day, now_s() + 30 * day});
    add_extension(origin.certificate.get(), NID_subject_alt_name, ("DNS:" + host).c_str());
    sign(origin.certificate.get(), world.root.get(), world.root_key.get());
    const auto origin_context = origin.context();
    Context device{SSL_CTX_new(TLS_client_method())};
    X509_STORE_add_cert(SSL_CTX_get_cert_store(device.get()), authority->root());
    ClientSide clients;

    const auto connect = [&](Wire& below, Wire& above, Pair& pair, Others& others) {
        others.origin = end_of(origin_context, above.server, false);
        others.client = end_of(device, below.client, true);
        SSL_set_cert_cb(others.client->ssl(), nullptr, nullptr);
        pair.towards_origin = std::move(*origins.session("d1", host, "\x02h2", above.client, now_s()));
        pair.towards_client = std::move(*clients.session(*authority, "d1", host, "", below.server, now_s()));
        const std::pair both(Outcome::done, Outcome::done);
        if (shake_hands(*pair.towards_origin, *others.origin) != both ||
            shake_hands(*others.client, *pair.towards_client) != both)
            throw std::runtime_error("no handshake: " + pair.towards_origin->failure() +
                                     pair.towards_client->failure());
        others.client->write("GET /");
        read_all(*pair.towards_client);
        pair.towards_origin->write("GET /");
        read_all(*others.origin);
        others.origin->write("200");
        read_all(*pair.towards_origin);
        pair.towards_client->write("200");
        read_all(*others.client);
    };
    std::printf("both handshakes, both ends  %8.0f us\n", microseconds_each(200, [&](int) {
                    Wire below, above;
                    Pair pair;
                    Others others;
                    connect(below, above, pair, others);
                }));

    std::vector<std::unique_ptr<Wire>> wires;
    std::vector<Pair> kept(static_cast<std::size_t>(pairs));
    for (int i = 0; i < 2 * pairs; ++i)
        wires.push_back(std::make_unique<Wire>());
    std::size_t taken = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        auto &below = *wires[2 * i], &above = *wires[2 * i + 1];
        const auto before = in_use();
        Others others;
        connect(below, above, kept[i], others);
        others = {}; // the device and the origin are other computers
        for (auto* bytes : {&below.line.to_client, &below.line.to_server, &above.line.to_client, &above.line.to_server})
            std::string().swap(*bytes); // nor are the cables
        taken += in_use() - before;
    }
    std::printf("an idle pair                %8.1f KiB\n", static_cast<double>(taken) / 1024 / pairs);
}
