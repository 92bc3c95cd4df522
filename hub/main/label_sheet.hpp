#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace espial::main {

/// A QR code: squares that are dark or not.
struct QrCode {
  std::size_t width = 0;
  std::vector<bool> dark;  ///< row by row
};

/// @returns nothing for a text that no QR code holds.
std::optional<QrCode> make_qr(std::string_view text);

/// For a terminal: two rows a line, light where the code is light, with the margin it needs.
std::string qr_as_text(const QrCode& code);

/// The dark squares as the path of an SVG, a unit a square, without the margin it needs.
std::string qr_as_path(const QrCode& code);

/// One label of a sheet.
struct SheetLabel {
  std::string mac;
  std::string text;
};

/// An SVG page in millimetres, A4 wide, for the printer: a QR code a label with the address under
/// it.
std::string label_sheet(const std::vector<SheetLabel>& labels);

}  // namespace espial::main
