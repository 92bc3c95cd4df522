"""How the case files say what a vector is."""


def good(name, packet, hand=None, /, **fields):
    """Both ways: these fields are these bytes."""
    return {"name": name, "packet": packet, "fields": fields, "hand": hand}


def readable(name, packet, hand, /, **fields):
    """One way: a receiver reads these bytes so, a sender writes the same fields otherwise."""
    return good(name, packet, hand, **fields) | {"read_only": True}


def bad(name, packet, refusal, hand):
    """Refused, and why."""
    return {"name": name, "packet": packet, "refusal": refusal, "hand": hand}
