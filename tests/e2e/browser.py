"""Chromium as somebody's at home has it: all through the proxy, and the home's root among its authorities."""
import contextlib
import os
import shutil
import subprocess

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(not (CHROMIUM and DRIVER and shutil.which("certutil")),
                                    reason="chromium, chromium-driver and libnss3-tools are not installed")


@contextlib.contextmanager
def chromium(home, folder, *extra, proxy=True, capabilities=None):
    """Trusts the home's root, and the small world's (`home.world`) for what is not looked into. `proxy`: through the home's,
    through none, or (None) as `extra` says, with names that lead to the origins where it goes by itself."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="python3-selenium is not installed")
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    database = folder / ".pki/nssdb"
    database.mkdir(parents=True)
    roots = {"home": home.root, "world": home.world.file}
    for words in (["-N", "--empty-password"], *(["-A", "-n", name, "-t", "C,,", "-i", str(root)] for name, root in roots.items())):
        subprocess.run(["certutil", *words, "-d", f"sql:{database}"], check=True, capture_output=True)
    options = Options()
    options.binary_location = CHROMIUM
    direct = "--host-resolver-rules=" + ",".join(f"MAP {name} {address}" for name, address in home.hosts.items())
    way = {True: [f"--proxy-server=http://127.0.0.1:{home.paravent.port}", "--proxy-bypass-list=<-loopback>"],
           False: ["--no-proxy-server", direct], None: [direct]}[proxy]
    for argument in ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-dev-shm-usage", "--disable-quic", f"--user-data-dir={folder / 'profile'}", *way, *extra,
                     *(["--no-sandbox"] if os.geteuid() == 0 else [])]:
        options.add_argument(argument)
    for name, value in (capabilities or {}).items():
        options.set_capability(name, value)
    browser = webdriver.Chrome(options=options, service=Service(DRIVER, env={**os.environ, "HOME": str(folder)}))
    try:
        browser.set_page_load_timeout(120)
        browser.set_script_timeout(60)
        yield browser
    finally:
        browser.quit()


# Meta's documented base code, with the account of nobody; `LOAD` adds the element, its words in `t`.
STUB = """!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};
if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;t.src=v;%s
t.onerror=function(){window.loader='failed'};t.onload=function(){window.loader='loaded'};
s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,document,'script','https://connect.facebook.net/en_US/fbevents.js');"""
ID = "1000000000000001"
NOSCRIPT = f'<noscript><img height="1" width="1" src="https://www.facebook.com/tr?id={ID}&ev=PageView&noscript=1"></noscript>'


def base_code(*calls, element=""):
    return STUB % element + "".join(f"fbq({call});" for call in (calls or (f"'init','{ID}'", "'track','PageView'")))


def document(script="", nonce="", head="", body=""):
    """A shop's page; what its policy refuses and what its scripts throw is kept in `refused` and `thrown`."""
    attribute = f' nonce="{nonce}"' if nonce else ""
    watch = ("window.refused=[];window.thrown=[];document.addEventListener('securitypolicyviolation',e=>refused.push(e.blockedURI));"
             "window.addEventListener('error',e=>{if(e.message)thrown.push(e.message)});"
             "window.addEventListener('unhandledrejection',e=>thrown.push(String(e.reason)));")
    return (f"<!doctype html><html><head><title>shop</title><link rel=icon href='data:,'><script{attribute}>{watch}</script>{head}"
            f"<script{attribute}>{script}</script>{NOSCRIPT}</head><body><h1>Shop</h1>{body}</body></html>")
