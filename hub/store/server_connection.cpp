#include "hub/store/server_connection.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

namespace espial::store {
namespace {

/// Texts are sent when they have become so long; servers take 16 MB and more.
constexpr std::size_t kMaxTextBytesAtOnce = 256 * 1'024;

constexpr char kVersionKey[] = "store.schema";

/// The pieces of a statement between its parameters.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> pieces(1);
  for (const char c : text) {
    if (c == '?') {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

class ServerStatement final : public Statement {
 public:
  ServerStatement(ServerConnection& connection, const std::string& text)
      : connection_(connection), pieces_(split(text)), values_(pieces_.size() - 1) {}

  bool next() override {
    if (!rows_) rows_ = connection_.ask(text());
    if (rows_->next()) return true;
    reset();
    return false;
  }
  void reset() override { rows_.reset(); }

  bool is_null(int column) const override { return !rows_->cell(column); }
  std::int64_t integer(int column) const override { return parse<std::int64_t>(column); }
  double number(int column) const override { return parse<double>(column); }
  std::string text(int column) const override {
    return std::string(rows_->cell(column).value_or(std::string_view()));
  }

 protected:
  void bind_integer(int position, std::int64_t value) override {
    append_integer(fresh(position), value);
  }
  void bind_number(int position, double value) override { append_number(fresh(position), value); }
  void bind_text(int position, std::string_view value) override {
    connection_.append_text(fresh(position), value);
  }
  void bind_null(int position) override { fresh(position) = "NULL"; }

 private:
  std::string& fresh(int position) {
    std::string& value = values_.at(static_cast<std::size_t>(position - 1));
    value.clear();
    return value;
  }

  std::string text() const {
    std::string text = pieces_.front();
    for (std::size_t i = 0; i < values_.size(); ++i) text += values_[i] + pieces_[i + 1];
    return text;
  }

  template <typename T>
  T parse(int column) const {
    const std::string_view cell = rows_->cell(column).value_or(std::string_view());
    T value{};
    std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return value;
  }

  ServerConnection& connection_;
  const std::vector<std::string> pieces_;
  std::vector<std::string> values_;
  std::unique_ptr<ServerRows> rows_;
};

class ServerInserter final : public ReadingInserter {
 public:
  ServerInserter(ServerConnection& connection, const std::string& table, IfThere if_there)
      : connection_(connection),
        beginning_("INSERT INTO " + table + " " + kReadingColumns + " VALUES "),
        end_(insertion_rule(connection.dialect(), if_there)) {}

  void insert(std::span<const ReadingRow> rows) override {
    while (!rows.empty()) {
      text_ = beginning_;
      std::size_t count = 0;
      while (count < rows.size() && text_.size() < kMaxTextBytesAtOnce) {
        if (count > 0) text_ += ',';
        append(rows[count++]);
      }
      text_ += end_;
      connection_.ask(text_);
      rows = rows.subspan(count);
    }
  }

 private:
  void append(const ReadingRow& reading) {
    const auto& [series, row] = reading.entry;
    fmt::format_to(std::back_inserter(text_), "({},{},{},{},{},", series.device().value,
                   series.slot(), series.field(), row.taken_at_ms, row.arrival);
    if (row.type == ValueType::number) {
      append_number(text_, row.number);
    } else {
      text_ += "NULL";
    }
    text_ += ',';
    if (reading.text) {
      connection_.append_bytes(text_, *reading.text);
    } else {
      text_ += "NULL";
    }
    text_ += ')';
  }

  ServerConnection& connection_;
  const std::string beginning_;
  const std::string end_;
  std::string text_;
};

}  // namespace

void append_integer(std::string& out, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), "{}", value);
}

// With an exponent, which makes it a double and no exact decimal in each engine.
void append_number(std::string& out, double value) {
  fmt::format_to(std::back_inserter(out), "{:.16e}", value);
}

std::unique_ptr<Statement> ServerConnection::prepare(const std::string& text) {
  return std::make_unique<ServerStatement>(*this, text);
}

std::unique_ptr<ReadingInserter> ServerConnection::inserter(const std::string& table,
                                                            IfThere if_there) {
  return std::make_unique<ServerInserter>(*this, table, if_there);
}

void ServerConnection::run_many(const std::string& text, std::span<const Value> values,
                                std::size_t parameters) {
  const std::vector<std::string> pieces = split(text);
  const auto append = [this](std::string& out, const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) {
      out += "NULL";
    } else if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
      append_integer(out, *integer);
    } else if (const auto* const number = std::get_if<double>(&value)) {
      append_number(out, *number);
    } else {
      append_text(out, std::get<std::string>(value));
    }
  };
  while (!values.empty()) {
    std::string all;
    while (!values.empty() && all.size() < kMaxTextBytesAtOnce) {
      if (!all.empty()) all += ';';
      all += pieces.front();
      for (std::size_t i = 0; i < parameters; ++i) {
        append(all, values[i]);
        all += pieces[i + 1];
      }
      values = values.subspan(parameters);
    }
    ask(all);
  }
}

std::uint32_t ServerConnection::schema_version() {
  if (!has_table("meta")) return 0;
  const auto query = prepare("SELECT \"value\" FROM meta WHERE \"key\" = ?");
  query->begin(std::string_view(kVersionKey));
  return query->next() ? static_cast<std::uint32_t>(query->integer(0)) : 0;
}

void ServerConnection::set_schema_version(std::uint32_t version) {
  prepare(upsert(dialect(), "meta", {"\"key\""}, {"\"value\""}))
      ->run(std::string_view(kVersionKey), std::string_view(std::to_string(version)));
}

// Other tables may well share a server's database with ours; not the names of ours. `meta` is the
// first one that we make.
bool ServerConnection::holds_something_else() { return !has_table("meta") && has_table("devices"); }

}  // namespace espial::store
