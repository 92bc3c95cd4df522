#pragma once

#include "hub/store/soci_support.hpp"

namespace espial::store {

/// The write-ahead log of the connection that writes. SQLite would carry it over into the database
/// within whichever commit makes it too long, and that commit would wait for it.
class WriteAheadLog {
 public:
  explicit WriteAheadLog(soci::session& session);
  WriteAheadLog(const WriteAheadLog&) = delete;
  WriteAheadLog& operator=(const WriteAheadLog&) = delete;

  bool is_long() const;
  /// Carries over what no reader needs any more. Throws SOCI's errors.
  void carry_over();

 private:
  soci::session& session_;
  int pages_ = 0;
};

}  // namespace espial::store
