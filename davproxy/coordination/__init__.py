"""Coordination of the instances of one library: tables, claims and notices, in this process or on a Redis."""

from davproxy.coordination.in_process import InProcess, Shared
from davproxy.coordination.on_redis import OnRedis
from davproxy.coordination.protocol import AWAY, Coordination, Table

__all__ = ["AWAY", "Coordination", "InProcess", "OnRedis", "Shared", "Table"]
