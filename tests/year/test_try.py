import os, time
from dataclasses import replace
from tests.year.histories import drawn, History
from tests.year.living import live
from tests.year.steps import WEIGHTS
from tests.year.shrinking import shortest
def test_try(places):
    seed, days, teams, a_day, every = os.environ.get("TRY","1 10 4 12 5").split()
    h = drawn(seed, int(days), WEIGHTS, int(a_day))
    with places.opened(int(teams)) as place:
        w=time.time()
        lived = live(place, h, check_every=int(every))
        print("\nwall", time.time()-w, "cpu", lived.cpu, "requests", lived.requests, "days", lived.days, "checks", lived.checks)
        for k in WEIGHTS: print(f"{k:<40}{lived.taken[k]:>6}{lived.ended[k]:>6}{lived.idle[k]:>6}")
        print(lived.refusals)
        for w,c in place.said.most_common(60): print(c, w[:400])
        print("FAULT", lived.fault, lived.fault_on, lived.fault_in)
    if lived.fault and "SHRINK" in os.environ:
        what = lived.fault.what
        n=[0]
        def fails(history):
            n[0]+=1
            with places.opened(int(teams)) as place:
                got = live(place, history, check_every=10**6, only=frozenset([what]))
            ok = got.fault is not None and got.fault.what == what
            print(n[0], history.steps, ok, flush=True)
            return ok
        s = shortest(History(h.seed, h.days[:lived.days]), fails)
        print(s)
        with places.opened(int(teams)) as place:
            live(place, s, check_every=10**6, only=frozenset([what]))
            for q in os.environ.get("Q","").split(";"):
                if q.strip():
                    for r in place.rows(q): print(dict(r))
