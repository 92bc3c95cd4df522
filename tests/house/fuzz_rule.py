"""Every function that reads bytes from outside is named in a libFuzzer target."""
import pathlib
import re
import unittest

import source
import tree as trees

ROOMS = ("core/", "station/", "ports/", "hub/")
# Behind the doors of a room; what a person types on the command line; a file with our own checksum.
NOT_FROM_OUTSIDE = ("detail.hpp", "hub/main/", "hub/http/client.hpp", "ports/linux/settings_file.hpp")
# How our parsers are called: a function parse(), parse_x(), decode_x() or read_x_body(), declared in
# a header, of bytes or text. Methods of that name in classes count as well.
PARSER = re.compile(r"(?<![\w.>])(parse|parse_\w+|decode|decode_\w+|read_\w+_body)\s*\(\s*[\w:]")

# Parsers that a fuzzed one calls with the very bytes it was given.
REACHED_THROUGH = {"parse_first_reading": "parse_readings", "parse_first_packet": "parse_packets",
                   "parse_target": "Router", "parse_number": "Router"}


def declared_parsers(tree):
    """(name, header, line) of every parser that a header declares."""
    for path in tree.files(".hpp"):
        if path.startswith(ROOMS) and not path.endswith("_test.hpp") and not any(part in path for part in NOT_FROM_OUTSIDE):
            code = source.strip(tree.text(path))
            for match in PARSER.finditer(code):
                line_start = code.rfind("\n", 0, match.start()) + 1
                before = code[line_start:match.start()].strip()
                # A declaration has a type before the name; a call in an inline function does not.
                if re.search(r"[\w>&*\]]$", before) and "=" not in before and not before.endswith("return"):
                    yield match.group(1), path, code.count("\n", 0, match.start()) + 1


def check(tree):
    targets = {path: source.strip(tree.text(path)) for path in tree.files("_fuzz.cpp")}
    for path, code in targets.items():
        if "LLVMFuzzerTestOneInput" not in code:
            yield f"{path}: is no libFuzzer target"
    # Declared twice (overloads, friends) is one function to call.
    once = {(name, path): line for name, path, line in reversed(list(declared_parsers(tree)))}
    for (name, path), line in sorted(once.items(), key=lambda item: (item[0][1], item[1])):
        called = re.compile(rf"\b{REACHED_THROUGH.get(name, name)}\b")
        looked_at = targets.values()
        if name in ("parse", "decode"):  # says too little about whose it is: a neighbour that includes it
            looked_at = [code for target, code in targets.items()
                         if pathlib.Path(target).parent == pathlib.Path(path).parent and path in tree.text(target)]
        if not any(called.search(code) for code in looked_at):
            yield f"{path}:{line}: {name}() has no fuzz target: no *_fuzz.cpp calls it"


TARGET = '#include "core/wire/a.hpp"\nextern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* d, std::size_t n) { %s; return 0; }\n'


class Fuzz(trees.RuleTest):
    check = staticmethod(check)

    def test_notices_a_parser_without_target(self):
        header = "#pragma once\nParsed<A> parse_a(ByteView bytes);\nParsed<B> parse_b(ByteView bytes);\n"
        self.assert_refused({"core/wire/a.hpp": header}, "parse_a() has no fuzz target")
        one = {"core/wire/a.hpp": header, "core/wire/a_fuzz.cpp": TARGET % "parse_a({d, n})"}
        self.assert_refused(one, "core/wire/a.hpp:3: parse_b()")
        both = {**one, "core/wire/b_fuzz.cpp": TARGET % "parse_b({d, n})"}
        self.assert_accepted(both)

    def test_a_comment_is_no_call(self):
        self.assert_refused({"core/wire/a.hpp": "Parsed<A> parse_a(ByteView bytes);\n",
                             "core/wire/a_fuzz.cpp": "// parse_a(x)\n" + TARGET % ""}, "parse_a()")

    def test_a_bare_parse_needs_a_neighbour_that_includes_it(self):
        header = {"core/wire/a.hpp": "std::optional<A> parse(std::string_view text);\n"}
        other = (TARGET % "b::parse(x)").replace("a.hpp", "b.hpp")
        self.assert_refused({**header, "core/wire/b_fuzz.cpp": other}, "core/wire/a.hpp:1: parse()")
        self.assert_refused({**header, "core/link/a_fuzz.cpp": TARGET % "a::parse(x)"}, "core/wire/a.hpp:1: parse()")
        self.assert_accepted({**header, "core/wire/b_fuzz.cpp": TARGET % "a::parse(x)"})

    def test_notices_a_target_that_is_none(self):
        self.assert_refused({"core/wire/a_fuzz.cpp": "int main() {}\n"}, "is no libFuzzer target")


if __name__ == "__main__":
    unittest.main()
