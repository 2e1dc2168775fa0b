"""The change feed: whoever's data changed, told to every worker within a moment of the commit.

Triggers leave customers' numbers in an outbox within the writer's transaction (migration 0007), one
dispatcher in the whole center takes and sends them, and a listener in each worker tells its subscribers.
"""

from db.changes.dispatcher import Dispatcher
from db.changes.listener import Listener, Subscriber
from db.changes.message import Change, read_message

__all__ = ["Change", "Dispatcher", "Listener", "Subscriber", "read_message"]
