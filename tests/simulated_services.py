"""Session logs of simulated customers, with goals as production reads them: out of the customers' texts."""

from dataclasses import fields
from datetime import date

import numpy as np

from db.demo import DemoPlan, simulated
from db.demo.arrays import EPOCH
from db.demo.catalogue import PACKAGE_QUOTAS
from db.demo.chunk import Chunk
from db.demo.sessions import COMPLETED, UNRATED
from insight import goal_tags
from insight.recommend.service_log import Purchases, SessionLog, goal_bits

TODAY = date(2026, 11, 25)


def simulated_log(customers: int, seed: int = 7) -> SessionLog:
    parts: list[list[np.ndarray]] = []
    bought: list[Purchases] = []
    goals: list[int] = []
    for chunk in simulated(DemoPlan(TODAY, customers, seed)):
        held = (chunk.sessions.status == COMPLETED) & (chunk.sessions.day <= chunk.today)
        sessions = chunk.sessions
        columns = [sessions.customer + len(goals), sessions.day + EPOCH.toordinal(), sessions.service]
        rating = np.where(sessions.rating == UNRATED, -1, sessions.rating)
        parts.append([column[held] for column in (*columns, rating)])
        bought.append(_purchases(chunk, len(goals)))
        people = chunk.people
        goals += [
            0 if silent else goal_bits(goal_tags(text.decode()))
            for text, silent in zip(people.goals.tolist(), people.no_goals.tolist(), strict=True)
        ]
    customer, day, service, rating = (np.concatenate(column) for column in zip(*parts, strict=True))
    purchases = Purchases(
        *(np.concatenate([getattr(part, item.name) for part in bought]) for item in fields(Purchases))
    )
    return SessionLog(customer, day, service, rating, np.array(goals), purchases)


def _purchases(chunk: Chunk, offset: int) -> Purchases:
    rows, epoch = chunk.history.purchases, EPOCH.toordinal()
    kept = ~chunk.refunded
    return Purchases(
        customer=rows.customer[kept] + offset,
        day=rows.day[kept] + epoch,
        expires=rows.expires[kept] + epoch,
        sessions=PACKAGE_QUOTAS[rows.package[kept]],
    )
