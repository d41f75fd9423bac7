"""The documentation site, read from the Markdown above this folder; no page of it asks the network for anything.

``make docs`` builds it into ``build/site``. Formulas are MathML, which browsers draw without a script; the letters of
Hindi come with the site; the search index is a script that a page opened from disk can load.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fontpkg
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

project = "SPMC Notebook"
author = "SPMC Notebook contributors"
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["site", "images/*.py"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page that skips from a title to a third level reads well all the same

autodoc_typehints = "none"  # numpydoc says the types in the list of parameters
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "SPMC Notebook"
html_static_path = ["site.css", str(fontpkg.path("Noto Sans Devanagari"))]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_search_summary = False  # a summary is read by a request, which a page opened from disk may not make
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
copyright = "SPMC Notebook contributors, GPL-3.0-or-later"


class Search(SearchEnglish):
    """Words of English and Hindi: a vowel sign belongs to its word, on the page and in what a reader types."""

    _word_re = re.compile(r"[\w\u0900-\u0963\u0966-\u097F]+")
    js_splitter_code = r"""
    function splitQuery(query) {
      return query.split(/[^\p{Letter}\p{Mark}\p{Number}_]+/gu).filter((word) => word);
    }
    """


def formula(translator: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML."""
    block = isinstance(node, nodes.math_block)
    formula = tex2mathml(node.astext(), as_block=block)
    translator.body.append(f"<div class='formula'>{formula}</div>" if block else formula)
    raise nodes.SkipNode


def language_of_page(_app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Say of the pages in ``hi/`` that they are in Hindi."""
    if pagename.startswith("hi/"):
        context["language"] = "hi"


def setup(app: Sphinx) -> None:
    """Give Sphinx the formulas, the search and the language of a page."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.add_search_language(Search)
    app.connect("html-page-context", language_of_page)
