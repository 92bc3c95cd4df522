#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/store/committer.hpp"

namespace espial::store {

/// The documents as they are in the database, or will be after the commits under way. Each feature
/// keeps to the collections that are its own. Used on the thread of the committer's io_context.
class Documents {
 public:
  /// By name.
  using Collection = std::map<std::string, std::string, std::less<>>;

  /// `stored` is the snapshot's; `committer` must outlive this.
  Documents(Committer& committer, std::vector<Document> stored);

  /// The body; nullptr where there is none. Valid until the next `put`.
  const std::string* find(std::string_view collection, std::string_view name) const;
  /// Valid until the next `put`.
  const Collection& all(std::string_view collection) const;

  /// Takes effect here at once. `on_stored` is called when the document is on disk, and `audit`,
  /// who did it, with it; that is the moment to tell whoever asked for it.
  /// @retval false  beyond the store's limits, or its backlog is full: nothing has changed, and
  ///                `on_stored` will not be called.
  [[nodiscard]] bool put(Document document, std::optional<AuditRecord> audit = std::nullopt,
                         std::function<void()> on_stored = {});
  /// Takes effect here: the caller has put it into a unit of his own, beside what it belongs to.
  void adopt(Document document);

 private:
  Committer& committer_;
  std::map<std::string, Collection, std::less<>> collections_;
};

}  // namespace espial::store
