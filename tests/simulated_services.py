"""Session logs of simulated customers, with goals as production reads them: out of the customers' texts."""

from datetime import date

from db.demo import DemoPlan, simulated
from gateway.evaluate.simulation import session_log
from insight.recommend.service_log import SessionLog

TODAY = date(2026, 11, 25)


def simulated_log(customers: int, seed: int = 7) -> SessionLog:
    return session_log(list(simulated(DemoPlan(TODAY, customers, seed))))
