"""The change feed of a running server: its listener, its part in dispatching, and who is told."""

from typing import Literal

from db.changes import Dispatcher, Listener, Subscriber
from db.urls import is_pooled

FeedState = Literal["heard", "lost", "off"]


class ChangeFeed:
    """Hears of changes on a direct connection, and dispatches them where no other worker does.

    Behind a transaction pooler there is neither: nothing is heard there, and a lock would stay behind.
    """

    def __init__(self, url: str) -> None:
        pooled = is_pooled(url)
        self._listener = None if pooled else Listener(url)
        self._dispatcher = None if pooled else Dispatcher(url)

    @property
    def is_current(self) -> bool:
        """Whether every change up to a moment ago was heard."""
        return self._listener is not None and self._listener.is_current

    @property
    def state(self) -> FeedState:
        """Whether changes are heard at the moment, or cannot be."""
        if self._listener is None:
            return "off"
        return "heard" if self._listener.is_current else "lost"

    def subscribe(self, *subscribers: Subscriber) -> None:
        """Tell these of every change; they are lost until the feed is first heard."""
        if self._listener is not None:
            self._listener.subscribe(subscribers)

    async def open(self) -> None:
        """Begin to listen and then to dispatch, in the background.

        Returns once the feed is heard, or soon after: a server starts without its database too.
        """
        if self._listener is None or self._dispatcher is None:
            return
        await self._listener.open()
        self._dispatcher.open()
        await self._listener.settle()

    async def close(self) -> None:
        """End both; another worker dispatches from now on."""
        if self._dispatcher is not None:
            await self._dispatcher.close()
        if self._listener is not None:
            await self._listener.close()
