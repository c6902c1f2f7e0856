"""The JSON form: what was promised is there, the schema says all of it, and nothing is lost."""

import dataclasses
import io
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import ucdiag
from tests.examples import examples
from tests.views.reports import broken_phone, report, reports
from tests.views.scenes import SCENES
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls
from ucdiag.model.report import Report
from ucdiag.views import load_view
from ucdiag.views.output_target import Screen
from ucdiag.views.schema import schema_files

# Made anew: one test alone says when the packaged file is behind the model.
SCHEMA = json.loads(schema_files()["report.schema.json"])
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

PHONE_KEYS = "mac ip domain serial vendor model firmware site"
KEYS = {
    Dhcp: "time frame type client server address domain resolvers search vendor_class hostname vlan",
    Lookup: "time frame answer_frame client server name type rcode addresses aliases seconds",
    Connect: "time frame client server port outcome seconds",
    Tls: "time frame client server port server_name versions version alert alert_from outcome",
    Http: "time frame answer_frame client server port method host target status request_bytes answer_bytes "
    "announced_bytes complete seconds",
}


def shown(made: Report, **settings_: Any) -> str:
    stream = io.StringIO()
    view = load_view("json", Screen(stream=stream, **settings_))
    view.begin(made.command)
    for phone in made.phones:
        view.progress(phone)
    view.end(made)
    view.close()
    return stream.getvalue()


def without_descriptions(schema: Any) -> Any:
    if isinstance(schema, dict):
        # A property may be called "description" one day: only the texts are left out.
        return {
            key: without_descriptions(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [without_descriptions(part) for part in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize(
    "name",
    ["report.schema.json", "explain.schema.json", "lab.schema.json", "phones.schema.json", "doctor.schema.json"],
)
def test_schema_file_is_what_the_dataclasses_make(name: str) -> None:
    packaged = json.loads((resources.files(ucdiag) / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(packaged)
    assert without_descriptions(packaged) == without_descriptions(json.loads(schema_files()[name])), (
        "the model has changed: run python -m ucdiag.views.schema"
    )


# Without shrinking: a report is large, and the validator's message tells more than a smaller report would.
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(reports())
def test_any_report_is_one_valid_object_and_comes_back(made: Report) -> None:
    text = shown(made)
    assert text.isascii()
    assert text.count("\n") == 1
    assert text.endswith("}\n")
    data = json.loads(text)
    VALIDATOR.validate(data)
    assert from_json(Report, data) == made


def test_promised_keys() -> None:
    data = json.loads(shown(report()))
    promised = ["schema", "ucdiag", "command", "started", "finished", "source", "verdict", "phones", "problems"]
    assert list(data) == [*promised, "profile"]
    assert list(data["source"]) == ["kind", "name", "packets"]
    assert list(data["verdict"]) == ["status", "step", "code", "summary"]
    phone = data["phones"][0]
    promised = ["phone", "verdict", "steps", "findings", "checks", "observations", "sign_in", "update_servers"]
    assert list(phone) == promised
    assert list(phone["phone"]) == PHONE_KEYS.split()
    assert [step["number"] for step in phone["steps"]] == [1, 2, 3, 4, 5, 6, 7]
    assert set(phone["steps"][0]) == {"number", "step", "status", "summary", "seconds"}
    finding = phone["findings"][0]
    assert set(finding) == {"code", "level", "step", "summary", "fix", "evidence"}
    assert set(finding["fix"]) == {"text", "commands", "who"}
    assert finding["evidence"] == [
        {"time": "2026-01-31T09:00:00.000000Z", "frame": 12, "text": "10.0.0.53 answered NXDOMAIN"}
    ] or set(finding["evidence"][0]) == {"time", "frame", "text"}
    assert data["started"] == "2026-01-31T09:00:00.000000Z"
    assert data["finished"] == "2026-01-31T09:00:12.000000Z"


@pytest.mark.parametrize("cls", KEYS, ids=lambda cls: cls.__name__)
def test_promised_keys_of_facts(cls: type[Observation]) -> None:
    required = set(SCHEMA["$defs"][cls.__name__]["required"])
    assert {"kind", *KEYS[cls].split()} <= required
    assert required == {"kind", *(field.name for field in dataclasses.fields(cls))}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("problems"),
        lambda data: data.update(extra=1),
        lambda data: data.update(started="2026-01-31 09:00:00"),
        lambda data: data["verdict"].update(status="fine"),
        lambda data: data["verdict"].update(code=None),
        lambda data: data["phones"][0]["steps"].pop(),
        lambda data: data["phones"][0]["steps"].reverse(),
        lambda data: data["phones"][0]["phone"].update(mac="00-04-F2-AA-BB-CC"),
        lambda data: data["phones"][0]["observations"][0].update(kind="guess"),
        lambda data: data["phones"][0]["observations"][0].update(surprise=True),
        lambda data: data["phones"][0]["observations"][0].pop("rcode"),
        lambda data: data["phones"][0]["observations"][1].update(failure="whatever"),
        lambda data: data["phones"][0]["observations"][1].update(port=70000),
        lambda data: data["phones"][0]["findings"][0]["fix"].update(who="nobody"),
    ],
)
def test_schema_refuses(spoil: Any) -> None:
    data = to_json(report())
    VALIDATOR.validate(data)
    spoil(data)
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize("name", schema_files())
def test_new_codes_need_no_new_schema(name: str) -> None:
    assert "dns-r2-missing" not in schema_files()[name]


def test_no_form_for_nan() -> None:
    phone = broken_phone()
    odd = dataclasses.replace(phone.steps[0], seconds=float("nan"))
    data = json.loads(shown(report(broken_phone(steps=(odd, *phone.steps[1:])))), parse_constant=pytest.fail)
    assert data["phones"][0]["steps"][0]["seconds"] is None


def test_indented_on_a_terminal_only() -> None:
    assert shown(report()).count("\n") == 1
    assert shown(report(), terminal=True).count("\n") > 50
    assert json.loads(shown(report(), terminal=True)) == json.loads(shown(report()))


def test_schema_is_packaged() -> None:
    settings_ = (Path(__file__).parent.parent.parent / "setup.cfg").read_text(encoding="utf-8")
    assert "*.schema.json" in settings_


def test_for_a_person_no_phones_are_an_empty_list() -> None:
    text = shown(SCENES["no phone"](), terminal=True)
    assert '\n  "phones": [],\n' in text
