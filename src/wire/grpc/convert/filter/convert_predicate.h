#pragma once

#include "base/status.h"
#include "qdrant_common.pb.h"
#include "types/filter.h"

namespace sextant::wire {

// What a field condition asks of a value.
// kFormat without a member, for a place that is none on earth and for rings that are not closed; kWrongInput for texts
// and polygons above the limits of types/filter.h and for what is not supported yet.
Result<Predicate> ConvertMatch(const qdrant::Match& match);
Result<Predicate> ConvertGeoBoundingBox(const qdrant::GeoBoundingBox& box);
Result<Predicate> ConvertGeoRadius(const qdrant::GeoRadius& circle);
Result<Predicate> ConvertGeoPolygon(const qdrant::GeoPolygon& polygon);
// kFormat for a time outside of the years 1 to 9999.
Result<Predicate> ConvertDatetimeRange(const qdrant::DatetimeRange& range);

}  // namespace sextant::wire
