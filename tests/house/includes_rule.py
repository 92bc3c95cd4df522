"""Includes point only downwards (rooms.json), and nothing comes into a room that it must do without."""
import json
import pathlib
import re
import unittest

import source
import tree as trees

TABLE = json.loads(pathlib.Path(__file__).with_name("rooms.json").read_text(encoding="utf-8"))
LINE_OF = {room: number for number, line in enumerate(TABLE["lines"]) for room in line}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
TESTS = ("_test.cpp", "_test.hpp", "_fuzz.cpp", "_fuzz.hpp", "_bench.cpp", "_bench.hpp")
BEFORE_NAME = re.compile(r"([\w>&*]+)\s+$")


def is_declaration(before):
    """`Random random(seed)` declares, `return random()` and `= random()` call."""
    word = BEFORE_NAME.search(before)
    return bool(word) and word.group(1) not in ("return", "else", "case", "throw", "co_return")


def room_of(path):
    """The room a file of the repository lies in, or "" outside all of them."""
    known = list(LINE_OF) + TABLE["outside"]
    return next((room for room in known if path.startswith(room + "/")), "")


def may_include(room, target, is_test):
    if room == target or room in TABLE["outside"]:
        return True
    if is_test and target in TABLE["tests_too"][""] + TABLE["tests_too"].get(room, []):
        return True
    if target not in LINE_OF or LINE_OF[target] >= LINE_OF[room]:
        return False
    return target not in TABLE["closed"] or room in TABLE["closed"][target]


def include_complaint(tree, path, room, included):
    """What is wrong with one quoted include, or nothing."""
    target = TABLE["generated"].get(included) or room_of(included)
    if not target:
        return f'"{included}" is not rooted at a room of the repository'
    # "x.hpp.in" is what CMake makes x.hpp of.
    is_there = any((tree.root / name).is_file() for name in (included, included + ".in"))
    if included not in TABLE["generated"] and not is_there:
        return f'"{included}" does not exist'
    if not may_include(room, target, path.endswith(TESTS)):
        return f"{room} may not include {target} ({included})"
    return ""


def in_rooms(path, rooms):
    return any(path.startswith(room + "/") for room in rooms)


def forbidden_complaints(path, text, included):
    code = source.strip(text)
    for ban in TABLE["forbidden"]:
        if not in_rooms(path, ban["rooms"]):
            continue
        for line, name in included:
            if name in ban["headers"]:
                yield f"{path}:{line}: <{name}>: {ban['why']}"
        for word in ban["words"]:
            for match in re.finditer(word, code, re.M):
                line_start = code.rfind("\n", 0, match.start()) + 1
                if "(" in match.group() and is_declaration(code[line_start:match.start()]):
                    continue
                line = code.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {match.group().strip()}: {ban['why']}"


def check(tree):
    for path in tree.files(".cpp", ".hpp", ".h"):
        room, text = room_of(path), tree.text(path)
        if not room:
            yield f"{path}: lies in no room of rooms.json"
            continue
        system = []
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            if match.group(1) == "<":
                system.append((line, match.group(2)))
                if room_of(match.group(2)):
                    yield f"{path}:{line}: <{match.group(2)}>: our own files are included with quotes"
                continue
            wrong = include_complaint(tree, path, room, match.group(2))
            if wrong:
                yield f"{path}:{line}: {wrong}"
        if not path.endswith(TESTS):
            yield from forbidden_complaints(path, text, system)


class Includes(trees.RuleTest):
    check = staticmethod(check)

    def one(self, path, text, others=()):
        return {path: text, **{other: "#pragma once\n" for other in others}}

    def test_downwards_is_accepted(self):
        self.assert_accepted(self.one("core/link/a.cpp", '#include "core/wire/b.hpp"\n#include <array>\n', ["core/wire/b.hpp"]))

    def test_upwards_sideways_and_skipping_doors_are_refused(self):
        for path, target in (("core/wire/a.cpp", "core/link/b.hpp"), ("core/node/a.hpp", "core/gateway/b.hpp"),
                             ("station/a.cpp", "hub/store/b.hpp"), ("core/session/a.cpp", "sim/b.hpp"),
                             ("hub/http/a.cpp", "sim/b.hpp"), ("hub/features/a.cpp", "hub/main/b.hpp"),
                             ("ports/linux/a.cpp", "sim/b.hpp"), ("core/port/a.hpp", "firmware/b.hpp")):
            with self.subTest(path=path, target=target):
                self.assert_refused(self.one(path, f'#include "{target}"\n', [target]), "may not include")

    def test_a_test_may_use_the_world_and_nothing_else_from_above(self):
        self.assert_accepted(self.one("core/session/a_test.cpp", '#include "sim/b.hpp"\n', ["sim/b.hpp"]))
        self.assert_refused(self.one("core/session/a_test.cpp", '#include "hub/store/b.hpp"\n', ["hub/store/b.hpp"]),
                            "may not include")

    def test_paths_that_are_not_rooted_or_not_there_are_refused(self):
        self.assert_refused(self.one("core/wire/a.cpp", '#include "b.hpp"\n', ["core/wire/b.hpp"]), "not rooted")
        self.assert_refused(self.one("core/wire/a.cpp", '#include "core/wire/b.hpp"\n'), "does not exist")
        self.assert_refused(self.one("core/wire/a.cpp", "#include <core/wire/b.hpp>\n", ["core/wire/b.hpp"]), "with quotes")
        self.assert_refused({"attic/a.cpp": "int x;\n"}, "in no room")

    def test_forbidden_headers_are_refused(self):
        for header in ("chrono", "random", "thread", "cstdio", "iostream"):
            for room in ("core/base", "station", "sim"):
                with self.subTest(header=header, room=room):
                    self.assert_refused(self.one(f"{room}/a.cpp", f"#include <{header}>\n"), f"<{header}>")
        self.assert_refused(self.one("core/node/a.cpp", "#include <vector>\n"), "<vector>")
        self.assert_accepted(self.one("station/a.cpp", "#include <vector>\n"))
        self.assert_accepted(self.one("hub/store/a.cpp", "#include <chrono>\n"))

    def test_forbidden_words_are_refused(self):
        for text in ("int f() { return rand(); }", "int x = rand();", "void f() { if (x) rand(); }", "auto t = std::time(nullptr);", "void* p = malloc(4);",
                     "auto* p = new int;", "void f(int* p) { delete p; }", "void f() { throw 1; }",
                     "#ifdef ESP32\nint x;\n#endif", "#if defined(__linux__)\n#endif"):
            with self.subTest(text=text):
                self.assert_refused(self.one("core/base/a.cpp", text + "\n"), "core/base/a.cpp:1:")

    def test_harmless_neighbours_of_those_words_are_accepted(self):
        for text in ("// rand() is not used here", 'const char* kText = "new house";', "Mac(const Mac&) = delete;",
                     "Random random(seed);", "A::A() : x_(1),\n    random(2) {}", "int x = clock_.time();", "int y = a->free();", "#ifdef ESPIAL_BENCH\n#endif", "struct A { int free(); };"):
            with self.subTest(text=text):
                self.assert_accepted(self.one("sim/a.cpp", text + "\n"))


if __name__ == "__main__":
    unittest.main()
