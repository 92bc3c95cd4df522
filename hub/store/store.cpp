#include "hub/store/store.hpp"

namespace espial::store {

std::string_view to_text(StoreError error) {
  switch (error) {
    case StoreError::none:
      return "the database works";
    case StoreError::locked:
      return "another program holds the database: close it, or wait until it is done";
    case StoreError::away:
      return "the database's server does not answer: start it, or check its address";
    case StoreError::denied:
      return "the database's server refuses us: check user and password, and that it has such a "
             "database";
    case StoreError::untrusted:
      return "the database's server does not prove who it is: write a name of its certificate as "
             "HOST, and after tls_ca= the file of the authority that signed it";
    case StoreError::full:
      return "there is no space left for the database: make room on its disk";
    case StoreError::io:
      return "the database's disk does not work: check that its folder exists and the disk is well";
    case StoreError::read_only:
      return "the database may not be written: check the rights of its file and folder";
    case StoreError::corrupt:
      return "the file is damaged or no database of Espial: restore a backup or choose another "
             "file";
    case StoreError::too_new:
      return "the database was written by a later version of Espial: use that version";
    case StoreError::constraint:
      return "a change breaks a rule of the database";
    case StoreError::not_open:
      return "the database is not open";
    case StoreError::other:
      return "the database failed";
  }
  return "unknown";
}

}  // namespace espial::store
