"""Recording inspections (评比): the one door for forms, the phone's walk and imports.

An inspection is scored by the standard in force on its day and keeps it. Sent again
under the same ``client_token`` it is the same inspection, however often the network
failed in between.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from families.models import Household, Inspection, InspectionPhoto, Standard
from families.models.choices import Grade, InspectionKind, Outcome, Subject
from families.recognition import basis
from families.recognition.terms import LONGEST_MENDING
from federation.models import Branch
from federation.pictures import cleaned

ADD = "families.add_inspection"
CHANGE = "families.change_inspection"
# Who looks in whose name: a village cannot enter the street's 复核.
RIGHT_FOR = {
    InspectionKind.TOWN: "families.review_recognition",
    InspectionKind.DISTRICT: "families.grant_recognition",
}
# A look from above decides about the village: it does not revisit itself.
RIGHT_FOR_VILLAGE = RIGHT_FOR | {InspectionKind.REVISIT: "families.review_recognition"}
MOST_PHOTOS = 6

NOT_YOURS = "“{kind}”由{who}登记，请另选类别。"
NOT_YOURS_TO_CORRECT = "“{kind}”由{who}更正。"
RESTED_ON = (
    "{day} 的认定或复核是按这次评比办的，现在还有效，不能改到示范线以下。请按今天的情况"
    "另登记一次评比，再由镇街或区妇联办理限期整改或摘牌；摘牌以后，这一条才能这样改。"
)
WHO = {
    InspectionKind.TOWN: "镇街审核员",
    InspectionKind.REVISIT: "镇街审核员",
    InspectionKind.DISTRICT: "区妇联",
}
SENT_ELSEWHERE = "这条评比的编号已经用过，请刷新页面后重新登记。"
NO_STANDARD = "{day} 还没有{subject}的评选标准，请联系区妇联。"
UNFINISHED = "“{standard}”的各项分值合计不是 100 分，请联系区妇联改好再评。"
OTHER_STANDARD = "评选标准已换成“{standard}”，请刷新页面后按新标准打分。"
NOT_SCORED = "还没打分：{names}。"
TOO_MANY_POINTS = "“{name}”打 0 到 {weight} 分的整数。"
NOT_REGISTERED = "这一户在 {day} 不在名册上，请核对日期和户号。"
NOT_THERE = "{branch}在 {day} 还没有成立或已经撤销，请核对日期。"
CANNOT_BE_MET = "得分没有达到合格线，或者有一票否决，结果不能填“达标”。"
CANNOT_BE_FAILED = "得分已达到合格线，结果请选“达标”或“限期整改”。"
TOO_LONG_TO_MEND = "整改期限最长一年，请改近一些。"
FULL = f"一次评比最多 {MOST_PHOTOS} 张照片，请先删去一张再传。"
PHOTO_SENT_ELSEWHERE = "这张照片已经传到另一条评比里了，请重新选一次。"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What scores are worth. *scores*: {criterion id as text: points}, a veto that
    applies as 1, one that does not left out."""

    scores: dict[str, int]
    points: int
    grade: str

    @property
    def is_enough(self) -> bool:
        return self.grade != Grade.BELOW


def usual_outcome(grade: str) -> str:
    """Return the outcome of a look that is neither to be mended nor told otherwise."""
    return Outcome.NOT_MET if grade == Grade.BELOW else Outcome.MET


def standard_on(subject: str, day: date) -> Standard:
    """Return the standard for *subject* (``Subject``) in force on *day*, its criteria
    prefetched in order. Raises ValidationError if there is none, or it is
    unfinished."""
    standard = (
        Standard.objects.prefetch_related("criteria").in_force(subject, day)
        if isinstance(day, date)
        else None
    )
    if standard is None:
        label = Subject(subject).label
        raise ValidationError(NO_STANDARD.format(day=day, subject=label))
    if sum(criterion.weight for criterion in standard.criteria.all()) != 100:
        raise ValidationError(UNFINISHED.format(standard=standard))
    return standard


def judge(standard: Standard, scores: dict) -> Verdict:
    """
    Return what *scores* are worth by *standard*.

    *scores*: {criterion id, as number or text: points}; a veto is true or 1 when it
    applies, and may be left out. Raises ValidationError (field ``scores``) for a
    criterion that is missing, of another standard, or has too many points.
    """
    given = {str(key): value for key, value in scores.items()}
    criteria = {str(criterion.pk): criterion for criterion in standard.criteria.all()}
    if given.keys() - criteria.keys():
        raise ValidationError({"scores": OTHER_STANDARD.format(standard=standard)})
    missing = [
        criterion.name
        for key, criterion in criteria.items()
        if not criterion.is_veto and given.get(key) in (None, "")
    ]
    if missing:
        raise ValidationError({"scores": NOT_SCORED.format(names="、".join(missing))})
    kept, points, vetoed = {}, 0, False
    for key, criterion in criteria.items():
        if criterion.is_veto:
            if given.get(key) in (True, 1, "1", "on"):
                kept[key], vetoed = 1, True
            continue
        kept[key] = _points(criterion, given[key])
        points += kept[key]
    return Verdict(kept, points, standard.grade_of(points, vetoed=vetoed))


def record(
    user,
    *,
    kind: str,
    inspected_on: date,
    scores: dict,
    household: Household | None = None,
    branch: Branch | None = None,
    outcome: str = "",
    mend_by: date | None = None,
    inspectors: str = "",
    remark: str = "",
    client_token: uuid.UUID | None = None,
) -> Inspection:
    """
    Record one look at *household*, or at the village *branch*, and return it.

    kind          ``InspectionKind``; 镇街复核 and 区抽查 only by those who may decide
                  there
    scores        see ``judge``
    outcome       ``Outcome``; empty: 限期整改 if *mend_by* is given, else 达标 or
                  不达标 as the points say
    client_token  the sender's own name for this entry: sent again, the inspection of
                  the first time is returned and nothing is written

    Raises PermissionDenied, and ValidationError with the sentences for whoever sent it
    (fields ``scores``, ``kind``, ``inspected_on``, ``outcome``, ``mend_by``,
    ``inspectors``, ``remark``).
    """
    branch = household.branch if household else branch
    if branch is None or not user.has_perm(ADD, branch):
        raise PermissionDenied
    token = client_token or uuid.uuid4()
    if sent := _sent_before(token, branch, household):
        return sent
    subject = Subject.HOUSEHOLD if household else Subject.VILLAGE
    _refuse_kind(user, kind, branch, subject)
    if household and isinstance(inspected_on, date):
        # Where it was on that day, if its village has merged since.
        branch = household.village_on(inspected_on) or branch
    row = Inspection(
        branch=branch,
        household=household,
        kind=kind,
        inspected_on=inspected_on,
        inspectors=inspectors.strip(),
        remark=remark.strip(),
        recorded_by=user,
        client_token=token,
    )
    _refuse_place(row)
    row.standard = standard_on(subject, inspected_on)
    _conclude(row, scores, outcome, mend_by)
    try:
        with transaction.atomic():
            if household:
                row.branch = _village_now(household, inspected_on) or row.branch
            row.save()
    except IntegrityError:
        # The same sending arrived twice at the same moment.
        if sent := _sent_before(token, branch, household):
            return sent
        raise
    return row


def correct(
    inspection: Inspection,
    user,
    *,
    scores: dict,
    outcome: str = "",
    mend_by: date | None = None,
    inspectors: str = "",
    remark: str = "",
) -> Inspection:
    """
    Write what was seen anew, by the standard of the day; day, kind and household stay.

    What a recognition in force rests on must go on carrying it. Raises as ``record``
    does.
    """
    with transaction.atomic():
        rows = Inspection.objects.select_for_update(of=("self",), no_key=True)
        row = rows.get(pk=inspection.pk)
        if not user.has_perm(CHANGE, row):
            raise PermissionDenied
        if not may_record(user, row.kind, row.branch, row.subject):
            raise ValidationError(not_yours_to_correct(row))
        basis.hold(row)
        was_model = row.is_model
        row.inspectors, row.remark = inspectors.strip(), remark.strip()
        _conclude(row, scores, outcome, mend_by)
        if was_model and not row.is_model and (day := basis.resting_on(row)):
            raise ValidationError(RESTED_ON.format(day=day))
        row.save()
    return row


def may_correct(user, inspection: Inspection) -> bool:
    """Tell whether *user* may correct *inspection*: whoever could have recorded it."""
    may_change = user.has_perm(CHANGE, inspection)
    return may_change and may_record(
        user, inspection.kind, inspection.branch, inspection.subject
    )


def not_yours_to_correct(inspection: Inspection) -> str:
    label, who = inspection.get_kind_display(), WHO.get(inspection.kind, "本村")
    return NOT_YOURS_TO_CORRECT.format(kind=label, who=who)


def add_photo(inspection: Inspection, user, upload, key: uuid.UUID) -> InspectionPhoto:
    """
    Keep *upload*, cleaned, as a photo of *inspection*; it is shown to staff only.

    *key* is the sender's own name for it: sent again, it makes no second photo. Raises
    PermissionDenied, or ValidationError if it is no photo, or one too many.
    """
    if not user.has_perm(ADD, inspection):
        raise PermissionDenied
    if sent := _photo_sent_before(inspection, key):
        return sent
    content = ContentFile(cleaned(upload), name=f"{key}.jpg")
    photo = InspectionPhoto(inspection=inspection, key=key)
    try:
        with transaction.atomic():
            return _keep(photo, content)
    except IntegrityError:
        raise ValidationError(PHOTO_SENT_ELSEWHERE) from None


def remove_photo(photo: InspectionPhoto, user) -> None:
    if not user.has_perm(CHANGE, photo.inspection):
        raise PermissionDenied
    photo.delete()


@receiver(post_delete, sender=InspectionPhoto)
def forget_file(sender, instance, **kwargs):
    """Delete the file with its row; a cascade calls no ``delete`` of the model."""
    file = instance.image
    if file:
        transaction.on_commit(lambda: file.storage.delete(file.name), robust=True)


def may_record(
    user, kind: str, branch: Branch, subject: str = Subject.HOUSEHOLD
) -> bool:
    """Tell whether *user* may record an inspection of *kind* in *branch*, of a
    household or of the village itself."""
    rights = RIGHT_FOR_VILLAGE if subject == Subject.VILLAGE else RIGHT_FOR
    right = rights.get(kind, ADD)
    return user.has_perm(ADD, branch) and user.has_perm(right, branch)


def _points(criterion, value) -> int:
    # int() would take 12.9 for 12 and True for 1.
    is_number = type(value) is int or (isinstance(value, str) and _is_plain(value))
    if is_number and 0 <= (points := int(value)) <= criterion.weight:
        return points
    sentence = TOO_MANY_POINTS.format(name=criterion.name, weight=criterion.weight)
    raise ValidationError({"scores": sentence})


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _conclude(row: Inspection, scores, outcome: str, mend_by: date | None) -> None:
    """Set points, grade and outcome of *row*, and check it as a whole."""
    verdict = judge(row.standard, scores)
    row.scores, row.points, row.grade = verdict.scores, verdict.points, verdict.grade
    usual = usual_outcome(verdict.grade)
    row.outcome = outcome or (Outcome.TO_MEND if mend_by else usual)
    row.mend_by = mend_by
    if row.outcome == Outcome.MET and not verdict.is_enough:
        raise ValidationError({"outcome": CANNOT_BE_MET})
    if row.outcome == Outcome.NOT_MET and verdict.is_enough:
        raise ValidationError({"outcome": CANNOT_BE_FAILED})
    if mend_by and mend_by - row.inspected_on > LONGEST_MENDING:
        raise ValidationError({"mend_by": TOO_LONG_TO_MEND})
    for name in ("inspectors", "remark"):
        if "\x00" in getattr(row, name):
            raise ValidationError({name: "这里有不能保存的字符，请重新填写。"})
    known = ["branch", "household", "standard", "recorded_by", "client_token"]
    row.full_clean(exclude=known, validate_unique=False)


def _refuse_kind(user, kind: str, branch: Branch, subject: str) -> None:
    if kind not in InspectionKind.values:
        raise ValidationError({"kind": "请选一个评比类别。"})
    if not may_record(user, kind, branch, subject):
        label = InspectionKind(kind).label
        sentence = NOT_YOURS.format(kind=label, who=WHO.get(kind, "本村"))
        raise ValidationError({"kind": sentence})


def _refuse_place(row: Inspection) -> None:
    day = row.inspected_on
    if not isinstance(day, date):
        raise ValidationError({"inspected_on": "请填评比日期。"})
    if row.household and row.household.village_on(day) is None:
        raise ValidationError({"inspected_on": NOT_REGISTERED.format(day=day)})
    if not row.branch.exists_on(day):
        sentence = NOT_THERE.format(branch=row.branch, day=day)
        raise ValidationError({"inspected_on": sentence})


def _village_now(household: Household, day: date) -> Branch | None:
    """Hold *household* and return where it was on *day*, if its village has merged
    while the form was on its way; None if it has not."""
    rows = Household.objects.select_for_update(no_key=True)
    held = rows.get(pk=household.pk)
    has_moved = held.branch_id != household.branch_id
    return (held.village_on(day) or held.branch) if has_moved else None


def _sent_before(token, branch, household) -> Inspection | None:
    sent = Inspection.objects.filter(client_token=token).first()
    if sent is None:
        return None
    # A household's village may have merged since it was sent.
    same = (
        sent.household_id == household.pk
        if household
        else (sent.household_id is None and sent.branch_id == branch.pk)
    )
    if not same:
        raise ValidationError(SENT_ELSEWHERE)
    return sent


def _photo_sent_before(inspection, key) -> InspectionPhoto | None:
    sent = InspectionPhoto.objects.filter(key=key).first()
    if sent and sent.inspection_id != inspection.pk:
        raise ValidationError(PHOTO_SENT_ELSEWHERE)
    return sent


def _keep(photo: InspectionPhoto, content: ContentFile) -> InspectionPhoto:
    """Write file and row; the lock on the inspection lets two senders count in turn."""
    rows = Inspection.objects.select_for_update(no_key=True)
    stored = rows.get(pk=photo.inspection_id)
    if sent := _photo_sent_before(stored, photo.key):
        return sent
    if stored.photos.count() >= MOST_PHOTOS:
        raise ValidationError(FULL, code="full")
    photo.image.save(content.name, content, save=False)
    try:
        photo.save()
    except BaseException:
        # The row will not be there, so the file must not stay.
        photo.image.storage.delete(photo.image.name)
        raise
    return photo
