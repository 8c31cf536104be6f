#include "proxy/import/html_export.hpp"

#include <cstdint>
#include <cstdlib>

using namespace paravent;

/// Whatever a page holds, each row is one that the service takes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t step = data[0] + 1u;
    imports::Summing sums;
    imports::HtmlExport html(sums, "folder/page.html");
    imports::Problem problem;
    for (std::size_t at = 0; at < text.size() && problem.empty(); at += step)
        problem = html.read(text.substr(at, step));
    if (problem.empty())
        problem = html.end();
    sums.keep_linked(html.links());
    sums.finish();
    for (std::size_t i = 0; i < sums.rows(); ++i) {
        const auto row = sums.row(i);
        const auto again = activity::read_row(activity::line_of(row));
        if (!again || *again != row)
            std::abort();
    }
    return 0;
}
