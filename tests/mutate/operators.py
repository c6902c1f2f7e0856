"""Small changes to Python source: what a mutant is, and every one that a file allows.

Changes are made in the text, not in a printed syntax tree, so that a diff shows the one thing that differs.
"""

import ast
import copy
import difflib
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

KINDS = (
    "compare",  # < for <=, in for not in
    "condition",  # negated, or always true; one arm of a conditional expression
    "and-or",  # one operand of and/or dropped, or the one word for the other
    "branch",  # what an if, else, except, finally or case does
    "statement",  # a call, an assignment, break, continue, raise or an early return dropped
    "argument",  # an argument given by name dropped
    "constant",  # a number, True or False
    "word",  # text without spaces: codes, keys, field names, bytes
    "sentence",  # text with spaces, or one value in it
    "arithmetic",  # + for -
    "return",  # None, or the negated condition
)

# Their arguments are for type checkers or for speed.
IDLE_CALLS = {"TypeVar", "ParamSpec", "NewType", "cast", "cache", "lru_cache", "dataclass", "record", "overload"}
IDLE_NAMES = {"__all__", "__slots__", "__version__"}
IDLE_ARGUMENTS = {"strict"}
COMPARISONS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
}
COMPARISON = re.compile(rb"\bnot\s+in\b|\bis\s+not\b|\bin\b|\bis\b|<=|>=|==|!=|<|>")
ARITHMETIC: dict[type[ast.operator], tuple[bytes, bytes]] = {
    ast.Add: (b"+", b"-"),
    ast.Sub: (b"-", b"+"),
    ast.Mult: (b"*", b"+"),
    ast.Div: (b"/", b"*"),
    ast.FloorDiv: (b"//", b"*"),
    ast.Mod: (b"%", b"//"),
    ast.LShift: (b"<<", b">>"),
    ast.RShift: (b">>", b"<<"),
    ast.BitAnd: (b"&", b"|"),
    ast.BitOr: (b"|", b"&"),
}


@dataclass(frozen=True)
class Mutant:
    """One change: bytes ``start`` to ``end`` of the file become ``new``.

    ``lines`` (first, last) are those that a test must execute to notice; ``at_import``: they run when the module is
    imported, so which tests executed them says nothing.
    """

    path: str
    kind: str
    start: int
    end: int
    new: bytes
    lines: tuple[int, int]
    at_import: bool

    @property
    def name(self) -> str:
        return f"{self.path}:{self.lines[0]}:{self.start}-{self.end}:{self.kind}:{self.new.decode()}"

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.new + source[self.end :]

    def key(self, source: bytes) -> str:
        """Names the change by its lines before and after, and their neighbours, in any file: 12 hexadecimal digits."""
        line = source.rfind(b"\n", 0, self.start) + 1
        first = source.rfind(b"\n", 0, max(line - 1, 0)) + 1
        last = source.find(b"\n", self.end)
        last = source.find(b"\n", last + 1) if last >= 0 else last
        last = len(source) if last < 0 else last
        before = b" ".join(source[first:last].split())
        after = b" ".join((source[first : self.start] + self.new + source[self.end : last]).split())
        return hashlib.sha256(before + b"\n" + after).hexdigest()[:12]

    def diff(self, source: bytes) -> str:
        old, new = source.decode().splitlines(), self.apply(source).decode().splitlines()
        return "\n".join(difflib.unified_diff(old, new, self.path, f"{self.path} ({self.kind})", lineterm="", n=2))


def is_change(mutant: Mutant, source: bytes) -> bool:
    """Whether the result is Python and means something else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            changed = ast.parse(mutant.apply(source))
            compile(changed, mutant.path, "exec")
        except (SyntaxError, ValueError):
            return False
    return ast.dump(changed) != ast.dump(ast.parse(source))


def mutants(path: str, source: bytes) -> list[Mutant]:
    """Every change that the file allows; some may be no Python (`is_change`)."""
    return sorted(_Finder(path, source).find(), key=lambda found: (found.start, found.end, found.kind, found.new))


@dataclass(frozen=True)
class _Place:
    """Where the walk is: the header of the innermost statement, and the function around it."""

    lines: tuple[int, int]
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    in_lambda: bool = False

    @property
    def at_import(self) -> bool:
        return self.function is None and not self.in_lambda


class _Finder:
    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.source = source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[Mutant] = []

    def find(self) -> list[Mutant]:
        self._block(ast.parse(self.source).body, _Place((1, 1)))
        return self.found

    # The text of a node.

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.expr) -> bytes:
        return self.source[self._start(node) : self._end(node)]

    def _line(self, offset: int) -> int:
        return self.source.count(b"\n", 0, offset) + 1

    def _add(self, kind: str, start: int, end: int, new: bytes, place: _Place) -> None:
        lines = (self._line(start), self._line(end))
        self.found.append(Mutant(self.path, kind, start, end, new, lines, place.at_import))

    def _replace(self, kind: str, node: ast.expr | ast.stmt, new: bytes | str, place: _Place) -> None:
        self._add(kind, self._start(node), self._end(node), new.encode() if isinstance(new, str) else new, place)

    def _replace_block(self, kind: str, block: Sequence[ast.stmt], new: bytes, place: _Place) -> None:
        if block and not all(isinstance(one, ast.Pass) for one in block):
            self._add(kind, self._start(block[0]), self._end(block[-1]), new, place)

    # Statements.

    def _block(self, block: Sequence[ast.stmt], place: _Place) -> None:
        for statement in block:
            self._statement(statement, place)

    def _statement(self, node: ast.stmt, outer: _Place) -> None:
        place = _Place((node.lineno, node.end_lineno or node.lineno), outer.function)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._function(node, place)
            return
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                self._expression(decorator, place)
            self._block(node.body, place)
            return
        if isinstance(node, ast.Assign | ast.AnnAssign) and self._is_idle(node):
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, ast.If) and self._is_for_type_checkers(node):
            return
        if isinstance(node, ast.Raise) and node.exc is not None and ast.unparse(node.exc) == "NotImplementedError":
            return  # a method that every class of the kind has
        self._drop(node, place)
        self._branches(node, place)
        for name, value in ast.iter_fields(node):
            if name == "annotation":
                continue
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.stmt):
                    self._statement(part, place)
                elif isinstance(part, ast.expr):
                    self._expression(part, place)
                elif isinstance(part, ast.ExceptHandler):
                    self._block(part.body, place)
                elif isinstance(part, ast.match_case):
                    if part.guard:
                        self._condition(part.guard, place)
                        self._expression(part.guard, place)
                    self._block(part.body, place)
                elif isinstance(part, ast.withitem):
                    self._expression(part.context_expr, place)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> None:
        if any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list):
            return
        defaults = [*node.args.defaults, *(value for value in node.args.kw_defaults if value)]
        for part in [*node.decorator_list, *defaults]:
            self._expression(part, place)
        self._block(node.body, _Place(place.lines, node))

    @staticmethod
    def _is_idle(node: ast.Assign | ast.AnnAssign) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id in IDLE_NAMES for target in targets):
            return True
        return isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith("TypeAlias")

    @staticmethod
    def _is_for_type_checkers(node: ast.If) -> bool:
        test = ast.unparse(node.test)
        return test.endswith("TYPE_CHECKING") or test == "__name__ == '__main__'"

    def _drop(self, node: ast.stmt, place: _Place) -> None:
        match node:
            case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
                self._replace("statement", node, "pass", place)
            case ast.AugAssign() | ast.Delete() | ast.Continue() | ast.Break() | ast.Raise():
                self._replace("statement", node, "pass", place)
            case ast.Assign(targets=[target]) if self._can_drop(target, place):
                self._replace("statement", node, "pass", place)
            case ast.Return(value=value) if place.function:
                if node is not place.function.body[-1]:
                    self._replace("statement", node, "pass", place)
                if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
                    returns = place.function.returns
                    if returns is not None and ast.unparse(returns) == "bool":
                        self._replace("return", value, b"not (" + self._text(value) + b")", place)
                    else:
                        self._replace("return", value, "None", place)

    @staticmethod
    def _can_drop(target: ast.expr, place: _Place) -> bool:
        """Whether the program could run on without the assignment: its name has another value, too."""
        if isinstance(target, ast.Attribute | ast.Subscript):
            return True
        if not isinstance(target, ast.Name) or place.function is None:
            return False
        names = Counter(
            part.id
            for part in ast.walk(place.function)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        )
        arguments = {part.arg for part in ast.walk(place.function.args) if isinstance(part, ast.arg)}
        return names[target.id] > 1 or target.id in arguments

    def _augmented(self, node: ast.AugAssign, place: _Place) -> None:
        if type(node.op) in ARITHMETIC:
            old, new = ARITHMETIC[type(node.op)]
            start = self.source.find(old + b"=", self._end(node.target), self._start(node.value))
            if start >= 0:
                self._add("arithmetic", start, start + len(old), new, place)

    def _branches(self, node: ast.stmt, place: _Place) -> None:
        if isinstance(node, ast.AugAssign):
            self._augmented(node, place)
        elif isinstance(node, ast.If):
            self._condition(node.test, place)
            self._replace_block("branch", node.body, b"pass", place)
            if not (len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)):
                self._replace_block("branch", node.orelse, b"pass", place)
        elif isinstance(node, ast.While):
            if not isinstance(node.test, ast.Constant):
                self._replace("condition", node.test, "False", place)
        elif isinstance(node, ast.For):
            self._replace_block("branch", node.orelse, b"pass", place)
        elif isinstance(node, ast.Try):
            for handler in node.handlers:
                self._replace_block("branch", handler.body, b"raise", place)
            self._replace_block("branch", node.orelse, b"pass", place)
            self._replace_block("branch", node.finalbody, b"pass", place)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                self._replace_block("branch", case.body, b"pass", place)

    # Expressions.

    def _condition(self, test: ast.expr, place: _Place) -> None:
        self._replace("condition", test, "True", place)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self._replace("condition", test, self._text(test.operand), place)
        elif not (isinstance(test, ast.Compare) and len(test.ops) == 1):  # that is a change of kind "compare"
            self._replace("condition", test, b"not (" + self._text(test) + b")", place)

    def _expression(self, node: ast.expr, place: _Place) -> None:
        handler: Callable[[ast.expr, _Place], None] | None = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if handler:
            handler(node, place)
        if self._is_closed(node):
            return
        if isinstance(node, ast.Lambda):
            for default in [*node.args.defaults, *(value for value in node.args.kw_defaults if value)]:
                self._expression(default, place)
            self._expression(node.body, _Place(place.lines, place.function, in_lambda=True))
            return
        for part in self._parts(node):
            self._expression(part, place)

    @staticmethod
    def _is_closed(node: ast.expr) -> bool:
        """Whether nothing within counts: types, what is for type checkers, and f-strings (they are changed whole)."""
        if isinstance(node, ast.JoinedStr | ast.Constant):
            return True
        if isinstance(node, ast.Subscript):
            return ast.unparse(node.value).split(".")[-1] in {"Literal", "Annotated", "Callable"}
        return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in IDLE_CALLS - {"cast"}

    def _parts(self, node: ast.expr) -> Iterator[ast.expr]:
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "cast":
            yield from node.args[1:]
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield child
            elif isinstance(child, ast.keyword):
                yield child.value
            elif isinstance(child, ast.comprehension):
                yield from (child.iter, *child.ifs)

    def _on_compare(self, node: ast.Compare, place: _Place) -> None:
        left = node.left
        for right in node.comparators:
            start = self._end(left)
            match = COMPARISON.search(self.source, start, self._start(right))
            if match:
                for new in COMPARISONS[" ".join(match[0].decode().split())]:
                    self._add("compare", match.start(), match.end(), new.encode(), place)
            left = right

    def _on_boolop(self, node: ast.BoolOp, place: _Place) -> None:
        word, other = (b"and", b"or") if isinstance(node.op, ast.And) else (b"or", b"and")
        texts = [b"(" + self._text(value) + b")" for value in node.values]
        for number in range(len(texts)):
            rest = texts[:number] + texts[number + 1 :]
            self._replace("and-or", node, b"(" + (b" " + word + b" ").join(rest) + b")", place)
        self._replace("and-or", node, b"(" + (b" " + other + b" ").join(texts) + b")", place)

    def _on_ifexp(self, node: ast.IfExp, place: _Place) -> None:
        for part in (node.body, node.orelse):
            self._replace("condition", node, b"(" + self._text(part) + b")", place)

    def _on_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, place: _Place
    ) -> None:
        for part in node.generators:
            for test in part.ifs:
                self._condition(test, place)

    _on_listcomp = _on_setcomp = _on_dictcomp = _on_generatorexp = _on_comprehension

    def _on_binop(self, node: ast.BinOp, place: _Place) -> None:
        if type(node.op) not in ARITHMETIC:
            return
        old, new = ARITHMETIC[type(node.op)]
        start = self.source.find(old, self._end(node.left), self._start(node.right))
        if start >= 0:
            self._add("arithmetic", start, start + len(old), new, place)

    def _on_call(self, node: ast.Call, place: _Place) -> None:
        if self._is_closed(node):
            return
        given: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=self._start)
        for number, argument in enumerate(given):
            if not isinstance(argument, ast.keyword) or argument.arg is None or argument.arg in IDLE_ARGUMENTS:
                continue
            start, end = self._start(argument), self._end(argument)
            if number + 1 < len(given):
                end = self._start(given[number + 1])
            elif number:
                start = self._end(given[number - 1])
            self._add("argument", start, end, b"", place)

    def _on_constant(self, node: ast.Constant, place: _Place) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace("constant", node, repr(not value), place)
        elif isinstance(value, int):
            for other in (value + 1, value - 1):
                if other >= 0:
                    self._replace("constant", node, repr(other), place)
        elif isinstance(value, float):
            self._replace("constant", node, repr(value * 2 + 1), place)
        elif isinstance(value, bytes):
            self._replace("word", node, repr(value + b"x"), place)
        elif isinstance(value, str):
            if " " in value.strip():
                self._replace("sentence", node, '"x"', place)
            else:
                self._replace("word", node, repr(value + "x"), place)

    def _on_joinedstr(self, node: ast.JoinedStr, place: _Place) -> None:
        text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        kind = "sentence" if " " in text.strip() else "word"
        for number, part in enumerate(node.values):
            if isinstance(part, ast.FormattedValue):
                changed = copy.deepcopy(node)
                changed.values[number] = ast.Constant("?")
                self._replace(kind, node, ast.unparse(changed), place)
        if text:
            self._replace(kind, node, '"x"', place)
