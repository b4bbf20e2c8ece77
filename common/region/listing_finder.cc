#include <algorithm>
#include <cstring>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

using Aside = RegionScratch::Aside;

// Exchanges of Reuters instrument codes ("7203.T", "VOWG.DE") whose firms are mostly of the
// country. Left out: those on which firms of many countries are listed (Luxembourg), and codes that
// changed hands (".S").
struct Exchange {
  std::string_view code;
  std::string_view country;
};
constexpr Exchange kExchanges[] = {
    {"A", "US"},   {"AS", "NL"}, {"AT", "GR"}, {"AX", "AU"}, {"BA", "AR"}, {"BK", "TH"},
    {"BO", "IN"},  {"BR", "BE"}, {"BU", "HU"}, {"CO", "DK"}, {"DE", "DE"}, {"DU", "AE"},
    {"F", "DE"},   {"HE", "FI"}, {"HK", "HK"}, {"I", "IE"},  {"IS", "TR"}, {"J", "ZA"},
    {"JK", "ID"},  {"JO", "ZA"}, {"KL", "MY"}, {"KQ", "KR"}, {"KS", "KR"}, {"L", "GB"},
    {"LS", "PT"},  {"MC", "ES"}, {"MI", "IT"}, {"MM", "RU"}, {"MX", "MX"}, {"N", "US"},
    {"NS", "IN"},  {"NZ", "NZ"}, {"O", "US"},  {"OL", "NO"}, {"OQ", "US"}, {"PA", "FR"},
    {"PR", "CZ"},  {"PS", "PH"}, {"SA", "BR"}, {"SE", "SA"}, {"SI", "SG"}, {"SN", "CL"},
    {"SS", "CN"},  {"ST", "SE"}, {"SZ", "CN"}, {"T", "JP"},  {"TA", "IL"}, {"TO", "CA"},
    {"TW", "TW"},  {"V", "CA"},  {"VI", "AT"}, {"WA", "PL"}, {"Z", "CH"},  {"VX", "CH"},
    {"TWO", "TW"},
};

constexpr std::size_t kCodeMax = 8;      // Letters and digits of a firm.
constexpr std::size_t kListingMax = 64;  // Of an article.

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// The country of the exchange where the code that ends before `end` is listed: "<7203.T>",
// "(BP.L)". `begin` is set to where it begins. The empty code where there is none.
CountryCode listing_before(std::string_view text, std::size_t end, std::size_t& begin) {
  std::size_t dot = end;
  while (dot > 0 && end - dot < 3 && is_upper(text[dot - 1])) --dot;
  if (dot == end || dot == 0 || text[dot - 1] != '.') return {};
  const std::string_view exchange = text.substr(dot, end - dot);
  begin = dot - 1;
  while (begin > 0 && dot - begin < kCodeMax &&
         (is_upper(text[begin - 1]) || (text[begin - 1] >= '0' && text[begin - 1] <= '9'))) {
    --begin;
  }
  if (begin == dot - 1 || begin == 0 || (text[begin - 1] != '<' && text[begin - 1] != '('))
    return {};
  const auto* known = std::find_if(std::begin(kExchanges), std::end(kExchanges),
                                   [&](const Exchange& each) { return each.code == exchange; });
  return known == std::end(kExchanges) ? CountryCode() : CountryCode(known->country);
}

}  // namespace

// Agencies write the code of a firm's shares after its name; its exchange tells where the firm is
// at home.
void RegionClassifier::find_listings(Work& work) {
  std::vector<Aside>& asides = work.scratch.asides;
  const ArticleText& text = work.text;
  const std::string_view body = text.body();
  const std::size_t most = asides.size() + kListingMax;
  for (const char close : {'>', ')'}) {
    for (std::size_t at = body.find(close); at != std::string_view::npos && asides.size() < most;
         at = body.find(close, at + 1)) {
      std::size_t begin = 0;
      const CountryCode country = listing_before(body, at, begin);
      if (country.empty()) continue;
      asides.push_back(
          {.token_begin = text.token_at(Field::kBody, static_cast<std::uint32_t>(begin)),
           .token_end = text.token_at(Field::kBody, static_cast<std::uint32_t>(at)),
           .country = country});
    }
  }
  std::sort(asides.begin(), asides.end(),
            [](const Aside& a, const Aside& b) { return a.token_begin < b.token_begin; });
}

}  // namespace wirewatch
