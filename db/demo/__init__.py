"""An invented wellness center: its customers, their history, and the loader that fills an empty database.

What others may use stands here. `simulated` gives the same customers without a database, with the truth that
only tests of the models may look at (`chunk.history.truth`).
"""

from db.demo.hard_cases import HARD_CASES
from db.demo.load import load_demo, simulated
from db.demo.plan import LOADING, CenterNotEmpty, DemoPlan, DemoReport, Progress, usual_days
from db.demo.visits import Truth

__all__ = [
    "HARD_CASES",
    "LOADING",
    "CenterNotEmpty",
    "DemoPlan",
    "DemoReport",
    "Progress",
    "Truth",
    "load_demo",
    "simulated",
    "usual_days",
]
