#include "proxy/policy/state_file.hpp"

#include "proxy/files/file.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace paravent::policy {

boost::system::result<std::string> StateFile::read() const
{
    auto content = files::read_file(path_, largest);
    if (content)
        return std::move(content->text);
    if (content.error() == boost::system::errc::no_such_file_or_directory)
        return std::string{};
    return content.error();
}

boost::system::error_code StateFile::write(std::string_view text) const
{
    return files::write_whole(path_, text);
}

boost::system::result<std::filesystem::path> StateFile::move_aside() const
{
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> stamp{};
    std::strftime(stamp.data(), stamp.size(), ".broken-%Y%m%dT%H%M%S", &utc);
    std::filesystem::path aside = path_;
    aside += stamp.data();
    if (rename(path_.c_str(), aside.c_str()) != 0)
        return boost::system::error_code(errno, boost::system::system_category());
    return aside;
}

void StateFile::remove_moved_aside() const
{
    const std::string prefix = path_.filename().string() + ".broken-";
    std::error_code ignored;
    for (std::filesystem::directory_iterator entry(path_.parent_path(), ignored), end; !ignored && entry != end;
         entry.increment(ignored))
        if (entry->path().filename().string().starts_with(prefix))
            unlink(entry->path().c_str());
}

} // namespace paravent::policy
