#pragma once

#include <cstddef>
#include <string_view>

namespace espial::configuration {

/// The line on which a value of a JSON text begins, by its path: "/Peers/0/Devices/2/Type"; where
/// it is not there, that of the nearest one around it. The text must be JSON (checked by a parser
/// before); names are taken as they are written. Nothing is kept but the path to where it reads.
std::size_t line_of_value(std::string_view text, std::string_view path);

/// The line in which a byte lies, from 1 on.
std::size_t line_of_byte(std::string_view text, std::size_t byte);

}  // namespace espial::configuration
