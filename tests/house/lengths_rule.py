"""Files of at most 600 lines, functions of at most 70, and no notes of unfinished work."""
import re
import unittest

import source
import tree as trees

MOST_FILE_LINES = 600
WARN_FILE_LINES = 300
MOST_FUNCTION_LINES = 70

CODE = (".cpp", ".hpp", ".h", ".c", ".ts", ".tsx", ".mjs", ".js", ".py", ".sh", ".css", ".cmake")
SCANNED = (".cpp", ".hpp", ".h", ".c", ".ts", ".tsx", ".mjs", ".js")

# Written in two halves, because this file keeps the rule as well.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")

# A group of tests is a list, not a function; each test in it is one.
TEST_GROUP = re.compile(r"^(await )?(describe|suite)\b")


def is_code(tree, path):
    return path.endswith(CODE) or tree.text(path).startswith("#!")


def function_complaints(path, text):
    try:
        found = source.functions(text, source.is_typescript(path))
    except ValueError as error:
        yield f"{path}: {error}"
        return
    for function in found:
        if function.lines > MOST_FUNCTION_LINES and not TEST_GROUP.match(function.head):
            yield (f"{path}:{function.first}: a function of {function.lines} lines, "
                   f"at most {MOST_FUNCTION_LINES}: {function.head[:70]}")


def check(tree):
    for path in tree.files():
        if path.endswith((".png", ".ico", ".woff2", "package-lock.json", "LICENSE")) or not is_code(tree, path):
            continue
        text = tree.text(path)
        lines = text.count("\n")
        if lines > MOST_FILE_LINES:
            yield f"{path}: {lines} lines, at most {MOST_FILE_LINES}"
        for number, line in enumerate(text.split("\n"), 1):
            if UNFINISHED.search(line):
                yield f"{path}:{number}: unfinished work belongs into the list of issues"
        if path.endswith(SCANNED):
            yield from function_complaints(path, text)


def long_files(tree):
    """Files that may stay but should not grow."""
    for path in tree.files(*CODE):
        lines = tree.text(path).count("\n")
        if WARN_FILE_LINES < lines <= MOST_FILE_LINES:
            yield f"{path}: {lines} lines"


def body(lines):
    return "  x = 1;\n" * lines


class Lengths(trees.RuleTest):
    check = staticmethod(check)

    def test_names_the_files_that_should_not_grow(self):
        for line in long_files(trees.Tree(trees.ROOT)):
            print("long:", line)

    def test_notices_a_long_file(self):
        self.assert_accepted({"a.cpp": "int x;\n" * 600})
        self.assert_refused({"a.cpp": "int x;\n" * 601}, "a.cpp: 601 lines")

    def test_notices_a_long_function(self):
        self.assert_accepted({"a.cpp": "void f() {\n" + body(68) + "}\n"})
        self.assert_refused({"a.cpp": "void f() {\n" + body(69) + "}\n"}, "a.cpp:1: a function of 71 lines")

    def test_counts_the_head_and_not_the_neighbours(self):
        text = "namespace a {\nint x;\n\nvoid f(int a,\n       int b) {\n" + body(69) + "}\n}\n"
        self.assert_refused({"a.cpp": text}, "a.cpp:4: a function of 72 lines")
        self.assert_accepted({"a.cpp": ("void f() {\n" + body(40) + "}\n") * 5})

    def test_looks_into_classes_and_past_member_initialisers(self):
        text = "class A {\n public:\n  A(int x) : x_{x}, y_(x) {\n" + body(70) + "  }\n  int x_{0};\n};\n"
        self.assert_refused({"a.hpp": text}, "a.hpp:3: a function of 72 lines")

    def test_takes_no_table_or_class_for_a_function(self):
        self.assert_accepted({"a.cpp": "const int kTable[] = {\n" + "  f(1),\n" * 90 + "};\n"})
        self.assert_accepted({"a.hpp": "struct A {\n" + "  int f();\n" * 90 + "};\n"})

    def test_is_not_misled_by_texts_comments_and_branches(self):
        tricks = ('  call("}", \'{\', 1\'000);  // }\n  /* } */\n  text = R"x(}}" )x";\n'
                  "#if A\n  if (a) {\n#else\n  if (b) {\n#endif\n  }\n")
        self.assert_accepted({"a.cpp": "void f() {\n" + tricks + "}\nvoid g() {\n" + body(60) + "}\n"})
        self.assert_refused({"a.cpp": "void f() {\n" + tricks + body(70) + "}\n"}, "a function of")

    def test_notices_a_long_function_in_typescript(self):
        for head in ("function f(a: string): void {", "const f = (a: string) => {", "class A {\n  f(): void {"):
            tail = "}\n}\n" if head.startswith("class") else "}\n"
            text = head + "\n  const s = `a ${b ? `}` : '{'} c`; const r = /[}]\\//;\n" + body(70) + tail
            self.assert_refused({"a.ts": text}, "a function of 73 lines")
        self.assert_accepted({"a.ts": "function f() {\n" + body(68) + "}\n"})
        self.assert_accepted({"a_test.ts": "describe('x', () => {\n" + body(90) + "});\n"})

    def test_reads_destructured_parameters_and_jsx(self):
        text = ("export function F({\n  a,\n}: { a: string }): JSX.Element {\n" + "  const b = <p>{a} it's /<br /> {`x`} </p>;\n" +
                body(65) + "}\n")
        self.assert_accepted({"a.tsx": text})
        self.assert_refused({"a.tsx": text + text.replace(body(65), body(66)).replace("F(", "G(")}, "a.tsx:71: a function of 71 lines")

    def test_notices_braces_that_do_not_match(self):
        self.assert_refused({"a.cpp": "void f() {\n"}, "nothing closes")
        self.assert_refused({"a.cpp": "}\n"}, "nothing opened")

    def test_notices_unfinished_work(self):
        self.assert_refused({"a.cpp": "int x; // TO" "DO: more\n"}, "a.cpp:1: unfinished")
        self.assert_refused({"tool": "#!/bin/sh\n# FIX" "ME\n"}, "tool:2: unfinished")


if __name__ == "__main__":
    unittest.main()
