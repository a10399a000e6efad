"""Recording what was seen: by the standard of the day, and once however often sent."""

import uuid
from datetime import date, timedelta
from io import BytesIO

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image

from families import inspections, standards
from families.models import Criterion, Inspection, InspectionPhoto, Standard
from families.models.choices import Grade, InspectionKind, Outcome, Subject
from federation.months import local_today
from tests.factories import HouseholdFactory
from tests.families.conftest import SEEN_ON, look_at, look_at_village, scores

Kind = InspectionKind


@pytest.fixture
def household(community, office):
    return HouseholdFactory(branch=community, number=7)


def refusal(write, field=None) -> str:
    with pytest.raises(ValidationError) as caught:
        write()
    assert field is None or list(caught.value.error_dict) == [field]
    return "".join(caught.value.messages)


# Points ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "points", "grade", "outcome"),
    [
        (0, 100, Grade.MODEL, Outcome.MET),
        (15, 85, Grade.MODEL, Outcome.MET),
        (16, 84, Grade.FAIR, Outcome.MET),
        (25, 75, Grade.FAIR, Outcome.MET),
    ],
)
def test_points_decide_the_grade(office, household, missing, points, grade, outcome):
    row = look_at(office.village, household, missing=missing)

    assert (row.points, row.grade, row.outcome) == (points, grade, outcome)
    assert Inspection.objects.get() == row


def test_less_than_fair_is_not_met(office, household):
    given = {key: value // 2 for key, value in scores().items()}
    row = inspections.record(
        office.village,
        household=household,
        kind=Kind.VILLAGE,
        inspected_on=SEEN_ON,
        scores=given,
    )

    assert row.points == 12 + 10 + 10 + 7 + 10
    assert (row.grade, row.outcome) == (Grade.BELOW, Outcome.NOT_MET)


def test_a_veto_outweighs_all_points(office, household):
    row = inspections.record(
        office.village,
        household=household,
        kind=Kind.VILLAGE,
        inspected_on=SEEN_ON,
        scores=scores(veto=True),
    )

    assert (row.points, row.grade, row.outcome) == (100, Grade.BELOW, Outcome.NOT_MET)
    veto = Criterion.objects.get(is_veto=True, standard=row.standard)
    assert row.scores[str(veto.pk)] == 1


def test_a_date_to_mend_by_makes_it_to_mend(office, household):
    row = look_at(office.village, household, missing=5, mend_by=date(2026, 4, 1))

    assert (row.outcome, row.mend_by) == (Outcome.TO_MEND, date(2026, 4, 1))


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"outcome": "not_met"}, "outcome", "已达到合格线"),
        ({"outcome": "to_mend"}, None, "要写整改期限"),
        ({"outcome": "met", "mend_by": date(2026, 4, 1)}, None, "其他结果不写"),
        ({"mend_by": SEEN_ON}, "mend_by", "要在评比日期之后"),
        ({"mend_by": date(2999, 1, 1)}, "mend_by", "最长一年"),
        ({"outcome": "splendid"}, "outcome", "splendid"),
        ({"remark": "好\x00"}, "remark", "不能保存的字符"),
        ({"remark": "好" * 201}, "remark", "200"),
        ({"remark": "11010519491231002X"}, "remark", "身份证号"),
        ({"kind": "none such"}, "kind", "请选一个评比类别"),
        ({"day": local_today() + timedelta(1)}, "inspected_on", "在今天之后"),
    ],
)
def test_what_cannot_be_is_refused(office, household, values, field, sentence):
    found = refusal(lambda: look_at(office.village, household, **values), field)

    assert sentence in found
    assert not Inspection.objects.exists()


@pytest.mark.parametrize(
    "worth", [26, -1, 12.5, True, "x", "２５", [1], None, "1" * 99]
)
def test_points_are_whole_and_within_the_weight(office, household, worth):
    given = scores()
    first = next(iter(given))

    found = refusal(
        lambda: inspections.judge(
            inspections.standard_on(Subject.HOUSEHOLD, SEEN_ON), given | {first: worth}
        ),
        "scores",
    )
    assert "庭院整洁" in found


def test_criteria_of_another_standard_are_refused(office, household):
    given = scores() | {"999999": 3}
    standard = inspections.standard_on(Subject.HOUSEHOLD, SEEN_ON)

    found = refusal(lambda: inspections.judge(standard, given), "scores")

    assert "刷新页面后按新标准打分" in found


def test_a_new_version_applies_from_its_day_and_old_inspections_keep_theirs(
    office, household
):
    old = look_at(office.village, household)
    new = Standard.objects.create(name="新标准", applies_from=date(2026, 5, 1))
    lone = Criterion.objects.create(standard=new, name="庭院", weight=100)

    later = inspections.record(
        office.village,
        household=household,
        kind=Kind.VILLAGE,
        inspected_on=date(2026, 5, 1),
        scores={lone.pk: 84},
    )

    assert (later.standard, later.grade) == (new, Grade.FAIR)
    assert look_at(office.village, household, date(2026, 4, 30)).standard != new
    old.refresh_from_db()
    assert old.standard.name == "出彩人家示范户标准"


def test_an_unfinished_standard_measures_nobody(office, household):
    Criterion.objects.filter(name="家风文明").delete()

    assert "合计不是 100 分" in refusal(lambda: scores())
    standards_ = Standard.objects.filter(subject=Subject.HOUSEHOLD)
    standards_.update(applies_from=date(2026, 4, 1))
    assert "还没有家庭户的评选标准" in refusal(lambda: scores())


# Who and where ---------------------------------------------------------------------


def test_a_village_enters_its_own_looks_and_not_those_of_the_street(office, household):
    for kind in (Kind.SELF, Kind.VILLAGE, Kind.REVISIT):
        look_at(office.village, household, kind=kind)
    for kind in (Kind.TOWN, Kind.DISTRICT):
        found = refusal(
            lambda kind=kind: look_at(office.village, household, kind=kind), "kind"
        )
        assert "登记" in found
    look_at(office.street, household, kind=Kind.TOWN)
    refusal(lambda: look_at(office.street, household, kind=Kind.DISTRICT), "kind")
    look_at(office.district, household, kind=Kind.DISTRICT)


def test_a_village_does_not_decide_about_itself_by_a_revisit(office, community):
    def revisit(user):
        return look_at_village(user, community, kind=Kind.REVISIT)

    found = refusal(lambda: revisit(office.village), "kind")

    assert found == "“回访”由镇街审核员登记，请另选类别。"
    row = revisit(office.street)
    points = scores(subject=Subject.VILLAGE, missing=3)
    found = refusal(lambda: inspections.correct(row, office.village, scores=points))
    assert found == "“回访”由镇街审核员更正。"


def test_nobody_records_in_another_village(office, household, auditor):
    for user in (office.sister, auditor):
        with pytest.raises(PermissionDenied):
            look_at(user, household)
    assert not Inspection.objects.exists()


def test_whoever_has_left_is_not_inspected(office, household):
    household.left_on = SEEN_ON
    household.save()

    assert "不在名册上" in refusal(lambda: look_at(office.village, household))
    look_at(office.village, household, SEEN_ON - timedelta(1))


def test_a_closed_village_is_not_inspected(office, community):
    community.closed_on = date(2026, 3, 1)
    community.save()

    found = refusal(lambda: look_at_village(office.street, community))

    assert "已经撤销" in found


# Sent again ------------------------------------------------------------------------


def test_sent_twice_it_is_one(office, household):
    token = uuid.uuid4()
    first = look_at(office.village, household, client_token=token)
    again = look_at(office.village, household, missing=9, client_token=token)

    assert again == first
    assert Inspection.objects.get().points == 100


def test_the_token_of_another_household_is_refused(office, household, community):
    token = uuid.uuid4()
    look_at(office.village, household, client_token=token)
    other = HouseholdFactory(branch=community)

    found = refusal(lambda: look_at(office.village, other, client_token=token))

    assert found == inspections.SENT_ELSEWHERE


def test_two_sendings_that_cross_make_one(office, household, monkeypatch):
    """The second one looked before the first was there."""
    token = uuid.uuid4()
    first = look_at(office.village, household, client_token=token)
    real, asked = inspections._sent_before, []

    def late(*args):
        asked.append(args)
        return real(*args) if len(asked) > 1 else None

    monkeypatch.setattr(inspections, "_sent_before", late)

    assert look_at(office.village, household, client_token=token) == first
    assert Inspection.objects.count() == 1


def test_a_walk_costs_few_queries(office, household, django_assert_max_num_queries):
    office.village.has_perm("families.add_inspection")
    with django_assert_max_num_queries(14):
        look_at(office.village, household)


# Corrected, photographed, logged ----------------------------------------------------


def test_a_correction_keeps_the_standard_of_its_day(office, household):
    row = look_at(office.village, household)
    new = Standard.objects.create(name="新标准", applies_from=date(2026, 5, 1))
    Criterion.objects.create(standard=new, name="庭院", weight=100)

    inspections.correct(row, office.street, scores=scores(missing=20), remark="重看")

    row.refresh_from_db()
    assert (row.points, row.grade, row.remark) == (80, Grade.FAIR, "重看")
    with pytest.raises(PermissionDenied):
        inspections.correct(row, office.sister, scores=scores())


def photo(name="庭院.jpg"):
    written = BytesIO()
    image = Image.new("RGB", (40, 30), "white")
    image.save(written, "JPEG", exif=image.getexif())
    return SimpleUploadedFile(name, written.getvalue(), "image/jpeg")


def test_a_photo_is_kept_clean_and_once(office, household):
    row, key = look_at(office.village, household), uuid.uuid4()

    kept = inspections.add_photo(row, office.village, photo(), key)

    assert inspections.add_photo(row, office.village, photo(), key) == kept
    assert kept.image.name == f"inspections/{row.pk}/{key}.jpg"
    with pytest.raises(PermissionDenied):
        inspections.add_photo(row, office.sister, photo(), uuid.uuid4())
    inspections.remove_photo(kept, office.village)
    assert not InspectionPhoto.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_removed_photo_takes_its_file_along(office, household):
    row = look_at(office.village, household)
    kept = inspections.add_photo(row, office.village, photo(), uuid.uuid4())
    assert default_storage.exists(kept.image.name)

    inspections.remove_photo(kept, office.village)

    assert not default_storage.exists(kept.image.name)


def test_there_are_six_photos_at_most(office, household):
    row, other = look_at(office.village, household), look_at(office.village, household)
    for _ in range(inspections.MOST_PHOTOS):
        inspections.add_photo(row, office.village, photo(), uuid.uuid4())
    key = row.photos.first().key

    for where, name, sentence in (
        (row, uuid.uuid4(), "最多 6 张"),
        (other, key, "另一条评比"),
    ):
        found = refusal(
            lambda where=where, name=name: inspections.add_photo(
                where, office.village, photo(), name
            )
        )
        assert sentence in found
    file = SimpleUploadedFile("庭院.jpg", b"GIF89a")
    with pytest.raises(ValidationError):
        inspections.add_photo(other, office.village, file, uuid.uuid4())


def test_the_log_has_no_remark(office, household):
    look_at(office.village, household, remark="东屋堆着柴")

    assert not LogEntry.objects.filter(changes__icontains="堆着柴").exists()


def test_the_first_standards_are_whole_and_loaded_once(first_standards):
    assert [s.subject for s in first_standards] == ["household", "village"]
    for standard in first_standards:
        standards.refuse_weights([c.weight for c in standard.criteria.all()])
        assert (standard.model_mark, standard.fair_mark) == (85, 70)
    assert standards.load_first(date(2023, 1, 1)) == []
    names = [c.name for c in first_standards[0].criteria.filter(is_veto=False)]
    assert names == ["庭院整洁", "居室整洁", "厨厕卫生", "绿化布局", "家风文明"]


def test_the_command_writes_them_once(db, capsys):
    call_command("load_standards", "--from", "2024-01-01")
    call_command("load_standards")

    told = capsys.readouterr().out
    assert told.count("已写入") == 2
    assert "没有改动" in told
    assert Standard.objects.filter(applies_from=date(2024, 1, 1)).count() == 2
