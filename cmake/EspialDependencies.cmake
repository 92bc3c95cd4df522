# Everything Espial takes from the distribution. Nothing is vendored.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED) # by version, never by package name: 1.74 is Debian 12's default
find_package(OpenSSL 3.0 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(date REQUIRED) # time zones with the system's database: GCC 12's <chrono> has none
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(RAPIDJSON REQUIRED IMPORTED_TARGET RapidJSON)
pkg_check_modules(MARIADB REQUIRED IMPORTED_TARGET libmariadb)
pkg_check_modules(POSTGRESQL REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
if(ESPIAL_BENCH)
  find_package(benchmark REQUIRED)
endif()

# libsoci-dev ships no CMake package file.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
find_library(SOCI_CORE_LIBRARY soci_core REQUIRED)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3 REQUIRED)
find_library(SOCI_MYSQL_LIBRARY soci_mysql REQUIRED)
find_library(SOCI_POSTGRESQL_LIBRARY soci_postgresql REQUIRED)
add_library(espial_soci INTERFACE)
target_include_directories(espial_soci SYSTEM INTERFACE ${SOCI_INCLUDE_DIR})
target_link_libraries(espial_soci INTERFACE
  ${SOCI_CORE_LIBRARY} ${SOCI_SQLITE3_LIBRARY} ${SOCI_MYSQL_LIBRARY} ${SOCI_POSTGRESQL_LIBRARY}
  PkgConfig::SQLITE PkgConfig::MARIADB PkgConfig::POSTGRESQL)

add_library(espial_asio INTERFACE)
target_link_libraries(espial_asio INTERFACE Boost::headers Threads::Threads)

add_library(espial_prometheus INTERFACE)
target_link_libraries(espial_prometheus INTERFACE PkgConfig::PROMETHEUS)
