"""As much of JSON Schema (2020-12) as the API's description uses; an unknown word in a schema is an error."""
import re

KNOWN = {"$ref", "type", "enum", "properties", "required", "additionalProperties", "items", "oneOf", "format", "minimum",
         "maximum", "default", "description"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
         "null": type(None)}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ("integer", "number"))


def problems(value, schema, document, where="$"):
    """A list of sentences; empty where the value is as the schema says."""
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return problems(value, target, document, where)
    assert set(schema) <= KNOWN, f"{where}: the schema has {set(schema) - KNOWN}"
    if "oneOf" in schema:
        fitting = [s for s in schema["oneOf"] if not problems(value, s, document, where)]
        return [] if len(fitting) == 1 else [f"{where}: {len(fitting)} of oneOf fit {value!r}"]
    found = []
    types = schema.get("type", list(TYPES))
    if not any(is_type(value, name) for name in ([types] if isinstance(types, str) else types)):
        return [f"{where}: {value!r} is no {types}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if value is not None and schema.get("format") == "date-time" and not DATE_TIME.fullmatch(value):
        found.append(f"{where}: {value!r} is no time")
    if value is not None and "minimum" in schema and value < schema["minimum"]:
        found.append(f"{where}: {value} is below {schema['minimum']}")
    if value is not None and "maximum" in schema and value > schema["maximum"]:
        found.append(f"{where}: {value} is above {schema['maximum']}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += problems(item, schema["items"], document, f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{where}: {key} is missing" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            rest = known.get(key, schema.get("additionalProperties", True))
            if rest is False:
                found.append(f"{where}: {key} is not described")
            elif rest is not True:
                found += problems(item, rest, document, f"{where}.{key}")
    return found
