"""The JSON Schemas of the output of ``--json``, made from the dataclasses so that both always agree.

``python -m ucdiag.views.schema`` writes ``report.schema.json`` and its like into
``ucdiag``; run it after a change of the model. A test fails while the files are not what this makes.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from ucdiag.model.codec import TIMES
from ucdiag.model.machine import DOCTOR_SCHEMA, Machine
from ucdiag.model.observations import KINDS, Observation
from ucdiag.model.report import SCHEMA, Report
from ucdiag.model.steps import STEPS
from ucdiag.model.vocabulary import FindingCode, ProblemCode
from ucdiag.views.explain_view import EXPLAIN_SCHEMA, Explanation
from ucdiag.views.inventory import INVENTORY_SCHEMA, Inventory
from ucdiag.views.lab_results import LAB_SCHEMA, Trials

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CODE = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_MAC = {"type": ["string", "null"], "pattern": "^[0-9a-f]{2}(:[0-9a-f]{2})*$"}
_TIME = {
    "type": "string",
    "description": "RFC 3339, in UTC, with microseconds",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$",
}

# What a field may hold, beyond its type. Keys are a class and a field, or a field wherever it stands.
FIELD_SCHEMAS: dict[str, dict[str, Any]] = {
    "Report.schema": {"const": SCHEMA},
    "Inventory.schema": {"const": INVENTORY_SCHEMA},
    "InventoryPhone.mac": _MAC,
    "Finding.code": _CODE,
    "Problem.code": _CODE,
    "Verdict.code": {**_CODE, "type": ["string", "null"]},
    "Identity.mac": _MAC,
    "Dhcp.client": _MAC,
    "Explanation.schema": {"const": EXPLAIN_SCHEMA},
    "Trials.schema": {"const": LAB_SCHEMA},
    "Machine.schema": {"const": DOCTOR_SCHEMA},
    "Expected.code": {**_CODE, "type": ["string", "null"]},
    "Entry.code": _CODE,
    "client_mac": _MAC,
    "frame": {"minimum": 1},
    "answer_frame": {"minimum": 1},
    "last_frame": {"minimum": 1},
    "port": {"minimum": 0, "maximum": 65535},
    "client_port": {"minimum": 0, "maximum": 65535},
    "server_port": {"minimum": 0, "maximum": 65535},
    "seconds": {"minimum": 0},
    "first_byte_seconds": {"minimum": 0},
    "packets": {"minimum": 0},
    "count": {"minimum": 0},
    "power_ons": {"minimum": 0},
    "interval": {"minimum": 0},
    "lost": {"minimum": 0},
    "dropped": {"minimum": 0},
}


def report_schema() -> dict[str, Any]:
    """The schema of ``ucdiag.report/1``."""
    maker = _Maker()
    body = maker.reference_to(Report)
    observations = {kind: maker.reference_to(cls) for kind, cls in KINDS.items()}
    definitions = maker.definitions
    definitions["Observation"] = {
        "description": _first_paragraph(Observation),
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(KINDS)}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}}, "then": observation}
            for kind, observation in observations.items()
        ],
    }
    phone = definitions["PhoneReport"]["properties"]["steps"]
    phone.pop("items")
    phone.update(
        minItems=len(STEPS),
        maxItems=len(STEPS),
        prefixItems=[
            {
                "allOf": [
                    {"$ref": "#/$defs/StepResult"},
                    {"properties": {"number": {"const": step.number}, "step": {"const": step.value}}},
                ]
            }
            for step in STEPS
        ],
    )
    definitions["Verdict"]["if"] = {"properties": {"status": {"const": "broken"}}}
    definitions["Verdict"]["then"] = {"properties": {"step": {"type": "string"}, "code": {"type": "string"}}}
    return _schema_document(SCHEMA, "What ucdiag --json prints", body, definitions)


def explain_schema() -> dict[str, Any]:
    """The schema of ``ucdiag.explain/1``."""
    maker = _Maker()
    body = maker.reference_to(Explanation)
    return _schema_document(EXPLAIN_SCHEMA, "What ucdiag explain --json prints", body, maker.definitions)


def lab_schema() -> dict[str, Any]:
    """The schema of ``ucdiag.lab/1``."""
    maker = _Maker()
    body = maker.reference_to(Trials)
    return _schema_document(
        LAB_SCHEMA, "What ucdiag lab --json and ucdiag lab --all --json print", body, maker.definitions
    )


def phones_schema() -> dict[str, Any]:
    """The schema of ``ucdiag.phones/1``."""
    maker = _Maker()
    body = maker.reference_to(Inventory)
    return _schema_document(INVENTORY_SCHEMA, "What ucdiag capture --phones --json prints", body, maker.definitions)


def doctor_schema() -> dict[str, Any]:
    """The schema of ``ucdiag.doctor/1``."""
    maker = _Maker()
    body = maker.reference_to(Machine)
    return _schema_document(DOCTOR_SCHEMA, "What ucdiag doctor --json prints", body, maker.definitions)


def _schema_document(name: str, title: str, body: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "$id": f"urn:{name.replace('/', ':')}", "title": title, **body, "$defs": definitions}


class _Maker:
    """Dataclasses to ``$defs``."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def reference_to(self, cls: type) -> dict[str, Any]:
        """A reference to the definition of ``cls``, which is made the first time."""
        name = cls.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name].update(self._object_schema(cls))
        return {"$ref": f"#/$defs/{name}"}

    def _object_schema(self, cls: type) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        if issubclass(cls, Observation):
            properties["kind"] = {"const": cls.kind}
        if cls.__name__ == "StepResult":
            properties["number"] = {"type": "integer", "minimum": 1, "maximum": len(STEPS)}
        hints = typing.get_type_hints(cls)
        for field in dataclasses.fields(cls):
            extra = FIELD_SCHEMAS.get(f"{cls.__name__}.{field.name}", FIELD_SCHEMAS.get(field.name, {}))
            properties[field.name] = _merged_schema(self._value_schema(hints[field.name], field.name), extra)
        return {
            "description": _first_paragraph(cls),
            "type": "object",
            "required": list(properties),
            "properties": properties,
            "additionalProperties": False,
        }

    def _value_schema(self, hint: Any, name: str) -> dict[str, Any]:
        origin = typing.get_origin(hint)
        if origin in (types.UnionType, typing.Union):
            inner, *others = [self._value_schema(arg, name) for arg in typing.get_args(hint) if arg is not type(None)]
            if any(other != inner for other in others):
                raise TypeError(f"{name} may be of several types")
            if "type" in inner and "enum" not in inner:
                return {**inner, "type": [inner["type"], "null"]}
            if "enum" in inner:
                return {"enum": [None, *inner["enum"]]}
            return {"anyOf": [inner, {"type": "null"}]}
        if hint in (FindingCode, ProblemCode):
            # New codes come without a new version of the schema.
            return {"type": "string"}
        if origin is typing.Literal:
            return {"enum": list(typing.get_args(hint))}
        if origin is tuple:
            return {"type": "array", "items": self._value_schema(typing.get_args(hint)[0], name)}
        if hint is Observation:
            return {"$ref": "#/$defs/Observation"}
        if dataclasses.is_dataclass(hint):
            return self.reference_to(typing.cast(type, hint))
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"enum": [member.value for member in hint]}
        if name in TIMES:
            return dict(_TIME)
        return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[hint]}


def _merged_schema(value: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    if "const" in extra or "pattern" in extra:
        return dict(extra)
    return {**value, **extra}


def _first_paragraph(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())


def schema_files() -> dict[str, str]:
    """The schema files of the package: name -> text."""
    made = {
        "report.schema.json": report_schema(),
        "explain.schema.json": explain_schema(),
        "lab.schema.json": lab_schema(),
        "phones.schema.json": phones_schema(),
        "doctor.schema.json": doctor_schema(),
    }
    return {name: json.dumps(schema, indent=2, ensure_ascii=True) + "\n" for name, schema in made.items()}


if __name__ == "__main__":
    for file_name, text in schema_files().items():
        (Path(__file__).parent.parent / file_name).write_text(text, encoding="ascii")
