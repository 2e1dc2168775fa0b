"""The churn model's parameters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChurnModel:
    """Fitted parameters; time is in the unit they were fitted in (weeks, for the center's own model).

    While a customer stays, gaps between visits are Erlang-k with a rate from Gamma(r, alpha); after each
    visit the customer leaves for good with a chance from Beta(a, b). MBG/CNBD-k where `leaves_at_once`
    (also after the first visit), else BG/CNBD-k (only after a repeat visit).
    Platzer & Reutterer (2016); Batislam et al. (2007); Fader, Hardie & Lee (2005) for k = 1.
    """

    r: float
    alpha: float
    a: float
    b: float
    k: int = 1
    leaves_at_once: bool = True
