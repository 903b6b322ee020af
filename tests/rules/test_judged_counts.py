"""Which audits a count of judgements is of: of one scale, as a whole or in a domain (R4.1.3)."""

from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.judged_on import JudgedOn

WHOLE, VOICE = JudgedOn("four-point", 2), JudgedOn("four-point", 2, "voice")


def test_judgements_of_audits_as_a_whole_are_of_one_number_of_one_scale() -> None:
    assert judged(WHOLE).filters == {"scale": "four-point", "scale_number": 2}
    assert judged_so(judged(WHOLE), "good").filters == {
        "scale": "four-point",
        "scale_number": 2,
        "judgement": "good",
    }


def test_judgements_of_a_domain_are_of_one_number_of_one_scale_and_of_that_domain() -> None:
    assert judged(VOICE).filters == {"profile": "four-point/2", "domain": "voice"}
    assert judged_so(judged(VOICE), "good").filters == {
        "profile": "four-point/2",
        "domain": "voice",
        "domain_judgement": "voice/good",
    }


def test_the_whole_stands_before_its_domains_and_these_in_the_order_of_the_scale() -> None:
    domains = {"voice": "Voice of the child", "safety": "Safety"}
    unknown = JudgedOn("four-point", 2, "another")
    safety, other_scale = JudgedOn("four-point", 2, "safety"), JudgedOn("five-point", 1, "voice")
    shown = sorted(
        [unknown, safety, VOICE, WHOLE, other_scale, JudgedOn("four-point", 1, "safety")],
        key=lambda on: on.place(domains),
    )
    assert shown == [
        other_scale,
        JudgedOn("four-point", 1, "safety"),
        WHOLE,
        VOICE,
        safety,
        unknown,
    ]
    assert WHOLE.place(domains) == ("four-point", 2, -1, "")
