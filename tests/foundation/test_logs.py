"""The log tells where things broke, never with whose values."""

import json
import logging
import warnings

import pytest
import structlog

from geo_service.foundation import logs
from geo_service.foundation.errors import InvalidInput

NAME = "欧阳无名"


@pytest.fixture
def lines(capsys):
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    logging.captureWarnings(False)
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in before[0]:
        root.addHandler(handler)
    root.setLevel(before[1])


def broken():
    try:
        {}[NAME]
    except KeyError as error:
        raise InvalidInput("json_invalid", given=NAME) from error


def test_an_exception_is_its_classes_codes_and_places(lines):
    logs.configure()
    try:
        broken()
    except InvalidInput:
        structlog.get_logger().exception("unexpected", request_id="r")
    (line,) = lines()
    assert line["event"] == "unexpected"
    assert [one["class"] for one in line["chain"]] == [
        "geo_service.foundation.errors.InvalidInput",
        "builtins.KeyError",
    ]
    assert line["chain"][0]["code"] == "json_invalid"
    assert line["chain"][0]["places"][-1].endswith(" broken")
    assert NAME not in json.dumps(line, ensure_ascii=False)


def test_libraries_are_heard_without_their_values(lines):
    logs.configure()
    log = logging.getLogger("some.library")
    log.warning("could not read %s", NAME)
    log.warning(f"could not read {NAME}")
    try:
        int(NAME)
    except ValueError:
        log.exception("failed")
    warnings.warn(f"what is {NAME}?", stacklevel=1)
    warnings.warn("will go away", DeprecationWarning, stacklevel=1)
    found = lines()
    assert [line["event"] for line in found] == ["library"] * 4
    assert found[2]["error"] == "builtins.ValueError"
    assert "UserWarning" in found[3]["message"]
    assert NAME not in json.dumps(found, ensure_ascii=False)


def test_the_level_decides(lines):
    logs.configure("warning")
    structlog.get_logger().info("request")
    structlog.get_logger().warning("refused")
    assert [line["event"] for line in lines()] == ["refused"]


def test_events_are_safe_also_where_nobody_set_up_the_log(lines):
    structlog.reset_defaults()
    logs.ensure()
    try:
        broken()
    except InvalidInput:
        structlog.get_logger().exception("unexpected")
    (line,) = lines()
    assert NAME not in json.dumps(line, ensure_ascii=False)
    logs.configure("error")
    logs.ensure("debug")
    structlog.get_logger().info("request")
    assert lines() == []
