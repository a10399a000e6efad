"""Late and wrong activities of the closed months, in every state: what the village
reported after the closing, what the street and the district made of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from activities import review
from activities.corrections import NAME, PARTNERS, partners_of
from activities.demo.late import REASON, late_month
from activities.models import Activity
from federation.demo import Demo, step
from federation.demo.registry import at
from federation.models import Branch, User
from federation.months import Month
from rollups.demo.closing import closed_months
from rollups.models import Correction, CorrectionStep, Reopening, Revision

Act, State, Verb = Correction.Act, Correction.State, CorrectionStep.Verb

PEOPLE = ("district", "street", "village")
VILLAGE = "370114001001"
STREET = "370114/370114001/"

# What the village missed: state, title, people, why, what was answered.
MISSED = (
    (State.STREET, "妇女微家读书会", 18, "月底办的，录入时忘了。", ""),
    (State.APPROVED, "反诈宣传进家门", 32, "当时漏报，签到表 32 人。", ""),
    (
        State.RETURNED,
        "健康义诊",
        120,
        "和卫生院一起办的，漏报了。",
        "请分清本村组织的和路过的人数，再报一次。",
    ),
    (State.DECLINED, "直播课集中观看", 400, "加上线上观看的人数。", "观看量不算人次。"),
    (State.WITHDRAWN, "家庭教育沙龙", 25, "以为漏报了。", ""),
)
# What the street found wrong in a village's record.
WRONG = (State.DISTRICT, -4, "有 4 人重复签到。")
DECIDED = {
    State.STREET: (),
    State.DISTRICT: (Verb.STREET,),
    State.APPROVED: (Verb.STREET, Verb.DISTRICT),
    State.RETURNED: (Verb.RETURNED,),
    State.DECLINED: (Verb.DECLINED,),
    State.WITHDRAWN: (Verb.WITHDRAWN,),
    State.ENTERED: (Verb.STREET, Verb.DISTRICT, Verb.ENTERED),
}


@step(960, "补录和更正")
def bring_corrections(demo: Demo) -> None:
    """Let something wait in each state for the newest closed month, and one be in the
    second revision of an older one."""
    months = closed_months(demo)
    people = {user.username: user for user in User.objects.filter(username__in=PEOPLE)}
    if not months or len(people) < len(PEOPLE):
        return
    writer = Writer(demo, people)
    writer.entered(late_month(demo))
    writer.missed(months[-1])
    writer.wrong(months[-1])


class Writer:
    """Writes corrections as the acts would have, on days of the past."""

    def __init__(self, demo: Demo, people: dict[str, User]):
        self.demo, self.people = demo, people

    def entered(self, month: Month) -> None:
        """The activity that the second revision of *month* has more than the first."""
        revision = Revision.objects.newest_of(month)
        if revision is None or revision.number < 2:
            return
        reopening = Reopening.objects.filter(revision__month=month.first_day).first()
        late = self._of_street(month)
        late = late.filter(result_approved_at__gte=reopening.reopened_at)
        if activity := late.first():
            values = _values_of(activity)
            began = revision.closed_at - timedelta(hours=3)
            row = self._correction("street", activity, Act.ADD, State.ENTERED, values)
            row.object_id, row.reason, row.revision = activity.pk, REASON, revision
            row.entered_at = began + timedelta(hours=2)
            self._keep(row, began, "")

    def missed(self, month: Month) -> None:
        """Let the village have forgotten a few: as others held theirs, a day later."""
        village = Branch.objects.filter(code=VILLAGE).first()
        held = list(self._of_street(month)[: len(MISSED)])
        if village is None or not held:
            return
        for number, (state, title, people, why, answer) in enumerate(MISSED):
            activity = held[number % len(held)]
            activity.branch, activity.title = village, title
            values = _values_of(activity) | {
                "attendance_offline": people,
                "attendance_online": None,
                PARTNERS: [],
                "summary": "",
                "place": "社区妇女之家",
            }
            row = self._correction("village", activity, Act.ADD, state, values)
            row.reason = why
            self._keep(row, at(self.demo.today - timedelta(days=5), 9 + number), answer)

    def wrong(self, month: Month) -> None:
        state, more, why = WRONG
        if activity := self._of_street(month).last():
            before = _values_of(activity)
            people = max((activity.attendance_offline or 0) + more, 1)
            values = before | {"attendance_offline": people}
            row = self._correction("street", activity, Act.CHANGE, state, values)
            row.object_id, row.before, row.reason = activity.pk, before, why
            self._keep(row, at(self.demo.today - timedelta(days=3), 10), "")

    def _of_street(self, month: Month):
        held = Activity.objects.counted().held_in(month).select_related("branch")
        held = held.filter(branch__path__startswith=STREET, branch__depth=2)
        return held.order_by("pk")

    def _correction(self, author, activity, act, state, values) -> Correction:
        key = f"demo/correction/{activity.branch.code}/{activity.starts_on}/{state}"
        return Correction(
            branch=activity.branch,
            month=activity.starts_on.replace(day=1),
            act=act,
            record=NAME,
            title=activity.title,
            values=values,
            state=state,
            author=self.people[author],
            token=uuid5(NAMESPACE_URL, key),
        )

    def _keep(self, row: Correction, began: datetime, answer: str) -> None:
        """Write *row* and what was done with it, an hour after the other."""
        verbs = DECIDED[row.state]
        if row.author.username == "street":  # who reviews there need not ask herself
            verbs = tuple(verb for verb in verbs if verb != Verb.STREET)
        row.street_by = self.people["street"] if Verb.STREET in verbs else None
        row.district_by = self.people["district"] if Verb.DISTRICT in verbs else None
        row.save()
        Correction.objects.filter(pk=row.pk).update(made_at=began)
        steps = [(Verb.SUBMITTED, row.author, row.reason)]
        steps += [(verb, self._who(verb), answer) for verb in verbs]
        for number, (verb, by, reason) in enumerate(steps):
            one = CorrectionStep.objects.create(
                correction=row, verb=verb, by=by, reason=reason
            )
            moment = began + timedelta(hours=number)
            CorrectionStep.objects.filter(pk=one.pk).update(at=moment)

    def _who(self, verb: str) -> User:
        who = {Verb.WITHDRAWN: "village", Verb.DISTRICT: "district"}
        who[Verb.ENTERED] = "district"
        return self.people[who.get(verb, "street")]


def _values_of(activity: Activity) -> dict:
    return review.values_of(activity) | {PARTNERS: partners_of(activity)}
