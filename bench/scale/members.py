"""Who in a consumer group has which partitions, as the broker says."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from wire.config import Kafka

_MEMBERS, _ASSIGNMENT = 5, -1
"""Places in the broker's answer, of which the client makes tuples."""


async def assignments(kafka: Kafka, group: str, topic: str) -> list[set[int]]:
    """Partitions of the topic for each member; empty while the group has not settled."""
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    ((*told,),) = answer.groups
    found: list[set[int]] = []
    for member in told[_MEMBERS]:
        if assignment := member[_ASSIGNMENT]:
            shared = ConsumerProtocolMemberAssignment.decode(assignment).assignment
            found.append({number for name, of in shared if name == topic for number in of})
    return found
