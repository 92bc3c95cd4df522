#pragma once

#include "core/coordinator/records.hpp"
#include "sim/digest.hpp"

namespace espial::sim {

/// Everything that a record tells a store goes into `digest`; what is only for restoring does not.
void add(Digest& digest, const coordinator::NodeRecord& record);
void add(Digest& digest, const coordinator::SessionRecord& record);
void add(Digest& digest, const coordinator::ReportRecord& record);
void add(Digest& digest, const coordinator::CommandRecord& record);
void add(Digest& digest, const coordinator::DescriptionRecord& record);
void add(Digest& digest, const MacAddress& mac, const coordinator::FormerKeys& former);

}  // namespace espial::sim
