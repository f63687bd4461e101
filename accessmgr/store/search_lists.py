"""Lists that a search goes through: people, enterprises and auditors, each in the order of their ids."""

from sqlalchemy import select

from accessmgr.store import tables
from accessmgr.store.known import Knowing
from accessmgr.store.tables import OPEN

person_t = tables.Person.__table__
enterprise_t = tables.Enterprise.__table__
appointment_t = tables.Appointment.__table__
auditor_t = tables.Auditor.__table__


class SearchLists(Knowing):
    """What is searched through within one look."""

    def people_after(self, after: str, limit: int) -> list[str]:
        """The ids of the next people after one, whenever they became known: a decision about anybody can be asked."""
        found = select(person_t.c.id).where(person_t.c.recorded_to == OPEN, person_t.c.id > after)
        return list(self.connection.execute(found.order_by(person_t.c.id).limit(limit)).scalars())

    def enterprises_after(self, after: str, limit: int) -> list[str]:
        """The numbers of the next enterprises of the register after one."""
        found = self.rows_with(select(enterprise_t.c.id), enterprise_t).where(enterprise_t.c.id > after)
        return list(self.connection.execute(found.order_by(enterprise_t.c.id).limit(limit)).scalars())

    def appointed_enterprises(self, after: str, limit: int) -> list[str]:
        """The numbers of the next enterprises after one in which a role was ever given or offered."""
        number = appointment_t.c.enterprise
        found = self.rows_with(select(number).distinct(), appointment_t).where(number > after)
        return list(self.connection.execute(found.order_by(number).limit(limit)).scalars())

    def auditors(self) -> list[str]:
        """The ids of the auditors."""
        found = self.rows_with(select(auditor_t.c.id), auditor_t)
        return list(self.connection.execute(found.order_by(auditor_t.c.id)).scalars())
