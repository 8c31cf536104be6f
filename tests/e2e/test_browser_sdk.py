"""The stand-in for Facebook's sdk.js in Chromium: pages go on without it, and a click brings the real one."""
import json

import pytest

from browser import chromium, document, needs_chromium
from conditions import eventually
from inside import CONNECT, FACEBOOK
from origin import response
from reporting import SITE, house  # noqa: F401 (fixture)

pytestmark = needs_chromium
PAGES = {}
SDK = "/en_US/sdk.js"
# As Meta's: a first part that asks for the second, which is what works.
FIRST = b"""(function(){if(window.FB)return;window.firsts=(window.firsts||0)+1;var s=document.createElement('script');
s.src='https://connect.facebook.net/en_US/sdk.js?hash=abc';document.head.appendChild(s)})();"""
SECOND = b"""window.FB={real:true,init:function(p){window.realInit=p},Event:{subscribe:function(n){(window.realNames=window.realNames||[]).push(n)}},
XFBML:{parse:function(){window.realParsed=(window.realParsed||0)+1}},getLoginStatus:function(c){c({status:'connected'})},
login:function(c,o){window.realScope=o&&o.scope;var w=window.open('https://www.facebook.com/v19.0/dialog/oauth?client_id=1','fb','width=600');
 window.realWindow=!!w;setTimeout(function(){c({status:'connected',authResponse:{userID:'1'}})},50)},
ui:function(p,c){var w=window.open('https://www.facebook.com/dialog/share?href='+p.href);window.realWindow=!!w;setTimeout(function(){c({})},50)}};
setTimeout(function(){var f=window.fbAsyncInit;if(f&&!f.hasRun){f.hasRun=true;f()}},0);"""


def shop(connection):
    while True:
        path = connection.request().first.split(" ")[1].split("?")[0]
        text, fields = PAGES.get(path, ("", []))
        connection.send(response(text.encode(), "200 OK" if text else "404 Not Found", ["Content-Type: text/html", *fields]))


@pytest.fixture(scope="module")
def browser(house, tmp_path_factory):
    house.shop = house._origin(shop, port=80, address=house.hosts[SITE])
    house.facebook = house.origin(FACEBOOK)
    house.scripts[SDK] = lambda target: SECOND if "hash=" in target else FIRST
    with chromium(house, tmp_path_factory.mktemp("browser")) as made:
        yield made


INIT = "window.fbAsyncInit=function(){window.began=(window.began||0)+1;FB.init({appId:'123',version:'v19.0',xfbml:true});FB.Event.subscribe('auth.login',function(){})};"
ELEMENT = f"<script async defer crossorigin=anonymous src='https://{CONNECT}{SDK}'></script>"


@pytest.fixture
def visit(house, browser, request):
    class Page:
        path = "/" + request.node.name.translate(str.maketrans("[] ,'\"/=", "--------"))
        before = len(house.far.received), len(house.facebook.received)

        def __call__(self, script=INIT, body="", element=ELEMENT, fields=(), nonce=""):
            PAGES[self.path] = (document(script, nonce, body=body + element), list(fields))
            browser.get(f"http://{SITE}{self.path}")
            eventually(lambda: self.run("return window.FB && (!window.fbAsyncInit || window.began)"), "the script to begin", 30)
            return self

        def run(self, script):
            return browser.execute_script(script)

        def later(self, script, what):
            return eventually(lambda: self.run(script), f"{what}; thrown {self.run('return window.thrown')}, {self.meta()}", 30)

        def click(self, selector):
            browser.find_element("css selector", selector).click()

        def meta(self):
            """What reached the two origins in Meta's place: first lines of requests."""
            parts = house.far.received[self.before[0]:], house.facebook.received[self.before[1]:]
            return [line.split(b" HTTP")[0].decode() for part in parts for line in part.split(b"\r\n") if line.endswith(b" HTTP/1.1")]

        def windows(self):
            return len(browser.window_handles)

    was = browser.window_handles
    yield Page()
    for handle in [h for h in browser.window_handles if h not in was]:
        browser.switch_to.window(handle)
        browser.close()
    browser.switch_to.window(was[0])


def test_a_page_finds_what_it_expects_and_nothing_comes_from_meta(visit):
    page = visit()
    page.run("""window.said=[];FB.getLoginStatus(r=>said.push(r.status+r.authResponse));FB.XFBML.parse(document.body,()=>said.push('parsed'));
        FB.XFBML.parse();FB.AppEvents.logEvent('x');FB.AppEvents.logPageView();FB.api('/me',r=>said.push(r.error.type));FB.logout(r=>said.push(r.status));
        FB.Event.subscribe('xfbml.render',()=>said.push('rendered'));FB.XFBML.parse(null,()=>said.push('again'));
        said.push(FB.getAuthResponse(),FB.getUserID())""")
    page.later("return said.length==8", "all answers")
    assert page.run("return said.join()") == ",,unknownnull,parsed,OAuthException,unknown,again,rendered"
    assert page.run("return [began, thrown.length]") == [1, 0] and page.meta() == []


def test_what_the_address_says_begins_it_too(visit):
    page = visit("", body="<div class=fb-login-button></div>", element=ELEMENT.replace(SDK, SDK + "#xfbml=1&version=v19.0&appId=77"))
    page.later("return document.querySelector('.fb-login-button button')", "the button")
    assert page.meta() == []


def test_fbAsyncInit_that_is_set_behind_the_script_is_called(visit):
    page = visit("", element=f"<script src='https://{CONNECT}{SDK}'></script><script>{INIT}</script>")
    page.later("return window.began", "fbAsyncInit")
    assert page.run("return [began, thrown.length]") == [1, 0]


def test_a_login_button_brings_metas_script_and_its_window(visit):
    page = visit(INIT + "window.after=function(){window.logged=true};",
                 body="<div class=fb-login-button data-scope=email data-onlogin='after();'></div>")
    page.later("return document.querySelector('.fb-login-button button')", "the button")
    assert page.meta() == []
    page.click(".fb-login-button button")
    page.later("return window.logged", "the answer of the login")
    assert page.run("return [FB.real, realScope, realInit.appId, realNames.join(), began, firsts, realWindow]") == [True, "email", "123", "auth.login", 1, 1, True]
    eventually(lambda: "GET /v19.0/dialog/oauth?client_id=1" in page.meta(), "the dialog", 20)
    assert page.meta()[:2] == [f"GET {SDK}", f"GET {SDK}?hash=abc"] and "paravent" not in " ".join(page.meta())
    assert page.windows() == 2 and page.run("return thrown.length") == 0


def test_a_login_by_the_pages_own_button(visit):
    page = visit(body="<button id=in onclick=\"FB.login(function(r){window.got=r.status},{scope:'public_profile'})\">In</button>")
    page.click("#in")
    assert page.later("return window.got", "the answer of the login") == "connected" and page.run("return realScope") == "public_profile"
    assert page.windows() == 2
    page.run("window.old=1;FB.getLoginStatus(r=>window.status2=r.status)")
    assert page.run("return status2") == "connected"  # from now on Meta's


def test_a_share_dialog_by_the_pages_own_button(visit):
    page = visit(body="<button id=share onclick=\"FB.ui({method:'share',href:'https://shop.example/'},function(r){window.got=r})\">Share</button>")
    page.click("#share")
    page.later("return !!window.got", "the answer of the dialog")
    eventually(lambda: [m for m in page.meta() if "/dialog/share" in m], "the dialog", 20)
    assert page.windows() == 2


def test_a_page_that_logs_in_without_a_click_gets_nobody(visit):
    # The driver's own looking may count as a click: the page says that there was none.
    page = visit(INIT + "Object.defineProperty(navigator,'userActivation',{value:{isActive:false}});"
                 "window.addEventListener('load',function(){FB.login(function(r){window.got=r.status});FB.ui({method:'share'},function(r){window.ui=[r]})})")
    assert page.later("return window.got", "the answer") == "unknown"
    page.later("return window.ui", "the dialog's answer")
    page.run("return 1")
    assert page.meta() == [] and page.windows() == 1


def test_a_like_button_comes_with_a_click(visit):
    page = visit(body="<div class=fb-like></div><div class=fb-page></div>")
    page.later("return document.querySelectorAll('.fb-like button, .fb-page button').length==2", "two placeholders")
    assert page.meta() == []
    page.click(".fb-like button")
    page.later("return window.realParsed", "Meta's own buttons")
    assert page.run("return document.querySelectorAll('button').length") == 0


def test_where_metas_script_does_not_come_the_page_is_told_and_goes_on(visit, house):
    script, house.scripts[SDK] = house.scripts[SDK], b""
    try:
        page = visit(body="<button id=in onclick=\"FB.login(function(r){window.got=r.status})\">In</button>", element=ELEMENT.replace("anonymous", "anonymous "))
        page.run("document.querySelector('#in')")
        house.scripts[SDK] = b"throw 'not today'"
        page.click("#in")
        assert page.later("return window.got", "the answer of the login") == "unknown" and page.run("return typeof FB.login") == "function"
        eventually(lambda: page.windows() == 1, "the empty window to close", 10)
    finally:
        house.scripts[SDK] = script


@pytest.mark.parametrize("policy", ["script-src 'nonce-n0nce' 'strict-dynamic'", "script-src 'nonce-n0nce'", "script-src 'unsafe-inline' https://connect.facebook.net"],
                         ids=range(3))
def test_a_strict_policy_lets_the_login_through(visit, policy):
    element = ELEMENT.replace("<script", "<script nonce=n0nce") if "nonce" in policy else ELEMENT
    click = "document.addEventListener('click',function(e){if(e.target.id=='in')FB.login(function(r){window.got=r.status})});"
    page = visit(INIT + click, body="<button id=in>In</button>", element=element, fields=[f"Content-Security-Policy: {policy}"], nonce="n0nce")
    page.click("#in")
    if policy == "script-src 'nonce-n0nce'":  # Meta's first part asks for its second without a nonce
        page.later("return window.firsts", "Meta's first part")
    else:
        assert page.later("return window.got", "the answer of the login") == "connected"
    assert page.run("return thrown.length") == 0


TRUSTED = "script-src 'unsafe-inline' https://connect.facebook.net; require-trusted-types-for 'script'"
DEFAULT = "trustedTypes.createPolicy('default',{createScriptURL:u=>u});"  # which Meta's first part needs for its second


@pytest.mark.parametrize("policy, before, expected", [
    (TRUSTED, DEFAULT, "connected"), (TRUSTED + "; trusted-types paravent", "", "first"), (TRUSTED + "; trusted-types shop", "", "unknown")], ids=range(3))
def test_trusted_types_decide_whether_metas_script_may_come(visit, policy, before, expected):
    click = "document.addEventListener('click',function(e){if(e.target.id=='in')FB.login(function(r){window.got=r.status})});"
    page = visit(before + INIT + click, body="<button id=in>In</button>", fields=[f"Content-Security-Policy: {policy}"])
    page.click("#in")
    if expected == "first":  # it came, and the page's policy does not let it ask for its second part
        page.later("return window.firsts", "Meta's first part")
    else:
        assert page.later("return window.got", "the answer of the login") == expected
        assert page.run("return thrown.length") == 0 and page.windows() == (2 if expected == "connected" else 1)
    assert page.run("return typeof FB.login") == "function"


def test_it_never_throws_whatever_it_is_called_with(visit, house):
    page = visit(body="<div class=fb-login-button data-onlogin='not js ('></div>")
    page.run("""var odd=[undefined,null,0,'',{},[],function(){throw 1},document,window,Symbol('x'),new Proxy({},{get(){throw 2}}),{get xfbml(){throw 3}}];
        odd.forEach(a=>odd.forEach(b=>{['init','getLoginStatus','login','logout','ui','api','getAuthResponse'].forEach(m=>FB[m](a,b));
        FB.Event.subscribe(a,b);FB.Event.unsubscribe(a,b);FB.XFBML.parse(a,b);FB.AppEvents.logEvent(a,b)}))""")
    page.run("return new Promise(r=>setTimeout(r,200))")
    assert json.loads(page.run("return JSON.stringify(thrown)")) == [] and house.paravent.alive()
