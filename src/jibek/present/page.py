"""A self-contained HTML page: from a template, figures and texts to one text that needs nothing from outside."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

import jibek
from jibek.present.basemap import read_basemap
from jibek.present.palette import COLOURS, FONT, PAYEES, dark_twins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["render_page"]


def render_page(template: str, language: Language, figures: Mapping[str, Figure], **content: object) -> str:
    """Render a page.

    Parameters
    ----------
    template
        Name of a template of the package that extends ``page.html.j2``.
    language
        Language of every text.
    figures
        Figures by the name that the template gives them.
    content
        What else the template asks for.

    Returns
    -------
    str
        An HTML page; the same input gives the same text.
    """
    return (
        _templates()
        .get_template(template)
        .render(
            t=language.text,
            language=language,
            version=jibek.__version__,
            charts={name: _json(figure) for name, figure in _sharing(figures).items()},
            payee_pairs=PAYEES,
            colours=COLOURS,
            font=Markup(FONT),  # noqa: S704 - a constant
            dark=_json(dark_twins()),
            basemap=_json({"lon": read_basemap().lon, "lat": read_basemap().lat}),
            plotly=_plotly(),
            wording=_json(
                {
                    "locale": language.code,
                    "dictionary": {
                        key.removeprefix("plotly."): language.text(key)
                        for key in language.messages
                        if key.startswith("plotly.")
                    },
                }
            ),
            **content,
        )
    )


def _sharing(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Replace each trace of an enlarged figure that the whole one has too by its number there; the page puts it back.

    The figure ``x-middle`` enlarges the middle of the figure ``x``.
    """
    shared = dict(figures)
    for name, figure in figures.items():
        whole = name.removesuffix("-middle")
        if whole != name and whole in figures:
            data = figures[whole]["data"]
            traces = [data.index(trace) if trace in data else trace for trace in figure["data"]]
            shared[name] = {**figure, "data": traces, "like": f"spec-{whole}"}
    return shared


def _json(data: object) -> Markup:
    """Write data as JSON that is safe inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no element can be closed or opened


@cache
def _plotly() -> Markup:
    """Read Plotly's own script, without importing what the library has besides."""
    script = resources.files("plotly") / "package_data" / "plotly.min.js"
    return Markup(script.read_text(encoding="utf-8"))  # noqa: S704 - the library itself


@cache
def _templates() -> jinja2.Environment:
    """Open the package's templates; a missing value is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("jibek.present"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
