#include "hub/main/label_sheet.hpp"

#include <qrencode.h>

#include <cerrno>
#include <memory>

namespace espial::main {
namespace {

/// A reader wants so many light squares around the code.
constexpr std::size_t kMargin = 4;
constexpr std::size_t kColumns = 5;
constexpr int kPageWidth_mm = 210;
constexpr int kPageMargin_mm = 10;
constexpr int kLabelWidth_mm = 38;
constexpr int kLabelHeight_mm = 42;
constexpr int kCode_mm = 34;

bool dark_at(const QrCode& code, std::size_t x, std::size_t y) {
  const bool inside =
      x >= kMargin && y >= kMargin && x - kMargin < code.width && y - kMargin < code.width;
  return inside && code.dark[(y - kMargin) * code.width + x - kMargin];
}

std::string label_svg(const SheetLabel& label, std::size_t index) {
  const auto code = make_qr(label.text);
  if (!code) return {};
  const int x = kPageMargin_mm + static_cast<int>(index % kColumns) * kLabelWidth_mm;
  const int y = kPageMargin_mm + static_cast<int>(index / kColumns) * kLabelHeight_mm;
  const std::string size = std::to_string(code->width);
  return "<g transform=\"translate(" + std::to_string(x) + " " + std::to_string(y) + ")\">" +
         "<svg width=\"" + std::to_string(kCode_mm) + "\" height=\"" + std::to_string(kCode_mm) +
         "\" viewBox=\"0 0 " + size + " " + size + "\" shape-rendering=\"crispEdges\"><path d=\"" +
         qr_as_path(*code) + "\"/></svg><text x=\"" + std::to_string(kCode_mm / 2) + "\" y=\"" +
         std::to_string(kCode_mm + 4) + "\" font-size=\"3\" text-anchor=\"middle\">" + label.mac +
         "</text></g>\n";
}

}  // namespace

std::optional<QrCode> make_qr(std::string_view text) {
  const std::string whole(text);
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
      QRcode_encodeString(whole.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  if (!made) return std::nullopt;
  QrCode code;
  code.width = static_cast<std::size_t>(made->width);
  for (std::size_t i = 0; i < code.width * code.width; ++i) {
    code.dark.push_back((made->data[i] & 1U) != 0);
  }
  return code;
}

std::string qr_as_text(const QrCode& code) {
  constexpr const char* kBoth = "\u2588";
  constexpr const char* kUpper = "\u2580";
  constexpr const char* kLower = "\u2584";
  // White on black, whatever the terminal's own colours are.
  constexpr const char* kBegin = "\033[97;40m";
  constexpr const char* kEnd = "\033[0m\n";
  const std::size_t side = code.width + 2 * kMargin;
  std::string text;
  for (std::size_t y = 0; y < side; y += 2) {
    text += kBegin;
    for (std::size_t x = 0; x < side; ++x) {
      const bool upper = !dark_at(code, x, y);
      const bool lower = y + 1 < side && !dark_at(code, x, y + 1);
      text += upper && lower ? kBoth : upper ? kUpper : lower ? kLower : " ";
    }
    text += kEnd;
  }
  return text;
}

std::string qr_as_path(const QrCode& code) {
  std::string path;
  for (std::size_t y = 0; y < code.width; ++y) {
    for (std::size_t x = 0; x < code.width; ++x) {
      const std::size_t from = x;
      while (x < code.width && code.dark[y * code.width + x]) ++x;
      if (x == from) continue;
      const std::string run = std::to_string(x - from);
      path += 'M' + std::to_string(from) + ' ' + std::to_string(y) + 'h' + run + "v1h-" + run + 'z';
    }
  }
  return path;
}

std::string label_sheet(const std::vector<SheetLabel>& labels) {
  const std::size_t rows = (labels.size() + kColumns - 1) / kColumns;
  const std::string width = std::to_string(kPageWidth_mm);
  const std::string height =
      std::to_string(2 * kPageMargin_mm + static_cast<int>(rows) * kLabelHeight_mm);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width +
                    "mm\" height=\"" + height + "mm\" viewBox=\"0 0 " + width + " " + height +
                    "\" font-family=\"monospace\">\n<rect width=\"100%\" height=\"100%\" "
                    "fill=\"#fff\"/>\n";
  for (std::size_t i = 0; i < labels.size(); ++i) svg += label_svg(labels[i], i);
  return svg + "</svg>\n";
}

}  // namespace espial::main
