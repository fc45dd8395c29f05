"""What another site writes to show one of our maps or score cards in a frame."""

import html


def frame(address: str, title: str, height: int) -> str:
    """The HTML to paste into a page: a frame as wide as its place."""
    return (
        f'<iframe src="{html.escape(address)}" title="{html.escape(title)}" width="100%" height="{height}"'
        ' loading="lazy"></iframe>'
    )
