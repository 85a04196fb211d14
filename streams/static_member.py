"""A worker whose place in the group has a name: it may go and come back to the same partitions.

Kafka gives the place to whoever joins last under the name.  The one before is fenced off, but
aiokafka 0.14 would not hear of it: it names the place when it joins only, so that its heartbeats
and commits are answered "unknown member", whereupon it joins anew and takes the place back, and
so for ever.  Here it first asks to come back as the member it was, which Kafka answers "fenced"
if somebody else has the place, and "unknown member" if it was only away for too long.

Kafka does not look at what the one that comes back wants to read.  After an update it may be
other topics than before; then it leaves for once, so that the partitions are shared out anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.protocol.group import JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest
from faust.assignor.client_assignment import ClientMetadata
from faust.assignor.partition_assignor import PartitionAssignor

_log = structlog.get_logger()
_FENCED = 82
"""Kafka's FENCED_INSTANCE_ID, which aiokafka does not know."""


class StaticMember:
    """Watches over the group coordinator of one consumer."""

    def __init__(self, coordinator: Any, fenced: Callable[[], None]) -> None:
        """`coordinator` is aiokafka's, with an instance id; `fenced` is called in its loop."""
        self._coordinator = coordinator
        self._fenced = fenced
        self._send, self._reset = coordinator._send_req, coordinator.reset_generation  # noqa: SLF001
        self._complete = coordinator._on_join_complete  # noqa: SLF001
        self._was = ""
        self._left = False
        coordinator._on_join_complete = self.complete  # noqa: SLF001
        coordinator._send_req = self.send  # noqa: SLF001 - no public hook
        coordinator.reset_generation = self.reset

    def reset(self) -> None:
        """As aiokafka's, and remembers who we were."""
        self._was = self._coordinator.member_id or self._was
        self._reset()

    async def send(self, request: Any) -> Any:
        """As aiokafka's, and asks to come back as who we were."""
        joining = isinstance(request, JoinGroupRequest)
        if joining and self._was:
            request._member_id = self._was  # noqa: SLF001 - built without knowing
        answer = await self._send(request)
        if joining:
            self._was = ""
        if joining or isinstance(request, SyncGroupRequest):
            self._look(answer)
        return answer

    async def complete(
        self, generation: int, member_id: str, protocol: str, assignment: bytes
    ) -> None:
        """As aiokafka's, if the assignment is of what we subscribe to."""
        subscribed = set(self._coordinator._subscription.topics)  # noqa: SLF001
        # Once is enough, and a topic that nobody can assign must not cost a rebalance for ever.
        if self._left or _fits(subscribed, assignment):
            await self._complete(generation, member_id, protocol, assignment)
            return
        self._left = True
        _log.info("subscription_changed", detail="the partitions are shared out anew")
        await self._send(LeaveGroupRequest(self._coordinator.group_id, member_id))
        self._reset()

    def _look(self, answer: Any) -> None:
        if answer.error_code == _FENCED:
            self._fenced()


def _fits(subscribed: set[str], assignment: bytes) -> bool:
    """Whether all of this was there to be assigned, and nothing else was assigned."""
    found = ConsumerProtocol.ASSIGNMENT.decode(assignment)
    told: Any = ClientMetadata.loads(PartitionAssignor._decompress(found.user_data))  # noqa: SLF001
    return (
        subscribed <= set(told.topic_groups)
        and {topic for topic, _ in found.assignment} <= subscribed
    )
