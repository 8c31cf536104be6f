#pragma once

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

/// So many times the rules, and what one decision took.
struct GrowthPoint {
    std::size_t times;
    std::size_t rules;
    double mean_ns;
};

inline std::string words(const char* format, double number)
{
    char text[64];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

/// Bars for a terminal, in proportion to the first point.
inline std::string growth_bars(const std::vector<GrowthPoint>& points)
{
    std::string out = "mean ns for one decision\n";
    for (const GrowthPoint& p : points) {
        const double ratio = p.mean_ns / points.front().mean_ns;
        std::string bar;
        for (int i = 0; i < static_cast<int>(ratio * 20 + 0.5); ++i)
            bar += "█";
        out += words("%3.0f x ", static_cast<double>(p.times)) + bar + words(" %.0f ns,", p.mean_ns) +
               words(" %.2f x\n", ratio);
    }
    return out;
}

/// The same as a picture: time over rules, and the line that it must stay below.
inline void write_growth_svg(const std::vector<GrowthPoint>& points, const std::string& file)
{
    constexpr double left = 60, right = 560, bottom = 200, top = 20, most_times = 10, most_ratio = 2;
    const auto x = [&](double times) { return left + (right - left) * times / most_times; };
    const auto y = [&](double ratio) { return bottom - (bottom - top) * ratio / most_ratio; };
    std::ofstream out(file);
    out << R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 250" font-family="sans-serif" font-size="12">)"
        << "\n<rect width=\"640\" height=\"250\" fill=\"#fff\"/>\n";
    const auto line = [&](double x1, double y1, double x2, double y2, const char* style) {
        out << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2 << "\" " << style
            << "/>\n";
    };
    const auto text = [&](double at_x, double at_y, const char* anchor, const std::string& words) {
        out << "<text x=\"" << at_x << "\" y=\"" << at_y << "\" text-anchor=\"" << anchor << "\">" << words
            << "</text>\n";
    };
    line(left, bottom, right, bottom, "stroke=\"#333\"");
    line(left, bottom, left, top, "stroke=\"#333\"");
    for (const double ratio : {0.0, 1.0, 2.0})
        text(left - 8, y(ratio) + 4, "end", std::to_string(static_cast<int>(ratio)) + " x");
    line(left, y(1.5), right, y(1.5), "stroke=\"#b00\" stroke-dasharray=\"5 4\"");
    text(right + 4, y(1.5) + 4, "start", "goal 1.5 x");
    std::string path;
    for (const GrowthPoint& p : points) {
        const double ratio = p.mean_ns / points.front().mean_ns;
        const double px = x(static_cast<double>(p.times));
        path += std::to_string(px) + ',' + std::to_string(y(ratio)) + ' ';
        out << "<circle cx=\"" << px << "\" cy=\"" << y(ratio) << "\" r=\"4\" fill=\"#06c\"/>\n";
        text(px, y(ratio) + 20, "middle", words("%.0f ns", p.mean_ns));
        text(px, bottom + 18, "middle", std::to_string(p.times) + " x");
    }
    out << "<polyline points=\"" << path << "\" fill=\"none\" stroke=\"#06c\" stroke-width=\"2\"/>\n";
    text((left + right) / 2, bottom + 38, "middle",
         "rules (1 x = EasyList + EasyPrivacy, " + std::to_string(points.front().rules) + ")");
    out << "</svg>\n";
}
