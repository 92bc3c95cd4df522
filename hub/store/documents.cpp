#include "hub/store/documents.hpp"

#include <algorithm>
#include <utility>

namespace espial::store {

Documents::Documents(Committer& committer, std::vector<Document> stored) : committer_(committer) {
  for (Document& document : stored) {
    collections_[std::move(document.collection)][std::move(document.name)] =
        std::move(document.body);
  }
}

const std::string* Documents::find(std::string_view collection, std::string_view name) const {
  const Collection& documents = all(collection);
  const auto place = documents.find(name);
  return place == documents.end() ? nullptr : &place->second;
}

const Documents::Collection& Documents::all(std::string_view collection) const {
  static const Collection kNone;
  const auto place = collections_.find(collection);
  return place == collections_.end() ? kNone : place->second;
}

bool Documents::put(Document document, std::optional<AuditRecord> audit,
                    std::function<void()> on_stored) {
  Unit unit;
  unit.changes.emplace_back(document);
  if (audit) unit.changes.emplace_back(*std::move(audit));
  // Within its limits a unit without readings and devices breaks no rule of the schema, so the
  // verdict can only be "stored".
  if (!std::all_of(unit.changes.begin(), unit.changes.end(), within_limits)) return false;
  if (on_stored) unit.completion = [on_stored = std::move(on_stored)](Verdict) { on_stored(); };
  if (!committer_.submit(std::move(unit))) return false;
  adopt(std::move(document));
  return true;
}

void Documents::adopt(Document document) {
  Collection& collection = collections_[document.collection];
  if (document.body.empty()) {
    collection.erase(document.name);
  } else {
    collection[document.name] = std::move(document.body);
  }
}

}  // namespace espial::store
