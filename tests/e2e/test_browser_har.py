"""A recording saved from a real browser: what a shop's page sent is what `paravent decode --har` tells."""
import base64
import datetime
import json
import subprocess

import pytest

from browser import ID, chromium, document, needs_chromium
from conditions import eventually
from inside import CONNECT, FACEBOOK, GRAPH
from origin import mirror, response
from program import PROGRAM
from reporting import SITE, house  # noqa: F401 (fixture)

pytestmark = needs_chromium
EMAIL = "5" * 64  # stands for a hash
SENDS = f"""
var tr='https://{FACEBOOK}/tr/', page=encodeURIComponent(location.href), all=[];
function form(name, more){{return 'id={ID}&ev='+name+'&dl='+page+'&ts=1&'+more}}
function image(url){{all.push(new Promise(function(done){{var i=new Image();i.onload=i.onerror=done;i.src=url}}))}}
function post(url, body, type){{all.push(fetch(url,{{method:'POST',mode:'no-cors',body:body,headers:type?{{'Content-Type':type}}:{{}}}}).catch(function(){{}}))}}
image(tr+'?'+form('PageView','it=1&fbp=fb.1.1549980788732.221006875'));
image(tr+'?'+form('ViewContent','cd[content_ids]=%5B%224711%22%5D&cd[content_type]=product&cd[value]=19.5&cd[currency]=EUR'));
post(tr, form('AddToCart','cd%5Bvalue%5D=59&cd%5Bcurrency%5D=EUR&rqm=formPOST'), 'application/x-www-form-urlencoded');
var data=new FormData();
Object.entries({{id:'{ID}',ev:'Purchase',dl:location.href,'cd[value]':'59.90','cd[currency]':'EUR','ud[em]':'{EMAIL}',eid:'order-1'}}).forEach(function(e){{data.append(e[0],e[1])}});
post(tr, data);
navigator.sendBeacon(tr, new Blob([form('Lead','ud[ph]={EMAIL}')],{{type:'application/x-www-form-urlencoded'}}));
navigator.sendBeacon(tr+'?id={ID}&ev=Contact&dl='+page, new URLSearchParams({{'cd[content_name]':'Größe é'}}));
post('https://{GRAPH}/v19.0/{ID}/events', JSON.stringify({{data:[{{event_name:'Subscribe',action_source:'website',event_source_url:location.href,
  user_data:{{em:['{EMAIL}']}},custom_data:{{value:5,currency:'USD'}}}},{{event_name:'StartTrial',user_data:{{}}}}]}}), 'text/plain');
Promise.all(all).then(function(){{window.sent=true}});
"""


def recorded(browser):
    """The performance log as the developer tools save it: HAR 1.2."""
    asked, order, more, replies = {}, [], {}, {}
    for line in browser.get_log("performance"):
        message = json.loads(line["message"])["message"]
        told = message["params"]
        if message["method"] == "Network.requestWillBeSent":
            asked[told["requestId"]] = told
            order.append(told["requestId"])
        elif message["method"] == "Network.requestWillBeSentExtraInfo":
            more[told["requestId"]] = told["headers"]
        elif message["method"] == "Network.responseReceived":
            replies[told["requestId"]] = told["response"]
    return {"log": {"version": "1.2", "creator": {"name": "Chromium", "version": "1"}, "pages": [
        {"id": "page_1", "title": asked[order[0]]["documentURL"], "startedDateTime": stamp(asked[order[0]]), "pageTimings": {}}],
        "entries": [entry(browser, key, asked[key], more.get(key), replies.get(key, {})) for key in order if asked[key]["request"]["url"].startswith("http")]}}


def stamp(told):
    return datetime.datetime.fromtimestamp(told["wallTime"], datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def entry(browser, key, told, fields, reply):
    request = told["request"]
    fields = fields or request["headers"]
    out = {"method": request["method"], "url": request["url"], "httpVersion": "http/1.1", "cookies": [], "queryString": [], "headersSize": -1,
           "headers": [{"name": name, "value": value} for name, value in fields.items()], "bodySize": 0}
    if request.get("hasPostData"):
        pieces = request.get("postDataEntries")
        text = (b"".join(base64.b64decode(p["bytes"]) for p in pieces).decode() if pieces and all("bytes" in p for p in pieces)
                else request.get("postData") or browser.execute_cdp_cmd("Network.getRequestPostData", {"requestId": key})["postData"])
        kind = next((value for name, value in fields.items() if name.lower() == "content-type"), "")
        out["postData"], out["bodySize"] = {"mimeType": kind, "text": text}, len(text.encode())
    return {"pageref": "page_1", "startedDateTime": stamp(told), "time": 1, "_initiator": told["initiator"], "_resourceType": told["type"].lower(),
            "request": out, "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0},
            "response": {"status": reply.get("status", 0), "statusText": "", "httpVersion": "http/1.1", "headers": [], "cookies": [], "redirectURL": "",
                         "content": {"size": 0, "mimeType": reply.get("mimeType", "")}, "headersSize": -1, "bodySize": -1}}


def shop(connection):
    while True:
        connection.request()
        loader = f"<script async src='https://{CONNECT}/en_US/fbevents.js'></script><script async src='https://{CONNECT}/signals/config/{ID}?v=2.9'></script>"
        connection.send(response(document(SENDS, head=loader).encode(), fields=["Content-Type: text/html; charset=utf-8"]))


def test_what_a_page_sent_is_what_decode_tells_of_the_browsers_recording(house, tmp_path):
    house._origin(shop, port=80, address=house.hosts[SITE])
    facebook, _ = house.origin(FACEBOOK, mirror), house.origin(GRAPH, mirror)
    with chromium(house, tmp_path / "browser", proxy=False, capabilities={"goog:loggingPrefs": {"performance": "ALL"}}) as browser:
        browser.get(f"http://{SITE}/cart?customer=me")
        eventually(lambda: browser.execute_script("return window.sent"), "all that the page sends", 30)
        eventually(lambda: b"ev=Contact" in facebook.received, "the last beacon", 20)
        har = recorded(browser)
    file = tmp_path / "shop.har"
    file.write_text(json.dumps(har, indent=2))
    done = subprocess.run([str(PROGRAM), "decode", "--har", str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]

    named = {e["name"]: e for e in events if "name" in e}
    assert sorted(e["name"] for e in events if "name" in e) == sorted(
        ["PageView", "ViewContent", "AddToCart", "Purchase", "Lead", "Contact", "Subscribe", "StartTrial"])
    for name, event in named.items():
        conversions = name in ("Subscribe", "StartTrial")
        assert (event["product"], event["account"], event["destination"]) == (
            ("conversions", ID, GRAPH) if conversions else ("pixel", ID, FACEBOOK)), name
        assert (event["site"], event["page"].split("?")[0].rstrip("/")) in ((SITE, f"http://{SITE}/cart"), (SITE, f"http://{SITE}")), name
    assert {name: (e.get("value"), e.get("currency")) for name, e in named.items() if "value" in e} == {
        "ViewContent": (19.5, "EUR"), "AddToCart": (59, "EUR"), "Purchase": (59.9, "EUR"), "Subscribe": (5, "USD")}
    assert {name: e["identifiers"] for name, e in named.items() if "identifiers" in e} == {
        "PageView": ["fbp"], "Purchase": ["em"], "Lead": ["ph"], "Subscribe": ["em"]}
    assert named["Purchase"]["event_id"] is True and named["Contact"]["custom"] == {"content_name": "Größe é"}
    assert [c["id"] for c in named["ViewContent"]["contents"]] == ["4711"]
    loaders = [e for e in events if e["product"] == "loader"]
    assert {(e["destination"], e["site"]) for e in loaders} == {(CONNECT, SITE)} and [e.get("account") for e in loaders].count(ID) == 1
    assert len(events) == len(named) + len(loaders) == 10
    assert EMAIL not in done.stdout and "customer=me" not in done.stdout
