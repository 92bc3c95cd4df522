#include "hub/store/mariadb_inserter.hpp"

#include <soci/mysql/soci-mysql.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace espial::store {
namespace {

constexpr std::size_t kIntegers = 5;  // all but number and text
constexpr std::size_t kNumber = 5;
constexpr std::size_t kText = 6;
/// Servers take 16 MB and more at once; a text has at most kMaxTextBytes.
constexpr std::size_t kMaxRowsAtOnce = 2'000;

using Prepared = std::unique_ptr<MYSQL_STMT, decltype(&::mysql_stmt_close)>;

/// What may be NULL says so row by row.
using Indicators = std::vector<char>;
constexpr char indicator(bool is_there) {
  return static_cast<char>(is_there ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL);
}

/// The rows of one call, column by column.
struct Columns {
  std::array<std::vector<std::int64_t>, kIntegers> integers;
  std::vector<double> numbers;
  std::vector<const char*> texts;
  std::vector<unsigned long> text_lengths;
  Indicators has_number;
  Indicators has_text;

  void clear() {
    for (auto& column : integers) column.clear();
    numbers.clear();
    texts.clear();
    text_lengths.clear();
    has_number.clear();
    has_text.clear();
  }
  void add(const ReadingRow& reading) {
    const auto& [series, row] = reading.entry;
    integers[0].push_back(series.device().value);
    integers[1].push_back(series.slot());
    integers[2].push_back(series.field());
    integers[3].push_back(row.taken_at_ms);
    integers[4].push_back(static_cast<std::int64_t>(row.arrival));
    numbers.push_back(row.number);
    has_number.push_back(indicator(row.type == ValueType::number));
    texts.push_back(reading.text ? reading.text->data() : "");
    text_lengths.push_back(reading.text ? reading.text->size() : 0);
    has_text.push_back(indicator(reading.text.has_value()));
  }
};

class MariadbInserter final : public ReadingInserter {
 public:
  MariadbInserter(MYSQL* connection, std::string text)
      : text_(std::move(text)), statement_(::mysql_stmt_init(connection), &::mysql_stmt_close) {
    if (!statement_) throw soci::mysql_soci_error("out of memory", 0);
    check(::mysql_stmt_prepare(statement_.get(), text_.data(), text_.size()));
  }

  void insert(std::span<const ReadingRow> rows) override {
    while (!rows.empty()) {
      const auto some = rows.first(std::min(rows.size(), kMaxRowsAtOnce));
      columns_.clear();
      for (const ReadingRow& row : some) columns_.add(row);
      execute(static_cast<unsigned int>(some.size()));
      rows = rows.subspan(some.size());
    }
  }

 private:
  void execute(unsigned int count) {
    std::array<MYSQL_BIND, kText + 1> binds{};
    for (std::size_t i = 0; i < kIntegers; ++i) {
      binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
      binds[i].buffer = columns_.integers[i].data();
    }
    binds[kNumber].buffer_type = MYSQL_TYPE_DOUBLE;
    binds[kNumber].buffer = columns_.numbers.data();
    binds[kNumber].u.indicator = columns_.has_number.data();
    binds[kText].buffer_type = MYSQL_TYPE_BLOB;
    binds[kText].buffer = columns_.texts.data();
    binds[kText].length = columns_.text_lengths.data();
    binds[kText].u.indicator = columns_.has_text.data();
    check(::mysql_stmt_attr_set(statement_.get(), STMT_ATTR_ARRAY_SIZE, &count));
    check(::mysql_stmt_bind_param(statement_.get(), binds.data()));
    check(::mysql_stmt_execute(statement_.get()));
  }

  void check(int result) {
    if (result == 0) return;
    throw soci::mysql_soci_error(::mysql_stmt_error(statement_.get()),
                                 static_cast<int>(::mysql_stmt_errno(statement_.get())));
  }

  const std::string text_;
  Prepared statement_;
  Columns columns_;
};

}  // namespace

std::unique_ptr<ReadingInserter> make_mariadb_inserter(MYSQL* connection, std::string statement) {
  return std::make_unique<MariadbInserter>(connection, std::move(statement));
}

}  // namespace espial::store
