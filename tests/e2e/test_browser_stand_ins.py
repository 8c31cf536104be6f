"""The stand-in for Meta's pixel in Chromium: pages find what they expect, Paravent is told, and Meta is not."""
import json

import pytest

from browser import ID, base_code, chromium, document, needs_chromium
from conditions import eventually
from inside import CONNECT, FACEBOOK
from origin import response
from reporting import SITE, house, mode  # noqa: F401 (fixture)

pytestmark = needs_chromium
PAGES = {}


def shop(connection):
    while True:
        path = connection.request().first.split(" ")[1].split("?")[0]
        text, kind, fields = PAGES.get(path, ("", "text/html", []))
        connection.send(response(text.encode(), "200 OK" if text else "404 Not Found", [f"Content-Type: {kind}", *fields]))


@pytest.fixture(scope="module")
def browser(house, tmp_path_factory):
    house.shop = house._origin(shop, port=80, address=house.hosts[SITE])
    house.facebook = house.origin(FACEBOOK)
    with chromium(house, tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture
def visit(house, browser, request):
    """visit(html, fields): opens a page of the shop at an address of its own; .told(): what it told Paravent."""

    class Page:
        path = "/" + request.node.name.translate(str.maketrans("[] ,'\"/=", "--------"))
        url = f"http://{SITE}{path}"
        before = len(house.far.received), len(house.facebook.received)

        def __call__(self, html, *fields, query=""):
            PAGES[self.path] = (html, "text/html", list(fields))
            browser.get(self.url + query)
            return self

        def run(self, script):
            return browser.execute_script(script)

        def told(self):
            return [e for e in house.paravent.events() if e["product"] == "pixel" and e.get("page") == self.url and e["destination"] == CONNECT]

        def tells(self, *names):
            """Waits until these were told, and holds them to be all."""
            eventually(lambda: len(self.told()) >= len(names), f"{names}; told were {self.told()}; the page: {self.state()}", 30)
            assert [e.get("name") for e in self.told()] == list(names)
            return self.told()

        def state(self):
            return self.run("return JSON.stringify({loader:window.loader,refused:window.refused,thrown:window.thrown,q:window.fbq&&fbq.queue&&fbq.queue.length})")

        def loads(self, what="loaded"):
            eventually(lambda: self.run("return window.loader") == what, f"the loader's element: {what}; {self.state()}", 30)
            return self

        def is_calm(self):
            """Nothing was refused or thrown, and nothing reached Meta."""
            assert self.run("return refused.concat(thrown)") == []
            assert b"fbevents" not in house.far.received[self.before[0]:] and b"/paravent/" not in house.far.received[self.before[0]:]
            assert b"/tr" not in house.facebook.received[self.before[1]:]

    return Page()


# What pages expect (meta-reference.md, section 8)


def test_a_page_with_the_documented_base_code_tells_paravent_and_not_meta(visit):
    page = visit(document(base_code()), query="?email=me@mail.example#part").loads()
    event, = page.tells("PageView")
    assert (event["site"], event["account"], event["verdict"], event["rule"], event["seen"]) == (SITE, ID, "answer", "meta/fbevents", "full")
    page.run("fbq('track','Purchase',{value:59.5,currency:'EUR',content_name:'Red shoes',contents:[{id:'4711',quantity:1,item_price:59.5}]},{eventID:'e1'})")
    event = page.tells("PageView", "Purchase")[1]
    assert (event["value"], event["currency"], event["event_id"], event["custom"], event["contents"][0]["id"]) == (
        59.5, "EUR", True, {"content_name": "Red shoes"}, "4711")
    page.is_calm()


def test_pages_find_what_they_wait_for(visit):
    page = visit(document(base_code())).loads()
    found = json.loads(page.run("""return JSON.stringify({call: typeof fbq.callMethod, loaded: fbq.loaded, version: fbq.version, queue: fbq.queue.length,
        state: fbq.getState().pixels, ids: Object.keys(fbq.instance.pixelsByID), push: typeof fbq.push, same: window._fbq === fbq})"""))
    assert (found["call"], found["loaded"], found["queue"], found["push"], found["same"]) == ("function", True, 0, "function", True)
    assert found["version"].startswith("2.9.") and [p["id"] for p in found["state"]] == [ID] and found["ids"] == [ID]
    page.run("fbq.push(['track', 'Lead']); fbq.push('track', 'Contact'); _fbq('trackCustom', 'Odd')")
    page.tells("PageView", "Lead", "Contact", "Odd")
    page.is_calm()


def test_the_noscript_image_is_left_alone(visit):
    page = visit(document(base_code())).loads()
    page.tells("PageView")
    assert "facebook.com/tr?" in page.run("return document.querySelector('noscript').textContent")
    page.is_calm()


def test_several_pixels_each_tell(visit):
    page = visit(document(base_code(f"'init','{ID}'", "'init','2000000000000002'", "'track','PageView'", "'trackSingle','2000000000000002','Lead'",
                                    "'trackSingleCustom','2000000000000002','Odd'", "'trackSingle','3000000000000003','Never'"))).loads()
    events = page.tells("PageView", "PageView", "Lead", "Odd")
    assert [e["account"] for e in events] == [ID, "2000000000000002", "2000000000000002", "2000000000000002"]
    page.is_calm()


def test_identifiers_are_kinds_and_never_values(visit, house):
    values = "me@planted.example", "+491711234567", "a" * 64, "kunde-4711-77"
    init = f"'init','{ID}',{{em:'{values[0]}',ph:'{values[1]}',fn:'{values[2]}',ln:'',external_id:'{values[3]}',zp:undefined}}"
    page = visit(document("document.cookie='_fbp=fb.1.1549980788732.221006875';" + base_code(
        init, f"'track','Lead',{{content_name:'{values[0]}',content_category:'x {values[3]}',status:'{values[2]}',order_id:'o1'}}"))).loads()
    event, = page.tells("Lead")
    assert sorted(event["identifiers"]) == ["em", "external_id", "fbp", "fn", "ph"] and event["custom"] == {"order_id": "o1"}
    kept = b"".join(f.read_bytes() for f in house.state.rglob("*") if f.is_file()) + "\n".join(house.paravent.lines).encode()
    assert not [v for v in values if v.encode() in kept]
    page.run("document.cookie='_fbp=;max-age=0'")
    page.is_calm()


def test_a_tag_manager_that_injects_the_base_code(visit):
    inject = "var s=document.createElement('script');s.text=%s;document.head.appendChild(s);" % json.dumps(base_code())
    page = visit(document(f"setTimeout(function(){{{inject}}},50)")).loads()
    page.tells("PageView")
    page.run("fbq('track','AddToCart',{content_ids:['1',2],content_type:'product'})")
    assert [c["id"] for c in page.tells("PageView", "AddToCart")[1]["contents"]] == ["1", "2"]
    page.is_calm()


def test_without_consent_nothing_is_told_until_it_is_granted(visit, house):
    page = visit(document(base_code("'consent','revoke'", f"'init','{ID}'", "'track','PageView'"))).loads()
    asked = "return performance.getEntriesByType('resource').filter(e=>e.name.includes('/paravent/')).length"
    page.run("fbq('track','Lead')")
    assert page.run(asked) == 0 and page.told() == []
    page.run("fbq('consent','grant')")
    page.tells("PageView", "Lead")
    page.run("fbq('consent','revoke');fbq('track','Contact');fbq('consent','grant');fbq('track','Schedule')")
    page.tells("PageView", "Lead", "Contact", "Schedule")
    page.is_calm()


def test_limited_data_use_is_told(visit):
    page = visit(document(base_code("'dataProcessingOptions',['LDU'],1,1000", f"'init','{ID}'", "'track','PageView'", "'dataProcessingOptions',[]",
                                    "'track','Lead'"))).loads()
    assert [e["limited_data_use"] for e in page.tells("PageView", "Lead")] == [True, False]


def test_a_script_that_is_loaded_twice_tells_once(visit):
    twice = "var t=document.createElement('script');t.src='https://connect.facebook.net/en_US/fbevents.js?again';document.head.appendChild(t);"
    page = visit(document(base_code() + twice + base_code("'track','Lead'"))).loads()
    eventually(lambda: page.run("return performance.getEntriesByType('resource').filter(e=>e.name.includes('fbevents.js')).length") == 2, "both", 20)
    page.run("fbq('track','Contact')")
    page.tells("PageView", "Lead", "Contact")
    page.is_calm()


def test_beside_a_copy_that_the_site_serves_itself_it_does_not_run(visit):
    copy = "fbq.callMethod=function(){(window.copied=window.copied||[]).push(arguments[1])};fbq.queue.splice(0).forEach(a=>fbq.callMethod(...a));"
    page = visit(document(base_code() + copy)).loads()
    page.run("fbq('track','Lead')")
    assert page.run("return copied.join()") == f"{ID},PageView,Lead" and page.told() == []
    page.is_calm()


def test_a_page_without_the_base_code_gets_an_fbq(visit):
    page = visit(document("", head="<script src='https://connect.facebook.net/en_US/fbevents.js' onload=\"window.loader='loaded'\"></script>")).loads()
    page.run(f"fbq('init','{ID}');fbq('track','Lead')")
    page.tells("Lead")
    page.is_calm()


ODD = """
var cycle={};cycle.cycle=cycle;var angry={get value(){throw 1},toString(){throw 2},toJSON(){throw 3},get length(){throw 4}};
var odd=[undefined,null,0,NaN,Infinity,'',' ','\\ud800',{},[],[[]],cycle,angry,function(){},Symbol('x'),document,window,new Proxy({},{get(){throw 5},has(){throw 6}}),
  'x'.repeat(100000),new Array(100000),10n,new Date(NaN),'__proto__','constructor'];
var methods=['init','track','trackCustom','trackSingle','trackSingleCustom','consent','dataProcessingOptions','set','addPixelId','getState','nonsense'];
fbq();odd.forEach(a=>{fbq(a);fbq.push(a);fbq(a,a);methods.forEach(m=>{fbq(m);fbq(m,a);fbq([m,a]);odd.forEach(b=>{fbq(m,a,b);fbq(m,'2000000000000002',a,b);fbq(m,'Lead',a,b)})})});
"""


def test_it_never_throws_whatever_it_is_called_with(visit, house):
    page = visit(document("window.queued=1;" + base_code(f"'init','{ID}'") + ODD + "fbq('consent','revoke')")).loads()
    page.run(ODD)
    page.run("fbq('consent','grant')")
    assert page.run("return thrown") == [] and page.run("return typeof fbq.getState().pixels.length") == "number"
    assert house.paravent.alive()


def test_it_survives_a_page_that_has_broken_the_browser(visit):
    broken = ("window.btoa=window.atob=function(){throw 1};Document.prototype.createElement=function(){throw 2};"
              "Object.defineProperty(document,'cookie',{get(){throw 3}});Object.defineProperty(Document.prototype,'currentScript',{get(){throw 4}});")
    page = visit(document(base_code() + broken)).loads()
    page.run("fbq('track','Lead')")
    assert page.run("return [thrown.length, fbq.loaded, fbq.getState().pixels.length]") == [0, True, 1] and page.told() == []


# What a page's policy allows


@pytest.mark.parametrize("policy", [
    "script-src 'nonce-n0nce'", "script-src 'nonce-n0nce' 'strict-dynamic'", "script-src 'unsafe-inline' https://connect.facebook.net",
    "default-src 'none'; script-src 'unsafe-inline' https://connect.facebook.net; img-src data: https://www.facebook.com; connect-src https://www.facebook.com",
    "script-src 'nonce-n0nce' 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'"], ids=range(5))
@pytest.mark.parametrize("kind", ["Content-Security-Policy", "Content-Security-Policy-Report-Only"])
def test_a_strict_policy_lets_reports_through_and_nobody_is_told_of_them(visit, policy, kind):
    element = "t.nonce='n0nce';" if "nonce" in policy and "dynamic" not in policy else ""
    page = visit(document(base_code(element=element), "n0nce"), f"{kind}: {policy}").loads()
    page.tells("PageView")
    page.run("fbq('track','Lead')")
    page.tells("PageView", "Lead")
    page.is_calm()


def test_a_policy_that_refuses_the_loader_refuses_it_here_too(visit):
    page = visit(document(base_code(), "n0nce"), "Content-Security-Policy: script-src 'nonce-n0nce'").loads("failed")
    assert page.run("return refused.length") == 1 and page.told() == []


TRUST = "window.shop=window.trustedTypes?trustedTypes.createPolicy('shop',{createScriptURL:u=>u}):{createScriptURL:u=>u};"
ALL = "trustedTypes.createPolicy('default',{createScriptURL:u=>u,createScript:s=>s,createHTML:h=>h});"
NONE = "trustedTypes.createPolicy('default',{createScriptURL:u=>null,createScript:s=>s,createHTML:h=>h});"


def typed(before=TRUST):
    """A page that takes addresses of scripts from a policy alone, and hands the loader's through its own."""
    return document(before + base_code().replace("t.src=v", "t.src=window.shop?shop.createScriptURL(v):v"))


@pytest.mark.parametrize("policy, before", [
    ("require-trusted-types-for 'script'", TRUST),
    ("require-trusted-types-for 'script'; trusted-types shop connect.facebook.net/fbevents", TRUST),  # as Meta's own script needs it
    ("require-trusted-types-for 'script'; trusted-types default", ALL)], ids=range(3))
@pytest.mark.parametrize("kind", ["Content-Security-Policy", "Content-Security-Policy-Report-Only"])
def test_trusted_types_let_reports_through_where_they_let_metas_script(visit, policy, before, kind):
    page = visit(typed(before), f"{kind}: {policy}").loads()
    page.tells("PageView")
    page.run("fbq('track','Lead')")
    page.tells("PageView", "Lead")
    page.is_calm()


@pytest.mark.parametrize("policy, before", [("require-trusted-types-for 'script'; trusted-types shop", TRUST),
                                            ("require-trusted-types-for 'script'; trusted-types shop default", TRUST + NONE)], ids=range(2))
def test_where_trusted_types_refuse_it_nobody_is_told_and_the_page_goes_on(visit, policy, before):
    page = visit(typed(before), f"Content-Security-Policy: {policy}").loads()
    page.run("fbq('track','Lead');fbq('track','Contact')")
    assert page.run("return [thrown.length, fbq.loaded, fbq.queue.length, fbq.getState().pixels[0].eventCount]") == [0, True, 0, 3]
    assert page.run("return refused.length") <= 1 and page.told() == []  # it tries once and no more
    assert page.run("return document.querySelectorAll('script[src*=paravent]').length") == 0


def test_a_hash_of_metas_own_script_is_refused_and_the_page_goes_on(visit):
    integrity = "t.crossOrigin='anonymous';t.integrity='sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC';"
    page = visit(document(base_code(element=integrity), body="<p id=on>on</p>")).loads("failed")
    assert page.run("return document.getElementById('on').textContent + fbq.queue.length") == "on2" and page.told() == []
    page.is_calm()


@pytest.mark.parametrize("element", ["t.crossOrigin='anonymous';", "t.crossOrigin='use-credentials';", "t.type='module';", "t.defer=true;t.async=false;"])
def test_it_loads_in_every_way_that_scripts_are_loaded(visit, element):
    page = visit(document(base_code(element=element))).loads()
    page.tells("PageView")
    page.is_calm()


def test_a_page_that_isolates_itself_gets_it_too(visit):
    page = visit(document(base_code()), "Cross-Origin-Embedder-Policy: require-corp", "Cross-Origin-Opener-Policy: same-origin").loads()
    page.tells("PageView")


def test_what_it_adds_to_a_page_it_takes_away(visit):
    page = visit(document(base_code())).loads()
    page.tells("PageView")
    eventually(lambda: page.run("return document.querySelectorAll('script[src*=paravent]').length") == 0, "elements to go", 10)
    assert page.run("return Object.keys(window).filter(k=>/paravent/i.test(k)).length") == 0


def test_a_report_names_neither_page_nor_referrer_to_the_network(visit):
    page = visit(document(base_code())).loads()
    page.tells("PageView")
    urls = page.run("return performance.getEntriesByType('resource').map(e=>e.name).filter(n=>n.includes('/paravent/'))")
    assert [u for u in urls if "token.js?n=" in u] and [u for u in urls if "report.js?t=" in u]
    assert not [u for u in urls if ID in u or SITE in u.split("connect.facebook.net")[1] or "PageView" in u or len(u) > 4096]


def test_a_long_event_is_cut_to_what_fits(visit):
    long = "x".join("ab" for _ in range(200))
    name = "'" + "ü" * 40 + "'+i"  # six bytes each, once escaped: all of it would be some 13 KB
    page = visit(document(base_code(f"'init','{ID}'", f"""'track','Purchase',{{value:1,currency:'EUR',content_name:'{long}'.repeat(50),
        contents:Array.from({{length:500}},(_,i)=>({{id:{name},quantity:i,item_price:i}})),content_ids:Array.from({{length:500}},(_,i)=>{name})}}"""))).loads()
    event, = page.tells("Purchase")
    assert event["value"] == 1 and page.run("return Math.max(...performance.getEntriesByType('resource').map(e=>e.name.length))") <= 4096
    page.is_calm()


# Modes


def test_a_silent_site_finds_the_same_and_tells_nobody(visit, house):
    with mode(house, SITE, "silent"):
        page = visit(document(base_code())).loads()
        page.run("fbq('track','Lead')")
        assert page.run("return [fbq.version.slice(0,4), fbq.loaded, fbq.queue.length, fbq.getState().pixels.length, fbq.getState().pixels[0].eventCount]") == [
            "2.9.", True, 0, 1, 2]
        assert page.run("return performance.getEntriesByType('resource').filter(e=>e.name.includes('/paravent/')).length") == 0
        assert page.told() == []
        page.is_calm()


def test_an_observed_site_runs_metas_own_script(visit, house):
    house.scripts["/en_US/fbevents.js"] = (b"fbq.callMethod=function(){window.metas=(window.metas||0)+1};"
                                           b"fbq.queue.splice(0).forEach(a=>fbq.callMethod(...a));")
    try:
        with mode(house, SITE, "observe"):
            page = visit(document(base_code())).loads()
            assert page.run("return window.metas") == 2 and page.run("return fbq.getState === undefined")
            page.run(f"new Image().src='https://{FACEBOOK}/tr?id={ID}&ev=Observed&dl='+encodeURIComponent(location.href)")
            eventually(lambda: [e for e in house.paravent.events() if e.get("name") == "Observed" and e["verdict"] == "answer"], "the event", 20)
            assert b"/tr" not in house.facebook.received[page.before[1]:] and b"fbevents" in house.far.received[page.before[0]:]
    finally:
        house.scripts.clear()
