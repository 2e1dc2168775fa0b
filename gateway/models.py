"""The fitted models of a running server: loaded at the start, and swapped whenever newer ones are there."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import TypeAlias

import numpy as np
import psycopg

from db.engine import Database, DatabaseUnavailable
from db.fitted_models import model_state, newest_model
from db.quantiles import stored_quantiles
from gateway.fitting.background import BackgroundFit
from gateway.fitting.parts import models_of
from resolvers.models import NO_MODELS, Models

_log = logging.getLogger(__name__)

_FIRST_LOOK_SECONDS = 2.0

_Mark: TypeAlias = tuple[str | None, int, datetime | None]


class ModelKeeper:
    """Holds the newest models for everybody who asks, and looks for newer ones now and then.

    Nobody waits for it: whoever takes `models` gets what was there at the last look, all of one moment. While
    the database is away that stays.
    """

    def __init__(
        self,
        database: Database,
        *,
        today: Callable[[], date],
        seconds: float,
        background: BackgroundFit | None,
    ) -> None:
        self._database = database
        self._today = today
        self._seconds = seconds
        self._background = background
        self._models = NO_MODELS
        self._mark: _Mark | None = None
        self._looked = asyncio.Event()
        self._failure: str | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def models(self) -> Models:
        """What was newest at the last look."""
        return self._models

    async def open(self) -> None:
        """Begin to look; returns after the first look, or soon where the database does not answer."""
        self._looking = asyncio.create_task(self._look_on(), name="models")
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_LOOK_SECONDS):
                await self._looked.wait()

    async def close(self) -> None:
        """Stop looking, and stop a fit that runs beside the server; the next one goes on from there."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        if self._background is not None:
            await self._background.close()

    async def _look_on(self) -> None:
        while True:
            try:
                await self._look()
            except (DatabaseUnavailable, psycopg.Error) as error:
                self._report(type(error).__name__)
            else:
                self._failure = None
            self._looked.set()
            await asyncio.sleep(self._seconds)

    async def _look(self) -> None:
        state = await model_state(self._database)
        mark = (state.version, state.measures, state.gathered_at)
        if mark != self._mark:
            self._models = await self._load()
            self._mark = mark
        if self._background is not None:
            await self._background.consider(state, self._today())

    async def _load(self) -> Models:
        fitted = await newest_model(self._database)
        tables = {
            stored.measure: np.asarray(stored.quantiles, dtype=np.float64)
            for stored in await stored_quantiles(self._database)
        }
        # a large model takes longer to read than an answer may wait
        return await asyncio.to_thread(models_of, fitted, tables)

    def _report(self, failure: str) -> None:
        """Log a failure once, however often it is met in a row."""
        if failure != self._failure:
            _log.warning("fitted models could not be looked for", extra={"error": failure})
        self._failure = failure
