"""Which cells of a notebook show something, and which of the others they need for it."""

import ast


def cells_shown(notebook):
    """The numbers of the cells that end in an expression, and of those that make what these use, in order.

    What only computes and asserts is left out: the layer before this one has run it.
    """
    wanted, kept = set(), []
    for number in reversed(range(len(notebook.cells))):
        cell = notebook.cells[number]
        body = ast.parse(cell.source).body if cell.cell_type == "code" else []
        made, changed, used = set(), set(), set()
        for node in (node for statement in body for node in ast.walk(statement)):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
            elif isinstance(node, ast.alias):
                made.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                made.add(node.name)
            elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
                changed |= _names(node)
        changed |= {name for statement in body if _calls(statement) for name in _names(statement.value.func)}
        if (body and _shows(body[-1])) or wanted & (made | changed):
            kept.append(number)
            wanted = (wanted - made) | used
    return kept[::-1]


def _shows(statement):
    printed = _calls(statement) and getattr(statement.value.func, "id", "") == "print"
    return isinstance(statement, ast.Expr) and not printed


def _calls(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def _names(node):
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
