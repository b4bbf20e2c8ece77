#include "common/text/zone_labeler.h"
namespace wirewatch {
class ZoneLabeler::Impl {};
ZoneLabeler::ZoneLabeler() = default;
ZoneLabeler::~ZoneLabeler() = default;
void ZoneLabeler::label(ArticleText&) const {}
}
