"""What another site writes to show one of our maps or score cards in a frame."""

import html

from observatory import languages, links


def spoken(path: str) -> str:
    """That path of this site in the current language."""
    return path if languages.current() == languages.SOURCE else links.localised(path)


def frame(address: str, title: str, height: int) -> str:
    """The HTML to paste into a page: a frame as wide as its place."""
    return (
        f'<iframe src="{html.escape(address)}" title="{html.escape(title)}" width="100%" height="{height}"'
        ' loading="lazy"></iframe>'
    )
