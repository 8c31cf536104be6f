#include "proxy/cli/authorities.hpp"

#include "proxy/cli/client.hpp"
#include "proxy/cli/owner.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/files/file.hpp"

#include <boost/json.hpp>

#include <cstdlib>
#include <unistd.h>

namespace paravent::cli {
namespace {

namespace json = boost::json;

std::vector<std::string> texts_at(const json::object& object, std::string_view key)
{
    std::vector<std::string> out;
    for (const auto& text : object.at(key).as_array())
        out.emplace_back(text.as_string());
    return out;
}

std::int64_t time_at(const json::object& object, std::string_view key)
{
    return dashboard::parse_time(text_at(object, key)).value_or(0);
}

ShownAuthority shown(const json::object& answer)
{
    return {text_at(answer, "name"),      text_at(answer, "fingerprint"), time_at(answer, "created"),
            time_at(answer, "not_after"), texts_at(answer, "names"),      texts_at(answer, "domains"),
            text_at(answer, "notice"),    text_at(answer, "certificate")};
}

/// A place for the root's key, taken before it is made: a key that could not be written would be lost.
class Reserved {
public:
    explicit Reserved(const std::filesystem::path& file) : file_(file)
    {
        if (const auto problem = file_.empty() ? boost::system::error_code{} : files::write_whole(file_, {}))
            throw Failure(failed, dashboard::inert(file_.string()) + " cannot be written: " + problem.message() +
                                      "; no authority was made");
    }
    ~Reserved()
    {
        std::error_code ignored;
        if (!file_.empty() && !filled_)
            std::filesystem::remove(file_, ignored);
    }
    Reserved(const Reserved&) = delete;
    Reserved& operator=(const Reserved&) = delete;

    boost::system::error_code fill(std::string_view text)
    {
        const auto problem = files::write_whole(file_, text);
        filled_ = !problem;
        return problem;
    }

private:
    const std::filesystem::path file_;
    bool filled_ = false;
};

/// By the running service: in force at once.
class ByService : public Authorities {
public:
    /// Asks the service, so that one that is not there is found out. @throws Failure
    explicit ByService(const Place& place) : client_(place), now_(ask_all()) {}

    All all() override { return now_; }

    ShownAuthority make(bool second, const RootFile& root) override
    {
        json::object wish{{"renew", second}};
        Reserved place(root.file);
        if (!root.file.empty())
            wish["passphrase"] = json_text(root.passphrase);
        const auto answer = send("POST", "/authority", wish);
        const auto& made = answer.as_object();
        if (!root.file.empty())
            if (const auto problem = place.fill(text_at(made, "root_key"))) {
                (void)send("DELETE", "/authority" + query_of({{"fingerprint", text_at(made, "fingerprint")}}), nullptr);
                throw Failure(failed, dashboard::inert(root.file.string()) + " cannot be written: " +
                                          problem.message() + "; the authority was removed again");
            }
        return shown(made);
    }

    std::vector<std::string> remove(const std::string& fingerprint) override
    {
        const auto answer = send("DELETE", "/authority" + query_of({{"fingerprint", fingerprint}}), nullptr);
        return texts_at(answer.as_object(), "removed");
    }

private:
    All ask_all()
    {
        const auto answer = client_.get("/authority");
        const auto& body = answer.as_object();
        All all{{}, texts_at(body, "problems")};
        for (const auto& item : body.at("items").as_array())
            all.authorities.push_back(shown(item.as_object()));
        return all;
    }

    /// What cannot be is no matter of words here, so it ends as it does without a service: failed.
    json::value send(std::string_view method, const std::string& path, const json::value& body)
    try {
        return client_.send(method, path, body);
    } catch (const Refused& refusal) {
        throw Failure(failed, refusal.what());
    }

    Client client_;
    All now_;
};

bool is_given() noexcept
{
    const char* token = std::getenv("PARAVENT_TOKEN");
    return token != nullptr && *token != '\0';
}

/// What says that this state directory's service may be asked.
bool has_token(const Place& place)
{
    return is_given() || ::access((state_at(place) / "token").c_str(), R_OK) == 0;
}

} // namespace

std::unique_ptr<Authorities> authorities_of(const Place& place)
{
    if (!has_token(place))
        return authorities_on_disk(place);
    try {
        return std::make_unique<ByService>(place);
    } catch (const NotRunning&) {
        return authorities_on_disk(place);
    } catch (const Refused& refusal) {
        // Who listens there does not know the token of this state directory, so it is another directory's service.
        if (refusal.http_status == 401 && !is_given())
            return authorities_on_disk(place);
        throw;
    }
}

} // namespace paravent::cli
