"""What is given to Prometheus, Grafana and keepalived fits what the service really says."""
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest

from conditions import eventually
from ports import free_port
from program import REPOSITORY

PACKAGING = REPOSITORY / "packaging"
SAMPLE = re.compile(r"^(paravent_\w+)(?:\{(.*)\})? (\S+)$")


def samples(paravent):
    """{metric: [labels]} of /metrics."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{paravent.dashboard}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    found = {}
    for match in filter(None, map(SAMPLE.match, lines)):
        found.setdefault(match[1], []).append(dict(re.findall(r'(\w+)="([^"]*)"', match[2] or "")))
    return found


def queries():
    board = json.loads((PACKAGING / "grafana/paravent.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return asked + [variable["query"]["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]


def test_every_metric_of_the_board_is_one_that_the_service_has(paravent):
    there = samples(paravent)
    named = {name for query in queries() for name in re.findall(r"\bparavent_\w+", query)}
    assert named and named <= set(there), named - set(there)
    assert set(there) <= named, f"the board shows nothing of {set(there) - named}"
    for query in queries():
        for name, labels in re.findall(r"(paravent_\w+)\{([^}]*)\}", query):
            own = set(re.findall(r"(\w+)=", labels)) - {"instance"}  # which Prometheus adds
            assert own <= set(there[name][0]), (query, there[name][0])
        by = re.search(r"sum by \((\w+)\) \(\w+\((paravent_\w+)", query)
        assert not by or by[1] in there[by[2]][0], query


def test_the_boards_panels_do_not_overlap():
    taken = {}
    for panel in json.loads((PACKAGING / "grafana/paravent.json").read_text())["panels"]:
        at = panel["gridPos"]
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            assert cell not in taken and cell[0] < 24, (panel["title"], taken.get(cell))
            taken[cell] = panel["title"]


@pytest.mark.skipif(not (shutil.which("prometheus") and shutil.which("promtool")), reason="prometheus is not installed")
def test_prometheus_scrapes_the_box_and_answers_the_boards_queries(paravent, tmp_path):
    text = (PACKAGING / "prometheus/paravent.yml").read_text()
    (tmp_path / "paravent.token").write_text((paravent.state / "token").read_text())
    (tmp_path / "paravent.crt").write_text("")
    text = text.replace("/etc/prometheus/", f"{tmp_path}/").replace("127.0.0.1:8481", f"127.0.0.1:{paravent.dashboard}")
    text = re.sub(r'\["192[^]]*\]', f'["127.0.0.1:{paravent.dashboard}"]', text)
    text = re.sub(r"ca_file: .*\n\s+server_name: .*", "insecure_skip_verify: true", text)
    (tmp_path / "prometheus.yml").write_text("global:\n  scrape_interval: 1s\n" + text)
    checked = subprocess.run(["promtool", "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    port = free_port()
    server = subprocess.Popen(["prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                               f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(query):
        url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
                return json.load(answer)["data"]["result"]
        except OSError:
            return []

    try:
        for job in ("paravent", "paravent-here"):
            eventually(lambda job=job: [r for r in ask(f'up{{job="{job}"}}') if r["value"][1] == "1"], f"{job} is scraped", 60)
        eventually(lambda: len(ask("count_over_time(paravent_uptime_seconds[1m]) > 2")) == 2, "a few samples", 60)
        for query in queries():
            if not query.startswith("label_values"):
                assert ask(query.replace("$box", ".*")), query
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.skipif(not shutil.which("keepalived"), reason="keepalived is not installed")
def test_keepalived_takes_the_recipe():
    done = subprocess.run(["keepalived", "--config-test", "--use-file", str(PACKAGING / "keepalived/keepalived.conf")], capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "eth0" not in line]  # which is not here
    assert not [line for line in said if "Unknown keyword" in line or "nvalid" in line], said
