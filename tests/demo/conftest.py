"""The demo towns, generated once per test run."""

import pytest

from geo_service.demo.town import Town, generate


@pytest.fixture(scope="session")
def small() -> Town:
    return generate("small")


@pytest.fixture(scope="session")
def street() -> Town:
    return generate("street")


@pytest.fixture(scope="session", params=["small", "street"])
def town(request: pytest.FixtureRequest) -> Town:
    return request.getfixturevalue(request.param)
