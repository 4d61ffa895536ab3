#pragma once

#include <memory>
#include <span>
#include <vector>

#include "payload_index/runs/run.h"

namespace sextant::payload_index {

// What: one run made of several while changes go on. Compact keeps runs so small that no change waits long for a merge;
// every filter goes through all of them, so that they are merged further when there is time.
// Immutable; any thread.
struct RunMerge {
  std::vector<std::shared_ptr<const Run::Columns>> inputs;  // their identities
  Run merged;                                               // the points that were live in them
};

// The runs that should be merged next; none if that would bring too little. At rest these are the smallest ones, as
// many as do not make a run too large to be copied, and none that is larger than the others together: a point is then
// copied a logarithmic number of times. At any time a large run that is mostly dead. Runs that lack columns are left
// alone.
std::vector<Run> RunsToMerge(std::span<const Run> runs, bool at_rest);

// Precondition: at least one run, with all columns.
RunMerge MergeOf(std::vector<Run> runs, std::span<const IndexedField> fields);

// Puts the merged run in the place of its inputs, for what is still live in them. False, and nothing is changed, when
// an input is gone or has other columns now.
bool Replace(const RunMerge& merge, std::vector<Run>* runs);

}  // namespace sextant::payload_index
