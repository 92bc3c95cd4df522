"""C++ and TypeScript source without its comments and texts, and the functions in it.

Good enough to count lines and look for words by; no compiler. What it cannot know (macros that hide
braces, JSX text with a lone brace) does not occur in this repository, and would be noticed: the
scanner complains when the braces of a file do not close.
"""
import re

_RAW_STRING = re.compile(r'R"([^()\\\s]{0,16})\(')
_TYPESCRIPT_REGEX_BEFORE = re.compile(r"(?:^|[=(,:;!&|?{}\[\n]|\breturn|=>)\s*$")


def is_typescript(path):
    return path.endswith((".ts", ".tsx", ".mjs", ".js"))


class _Stripper:
    """Replaces comments and the insides of texts by spaces, keeping every line where it is."""

    def __init__(self, text, typescript):
        self.text, self.typescript = text, typescript
        self.out, self.at = [], 0
        self.template_depths = []  # brace depths at which a `${` was opened
        self.depth = 0

    def blank(self, end):
        self.out.append(re.sub(r"[^\n]", " ", self.text[self.at:end]))
        self.at = end

    def keep(self):
        self.out.append(self.text[self.at])
        self.at += 1

    def blank_text(self, quote):
        """From an opening quote to its end, or to the end of the line when there is none."""
        end = self.at + 1
        while end < len(self.text) and self.text[end] not in (quote, "\n"):
            end += 2 if self.text[end] == "\\" else 1
        self.blank(min(end + 1, len(self.text)))

    def blank_template(self):
        """From just inside a template text to its closing backquote or to the next `${`."""
        end = self.at
        while end < len(self.text) and self.text[end] != "`" and self.text[end:end + 2] != "${":
            end += 2 if self.text[end] == "\\" else 1
        if self.text[end:end + 2] == "${":
            self.template_depths.append(self.depth)
            self.blank(end + 2)
        else:
            self.blank(min(end + 1, len(self.text)))

    def blank_regex(self):
        end, in_class = self.at + 1, False
        while end < len(self.text) and self.text[end] != "\n":
            if self.text[end] == "\\":
                end += 1
            elif self.text[end] in "[]":
                in_class = self.text[end] == "["
            elif self.text[end] == "/" and not in_class:
                break
            end += 1
        self.blank(min(end + 1, len(self.text)))

    def is_digit_separator(self):
        word = re.search(r"\w*$", self.text[max(0, self.at - 20):self.at]).group()
        return not self.typescript and word and word not in ("L", "u", "U", "u8")

    def step_typescript(self, character):
        """True when it was something that only TypeScript has."""
        if character == "`":
            self.blank(self.at + 1)
            self.blank_template()
        elif character == "}" and self.template_depths and self.template_depths[-1] == self.depth:
            self.template_depths.pop()
            self.blank(self.at + 1)
            self.blank_template()
        elif character == "/" and self.text[self.at + 1:self.at + 2] != ">" and _TYPESCRIPT_REGEX_BEFORE.search("".join(self.out[-40:])):
            self.blank_regex()
        else:
            return False
        return True

    def step(self):
        character, two = self.text[self.at], self.text[self.at:self.at + 2]
        raw = None if self.typescript else _RAW_STRING.match(self.text, self.at)
        if two == "//":
            end = self.text.find("\n", self.at)
            self.blank(len(self.text) if end < 0 else end)
        elif two == "/*":
            end = self.text.find("*/", self.at + 2)
            self.blank(len(self.text) if end < 0 else end + 2)
        elif raw:
            end = self.text.find(f"){raw.group(1)}\"", raw.end())
            self.blank(len(self.text) if end < 0 else end + len(raw.group(1)) + 2)
        elif self.typescript and self.step_typescript(character):
            pass
        elif character == '"' or (character == "'" and not self.is_digit_separator()):
            self.blank_text(character)
        else:
            self.depth += {"{": 1, "}": -1}.get(character, 0)
            self.keep()

    def run(self):
        while self.at < len(self.text):
            self.step()
        return "".join(self.out)


def strip(text, typescript=False):
    """The source with comments and texts blanked; same length, same lines."""
    return _Stripper(text, typescript).run()


def without_preprocessor(code):
    """Stripped C++ with directives blanked, and of each #if only the first branch kept."""
    lines, hidden, continues = [], [], False
    for line in code.split("\n"):
        directive = re.match(r"\s*#\s*(\w+)", line)
        if directive and not continues:
            word = directive.group(1)
            if word in ("if", "ifdef", "ifndef"):
                hidden.append(False)
            elif word in ("else", "elif") and hidden:
                hidden[-1] = True
            elif word == "endif" and hidden:
                hidden.pop()
        drop = directive or continues or any(hidden)
        continues = bool(directive or continues) and line.endswith("\\")
        lines.append("" if drop else line)
    return "\n".join(lines)


class Function:
    """A function: the head it was recognised by, and its first and last line, head included."""

    def __init__(self, head, first, last):
        self.head, self.first, self.last = head, first, last

    @property
    def lines(self):
        return self.last - self.first + 1


def _is_cpp_function(head):
    if re.search(r"(^|[^\w])(namespace|extern)\s*[\w:]*\s*$", head):
        return False
    if re.match(r"(template\s*<.*>\s*)?(typedef\s+)?(class|struct|union|enum)\b", head) and not head.endswith(")"):
        return False
    # A table `= {` or a member `x_{` is no function, and neither is a brace among arguments.
    return "(" in head and not re.search(r"(=|,|\(|\breturn)$", head)


def _opens_member_initialiser(head):
    """True for the brace in `Name(int x) : member_{x} ...`: the body comes later."""
    after_parameters = re.search(r"\)\s*(noexcept\s*)?:(?!:)(.*)$", head, re.S)
    return bool(after_parameters) and re.search(r"[\w>]$", head) is not None


def _is_typescript_function(head):
    if re.search(r"=>$", head):
        return True
    if not re.search(r"\)\s*(:\s*[^(){}=]+)?$", head):
        return False
    return not re.search(r"(^|[^\w.])(if|for|while|switch|catch|with)\s*(await\s*)?\(", head)


_LABELS = ("public", "protected", "private")


class _Scanner:
    def __init__(self, code, typescript):
        self.code, self.typescript = code, typescript
        self.functions = []
        self.stack = []  # of (kind, head, first line, where the head began)
        self.parens = [0]
        self.head_start = None
        self.line = 1

    def head(self, at):
        return "" if self.head_start is None else re.sub(r"\s+", " ", self.code[self.head_start:at]).strip()

    def inside_function(self):
        return any(entry[0] == "function" for entry in self.stack)

    def open(self, at):
        head = self.head(at)
        first = self.line if self.head_start is None else 1 + self.code.count("\n", 0, self.head_start)
        if self.typescript:
            kind = "function" if _is_typescript_function(head) else "block"
        elif self.inside_function():
            kind = "block"
        elif self.parens[-1] > 0 or _opens_member_initialiser(head):
            kind = "initialiser"
        else:
            kind = "function" if _is_cpp_function(head) else "block"
        self.stack.append((kind, head, first, self.head_start))
        self.parens.append(0)
        self.head_start = None

    def close(self):
        if not self.stack:
            raise ValueError(f"line {self.line}: a brace closes that nothing opened")
        kind, head, first, head_start = self.stack.pop()
        self.parens.pop()
        if kind == "function":
            self.functions.append(Function(head, first, self.line))
        # After `member_{x}` the head of the constructor goes on, after `({ name }` that of the function.
        goes_on = kind == "initialiser" or (kind == "block" and self.parens[-1] > 0)
        self.head_start = head_start if goes_on else None

    def run(self):
        for at, character in enumerate(self.code):
            if character == "\n":
                self.line += 1
            elif character == "{":
                self.open(at)
            elif character == "}":
                self.close()
            elif character == ";" and self.parens[-1] == 0:
                self.head_start = None
            elif character == ":" and self.head(at) in _LABELS:
                self.head_start = None
            elif not character.isspace():
                if self.head_start is None:
                    self.head_start = at
                self.parens[-1] += {"(": 1, ")": -1}.get(character, 0)
        if self.stack:
            raise ValueError(f"line {self.stack[-1][2]}: a brace opens that nothing closes")
        return self.functions


def functions(text, typescript=False):
    """All functions of a source, in C++ the outermost, in TypeScript each. ValueError: braces do not match."""
    code = strip(text, typescript)
    if not typescript:
        code = without_preprocessor(code)
    return _Scanner(code, typescript).run()
