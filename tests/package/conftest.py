"""What every test of the installed package has: two origins of this computer's own, and what lay here before."""
import pytest

from installed import HTTP_PORT, TUNNEL_PORT, files
from origin import Origin, echo, mirror


@pytest.fixture(scope="module")
def before():
    return files()


@pytest.fixture(scope="module", autouse=True)
def origins():
    web, raw = Origin(mirror, HTTP_PORT), Origin(echo, TUNNEL_PORT)
    yield
    web.close()
    raw.close()
