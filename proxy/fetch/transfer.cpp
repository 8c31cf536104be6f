#include "proxy/fetch/transfer.hpp"

#include "proxy/net/address.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <curl/curl.h>
#include <openssl/ssl.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace paravent::fetch {
namespace {

using lists::FetchReply;
using lists::FetchRequest;
using Clock = std::chrono::steady_clock;

constexpr int most_redirects = 5;

/// One address asked, and what it answered.
struct Hop {
    std::string* text = nullptr;
    CURL* curl = nullptr;
    std::string trust;
    bool inside_refused = false; ///< only addresses out on the internet may be connected to
    // What happened:
    bool too_large = false, went_inside = false, trust_unreadable = false;
    bool connected_inside = false;
};

/// Only the text itself is taken: nobody reads error pages and redirects' bodies.
std::size_t take_body(char* data, std::size_t, std::size_t size, void* context)
{
    auto& hop = *static_cast<Hop*>(context);
    long status = 0;
    curl_easy_getinfo(hop.curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return 0;
    if (size > lists::largest_fetched - hop.text->size()) {
        hop.too_large = true;
        return 0;
    }
    hop.text->append(data, size);
    return size;
}

/// Judged when it is dialled, so that no name can lead a redirect into the home.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* to)
{
    auto& hop = *static_cast<Hop*>(context);
    boost::asio::ip::tcp::endpoint endpoint;
    std::memcpy(endpoint.data(), &to->addr, std::min<std::size_t>(to->addrlen, endpoint.capacity()));
    const bool inside = !net::is_public(net::unmapped(endpoint.address()));
    hop.connected_inside |= inside;
    if (inside && hop.inside_refused) {
        hop.went_inside = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

CURLcode add_trust(CURL*, void* ssl, void* context)
{
    auto& hop = *static_cast<Hop*>(context);
    if (SSL_CTX_load_verify_locations(static_cast<SSL_CTX*>(ssl), hop.trust.c_str(), nullptr) == 1)
        return CURLE_OK;
    hop.trust_unreadable = true;
    return CURLE_ABORTED_BY_CALLBACK;
}

bool begins_with(std::string_view url, std::string_view lower)
{
    for (std::size_t i = 0; i < lower.size(); ++i)
        if (i >= url.size() || std::tolower(static_cast<unsigned char>(url[i])) != lower[i])
            return false;
    return true;
}

std::string field(CURL* curl, const char* name)
{
    constexpr std::size_t longest = 512;
    curl_header* found = nullptr;
    if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK || std::strlen(found->value) > longest)
        return {};
    return found->value;
}

/// What a person is told of an answer that is neither a text nor a redirect.
std::string words_of(long status)
{
    std::string words = "answers " + std::to_string(status);
    for (const auto& [number, phrase] : {std::pair{401L, " (it wants a login)"},
                                         {403L, " (it refuses)"},
                                         {404L, " (there is nothing at this address)"},
                                         {410L, " (the list was given up)"},
                                         {429L, " (it was asked too often)"}})
        if (status == number)
            words += phrase;
    return status >= 500 ? words + " (its server has a fault)" : words;
}

class Transfer {
public:
    Transfer(const FetchRequest& request, std::string& text)
        : request_(request), text_(text), end_(Clock::now() + request.whole),
          curl_(curl_easy_init(), curl_easy_cleanup), fields_(nullptr, curl_slist_free_all)
    {
        if (!curl_)
            throw std::bad_alloc();
        hop_.text = &text;
        hop_.curl = curl_.get();
        hop_.trust = request.trust;
        set_up();
    }

    FetchReply run()
    {
        std::string url = request_.url;
        for (int redirects = 0;; ++redirects) {
            const bool secure = begins_with(url, "https://");
            if (!secure && (was_secure_ || !request_.insecure || !begins_with(url, "http://")))
                return error((redirects ? "leads to " + lists::one_line(url, 200) : "is no https address") +
                             (redirects ? ", and only https is followed" : ""));
            if (redirects > most_redirects)
                return error("leads from one address to the next, more than " + std::to_string(most_redirects) +
                             " times");
            was_secure_ = was_secure_ || secure;
            const CURLcode result = ask(url, secure, redirects);
            long status = 0;
            curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
            if (result != CURLE_OK && !(result == CURLE_WRITE_ERROR && status != 200))
                return error(words_of(result));
            if (status == 200)
                return whole();
            if (status == 304 && !(request_.etag.empty() && request_.last_modified.empty()))
                return unchanged();
            char* next = nullptr;
            if (status < 300 || status > 399 || status == 304 ||
                curl_easy_getinfo(curl_.get(), CURLINFO_REDIRECT_URL, &next) != CURLE_OK || next == nullptr)
                return error(fetch::words_of(status));
            url = next;
        }
    }

private:
    template <class Value>
    void set(CURLoption option, Value value)
    {
        if (const CURLcode code = curl_easy_setopt(curl_.get(), option, value); code != CURLE_OK)
            throw std::runtime_error(std::string("libcurl lacks an option: ") + curl_easy_strerror(code));
    }

    void set_up()
    {
        set(CURLOPT_ERRORBUFFER, detail_.data());
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_FOLLOWLOCATION, 0L); // we follow ourselves, and judge each address
        set(CURLOPT_USERAGENT, "Paravent");
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_WRITEFUNCTION, &take_body);
        set(CURLOPT_WRITEDATA, &hop_);
        set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
        set(CURLOPT_OPENSOCKETDATA, &hop_);
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect.count()));
        set(CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(request_.idle.count() / 1000)));
        set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(lists::largest_fetched));
        // Never by the environment's proxy, which may be Paravent itself.
        set(CURLOPT_PROXY, request_.upstream.c_str());
        set(CURLOPT_NOPROXY, "");
        if (!request_.upstream_user.empty()) {
            set(CURLOPT_PROXYUSERNAME, request_.upstream_user.c_str());
            set(CURLOPT_PROXYPASSWORD, request_.upstream_password.c_str());
        }
        if (!request_.trust.empty()) {
            set(CURLOPT_SSL_CTX_FUNCTION, &add_trust);
            set(CURLOPT_SSL_CTX_DATA, &hop_);
        }
        // Unpacked by whom examines it: libcurl does not mind a gzip stream that was cut short.
        add_field("Accept-Encoding: ", "gzip");
        add_field("If-None-Match: ", request_.etag);
        add_field("If-Modified-Since: ", request_.last_modified);
        set(CURLOPT_HTTPHEADER, fields_.get());
    }

    void add_field(const std::string& name, const std::string& value)
    {
        if (value.empty())
            return;
        curl_slist* longer = curl_slist_append(fields_.get(), (name + value).c_str());
        if (longer == nullptr)
            throw std::bad_alloc();
        (void)fields_.release(); // its first node is the longer one's
        fields_.reset(longer);
    }

    CURLcode ask(const std::string& url, bool secure, int redirects)
    {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
        if (left <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        text_.clear();
        // Who subscribed to an address at home may be led on at home; a stranger leads nobody there. What another
        // proxy dials is that proxy's to judge.
        hop_.inside_refused = redirects > 0 && request_.upstream.empty() && !hop_.connected_inside;
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
        return curl_easy_perform(curl_.get());
    }

    FetchReply whole()
    {
        FetchReply reply;
        reply.kind = FetchReply::Kind::text;
        reply.etag = field(curl_.get(), "ETag");
        reply.last_modified = field(curl_.get(), "Last-Modified");
        return reply;
    }

    FetchReply unchanged()
    {
        FetchReply reply;
        reply.kind = FetchReply::Kind::unchanged;
        reply.etag = request_.etag;
        reply.last_modified = request_.last_modified;
        return reply;
    }

    FetchReply error(std::string words)
    {
        text_.clear();
        FetchReply reply;
        reply.error = std::move(words);
        return reply;
    }

    std::string words_of(CURLcode code) const
    {
        const std::string detail = detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code);
        if (hop_.too_large || code == CURLE_FILESIZE_EXCEEDED)
            return "is larger than " + std::to_string(lists::largest_fetched >> 20) + " MiB";
        if (hop_.went_inside)
            return "leads to an address inside the home, which only the list's own address may name";
        if (hop_.trust_unreadable)
            return "was not asked: no certificate can be read from [tls] trust, " + request_.trust;
        switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "cannot be found: its name has no address (DNS)";
        case CURLE_COULDNT_CONNECT:
            return "cannot be reached: " + detail;
        case CURLE_OPERATION_TIMEDOUT:
            return "was too slow: " + detail;
        case CURLE_PEER_FAILED_VERIFICATION:
            return "is not trusted: " + detail;
        case CURLE_PARTIAL_FILE:
        case CURLE_RECV_ERROR:
            return "broke off before its end: " + detail;
        default:
            return "failed: " + detail;
        }
    }

    const FetchRequest& request_;
    std::string& text_;
    const Clock::time_point end_;
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> fields_;
    std::array<char, CURL_ERROR_SIZE> detail_{};
    Hop hop_;
    bool was_secure_ = false;
};

} // namespace

FetchReply transfer(const FetchRequest& request, std::string& text)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    // At once, so that it never is there twice while it grows; pages that are not filled cost nothing.
    text.reserve(lists::largest_fetched);
    return Transfer(request, text).run();
}

} // namespace paravent::fetch
