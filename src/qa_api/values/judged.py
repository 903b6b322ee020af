"""What a query asks of the judgements of domains: a scale, a domain and how that was judged."""

from typing import Annotated

from qa_api.values.text import Formed

AskedScale = Annotated[
    str,
    Formed(
        r"^[a-z0-9-]{1,40}/[1-9][0-9]{0,8}$",
        "The code of a judgement scale and its number, like `four-point/1`.",
        least=3,
        most=50,
        examples=("four-point/1",),
    ),
]
"""One number of a judgement scale, in a query."""

AskedOfDomain = Annotated[
    str,
    Formed(
        r"^[a-z0-9_]{1,60}/[a-z0-9_]{1,60}$",
        "The key of a domain, a stroke and a word, like `voice_of_the_child/good`.",
        least=3,
        most=121,
        examples=("voice_of_the_child/good",),
    ),
]
"""A domain and a judgement of it, or how two judgements of it compare, in a query."""
