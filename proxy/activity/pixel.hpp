#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/secrets.hpp"

namespace paravent::activity {

/// Fills in what the pixel's fields tell (meta-reference.md sections 2 and 6): account, name, site and page by `dl`,
/// value, contents, custom data, kinds of identifiers. Never a value of an identifier, one of `secrets` among
/// them.
void read_pixel(const Fields& fields, Secrets& secrets, Event& event);

} // namespace paravent::activity
