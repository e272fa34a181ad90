"""What can be wrong with an open page, as a list of sentences; an empty list is a good page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

# violations that the theme makes and that we do not repair, each with its reason
ALLOWED: dict[str, str] = {}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}

STATE = r"""() => {
  const texts = (elements) => [...elements].map(e => e.textContent.trim().slice(0, 80));
  const raw = /\\\(|\\\[|\\begin\{|\$/;   // no page has another use for a dollar sign
  const isText = (node) => !node.parentElement.closest('code, pre, dt.sig, script, style, mjx-container');
  const walker = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
  const untypeset = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (raw.test(node.data) && isText(node)) untypeset.push(node.data.trim().slice(0, 80));
  }
  const images = [...document.images];
  return {
    'TeX error': texts(document.querySelectorAll('mjx-merror, [data-mjx-error]')),
    'mathematics not typeset': untypeset.concat(
      texts([...document.querySelectorAll('span.math, div.math')].filter(e => !e.querySelector('mjx-container')))),
    'broken image': images.filter(i => !i.complete || !i.naturalWidth).map(i => i.src),
    'image without alternative text': images.filter(i => i.closest('main') && !i.alt.trim()).map(i => i.src),
    'wider than the window, by pixels': document.documentElement.scrollWidth > innerWidth
      ? [document.documentElement.scrollWidth - innerWidth] : [],
  }
}"""


def defects(page: Any) -> list[str]:
    """Everything wrong with the page as it is shown now."""
    found = [f"{kind}: {what}" for kind, whats in page.evaluate(STATE).items() for what in whats]
    found += page.complaints
    page.complaints = []
    for violation in Axe().run(page, options=RULES).response["violations"]:
        if violation["impact"] in ("serious", "critical") and violation["id"] not in ALLOWED:
            found += [f"axe {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]]
    # older builds of axe fetch style sheets themselves; that is no complaint about the page
    page.complaints = []
    return found
