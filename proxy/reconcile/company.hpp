#pragma once

#include <string>
#include <string_view>

namespace paravent::reconcile {

/// What a company's name and its site's name have in common: letters and digits in lower case without accents, the
/// words for the kind of company left out ("Zalando SE" -> "zalando", "L'Oréal Paris" -> "lorealparis"). Empty where
/// nothing is left that tells companies apart.
std::string label_of_company(std::string_view name);

/// The same of a site: its registrable domain without the public suffix and hyphens ("le-monde.fr" -> "lemonde").
std::string label_of_site(std::string_view site);

/// The registrable domain that a name is or begins with ("www.shop.example" -> "shop.example", "Shop.example, Inc." ->
/// the same), empty where there is none.
std::string site_in_name(std::string_view name);

} // namespace paravent::reconcile
