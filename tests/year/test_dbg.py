import os
from tests.year.histories import drawn, History
from tests.year.steps import WEIGHTS
from tests.year.shrinking import shortest
from tests.year.test_year import same_fault
from tests.year.living import live


def test_dbg(places):
    h = drawn(os.environ["HSEED"], int(os.environ["HDRAW"]), WEIGHTS, 16)
    h = History(h.seed, h.days[: int(os.environ["HDAYS"])])
    with places.opened(21) as place:
        lived = live(place, h, check_every=int(os.environ.get("HEVERY", "7")))
        print(lived.fault, lived.fault and lived.fault.rows, lived.fault_on)
        q = os.environ.get("HQ")
        if q:
            for r in place.rows(q):
                print(dict(r))
