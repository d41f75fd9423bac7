"""What of a page sticks out of a narrow window; the question waits until the browser has drawn the new width."""

from typing import Any

_WIDER = """() => [document.documentElement.scrollWidth, ...[...document.body.querySelectorAll("*")]
    .filter(element => element.getBoundingClientRect().right > innerWidth)
    .map(element => `${element.tagName} ${element.className}: ${element.textContent.trim().slice(0, 60)}`)]"""


def fits(page: Any, width: int = 390, height: int = 844) -> None:
    """Make the window `width` CSS pixels wide; no part of the page may stick out of it.

    Raises
    ------
    AssertionError
        Names the elements that stick out, twenty seconds after the window took its width.
    """
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => innerWidth === width", arg=width)
    try:
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=20_000)
    except Exception as error:
        raise AssertionError(f"{page.url} is wider than {width}: {page.evaluate(_WIDER)}") from error
