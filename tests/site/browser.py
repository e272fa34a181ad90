"""A page in headless Chromium, with the mathematics served from this machine and every complaint written down."""

import functools
import http.server
import mimetypes
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}

CDN = "https://cdn.jsdelivr.net/npm/mathjax@3/es5/"
OFFLINE = Path(str(distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline/static/mathjax")))
# by default MathJax shows an unknown macro in red and a syntax error as plain text, and a test would see neither
STRICT = b"MathJax.tex = {...MathJax.tex, packages: {'[-]': ['noerrors', 'noundefined']}};"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder under an address of its own."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def opened(browser: Any, url: str, size: str) -> Iterator[Any]:
    """The page, typeset; `page.complaints` gathers what the browser, the network and the scripts say."""
    width, height = WIDTHS[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.complaints = []
    site = "/".join(url.split("/")[:3])
    context.route("**/*", lambda route: _answer(route, site, page.complaints))
    page.on("pageerror", lambda error: page.complaints.append(f"script: {error}"))
    page.on("console", lambda m: m.type == "error" and page.complaints.append(f"console: {m.text}"))
    page.on("response", lambda r: r.status >= 400 and page.complaints.append(f"{r.status}: {r.url}"))
    page.goto(url, wait_until="load")
    page.wait_for_function("!document.querySelector('meta[http-equiv=refresh]')")
    if page.evaluate("!!document.querySelector('script[src*=mathjax]')"):
        page.wait_for_function("window.MathJax?.startup?.promise")
        page.evaluate("MathJax.startup.promise.then(() => true)")
    # colors on their way from light to dark are not what a reader sees
    page.add_style_tag(content="* { transition: none !important; animation: none !important }")
    yield page
    context.close()


def _answer(route: Any, site: str, complaints: list[str]) -> None:
    url = route.request.url
    if url.startswith(site):
        route.continue_()
    elif url.startswith(CDN):
        name = url.removeprefix(CDN).split("?")[0]
        body = (OFFLINE / name).read_bytes()
        route.fulfill(
            body=STRICT + body if name == "tex-mml-chtml.js" else body,
            content_type=mimetypes.guess_type(name)[0],
            headers={"access-control-allow-origin": "*"},
        )
    else:
        complaints.append(f"left the site: {url}")
        route.abort()
