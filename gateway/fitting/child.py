"""The process in which a server fits: takes one order on its standard input, and ends with its parent."""

import logging
import os
import sys
from threading import Thread

from db.fitting.lock import FitRunning
from gateway.fitting.fit import fit_for_today, refresh_quantiles
from gateway.fitting.orders import BUSY, DONE, FAILED, Order
from gateway.logs import configure_logs

_log = logging.getLogger(__name__)

_GENTLY = 10  # the server's own processes come first


def main() -> int:
    """Do what is ordered, and return how it went."""
    order = Order.from_line(sys.stdin.buffer.readline())
    Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    configure_logs(order.log_level)
    os.nice(_GENTLY)
    try:
        if order.work == "quantiles":
            refresh_quantiles(order.url, order.today)
        else:
            fit_for_today(order.url, order.today, lambda _step, _done: None)
    except FitRunning:
        return BUSY
    except Exception:  # noqa: BLE001 - the log shows kinds and places only: errors may quote rows
        _log.exception("the models were not fitted")
        return FAILED
    return DONE


def _end_with_parent() -> None:
    """Wait for the end of standard input, which comes when the parent is gone: nobody writes to it again."""
    while os.read(0, 1):
        pass
    os._exit(FAILED)


if __name__ == "__main__":
    sys.exit(main())
