#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/features/dispobox/boxes.hpp"
#include "hub/features/feature_fixture_test.hpp"

namespace espial::dispobox {

/// The boxes over a real database; nodes' answers go in, what applications are told comes out.
class BoxesFixture : public features::FeatureFixture {
 protected:
  void begin() {
    const store::Snapshot snapshot = open();
    for (const store::FunctionRecord& record : snapshot.functions) {
      station::FunctionState function;
      function.slot = record.slot;
      function.kind = record.kind;
      if (function.kind == 0) continue;
      std::vector<station::FunctionState> functions = live_->find(record.device)->functions;
      functions.push_back(function);
      ASSERT_EQ(live_->set_functions(record.device, functions), station::Outcome::done);
    }
    for (const store::Reading& reading : snapshot.latest) {
      station::Value value = station::Value::of(reading.field, reading.number);
      value.type = reading.type;
      (void)live_->apply_reading(reading.device, reading.slot, reading.taken_at, &value, 1);
    }
    documents_.emplace(*committer_, snapshot.documents);
    boxes_.emplace(Boxes::Ports{*live_, *committer_, *documents_, [this] { return unix_; },
                                [this](const std::vector<BoxView>& views, std::uint8_t changed) {
                                  changes_.emplace_back(changed, views);
                                }});
    boxes_->restore(snapshot);
  }

  /// A node says the same so many times.
  void say(std::string_view text, int times = 1) {
    const Answer answer = std::get<Answer>(parse_answer(text));
    for (const Sample& sample : answer.samples) node_.set(sample.box);
    for (int i = 0; i < times; ++i) boxes_->on_answer(now_, answer, node_);
  }
  void pass(Duration time) {
    now_ = now_ + time;
    unix_.ms += time.ms();
    boxes_->tick(now_, open_);
  }
  const station::Device* box(std::uint8_t number) const { return live_->find(box_address(number)); }
  bool shows(std::uint8_t number, std::optional<double> present) {
    return settle([&] {
      const station::Device* const device = box(number);
      if (device == nullptr || device->hidden) return false;
      const auto* const function = device->function(Boxes::kPresenceSlot);
      const auto* const value = function == nullptr ? nullptr : function->value(0);
      if (value == nullptr) return false;
      if (device->online != present.has_value()) return false;
      return present ? value->type == station::ValueType::number && value->number == *present
                     : value->type == station::ValueType::none;
    });
  }

  Instant now_{1'000'000'000};
  UnixTime unix_{1'774'598'400'000};
  bool open_ = true;
  std::bitset<kBoxCount> node_;
  std::optional<store::Documents> documents_;
  std::optional<Boxes> boxes_;
  std::vector<std::pair<std::uint8_t, std::vector<BoxView>>> changes_;
};

}  // namespace espial::dispobox
