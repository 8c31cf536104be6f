"""Fixtures of the files whose tests share one running program (conftest's `street`), each test at a host of its own."""
import pytest


@pytest.fixture
def home(street):
    return street


@pytest.fixture
def host(street):
    return street.next_host()
